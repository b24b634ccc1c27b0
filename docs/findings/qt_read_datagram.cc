// Qt: an error of readDatagram, and an address of another family as scripted_recvmsg.c answers.
// g++ -std=c++17 -fPIC qt_read_datagram.cc -o qt_read_datagram $(pkg-config --cflags --libs Qt5Network) &&
// RECVMSG=family-99 LD_PRELOAD=./scripted_recvmsg.so ./qt_read_datagram
#include <unistd.h>

#include <QCoreApplication>
#include <QHostAddress>
#include <QUdpSocket>
#include <cstdio>

int main(int count, char** arguments) {
  QCoreApplication application(count, arguments);
  std::printf("Qt %s\n", qVersion());
  QUdpSocket here, there;
  here.bind(QHostAddress::LocalHost);
  there.writeDatagram("abcd", 4, QHostAddress::LocalHost, here.localPort());
  char data[5] = "----";
  QHostAddress host;
  quint16 port = 0;
  const qint64 nbytes = here.readDatagram(data, 4, &host, &port);
  std::printf("%lld bytes, from %s port %d\n", nbytes, qPrintable(host.toString()), port);
  close(static_cast<int>(here.socketDescriptor()));
  const qint64 failed = here.readDatagram(data, 4, &host, &port);
  std::printf("a descriptor that is closed: %lld, error %d, %s\n", failed, here.error(),
              qPrintable(here.errorString()));
}
