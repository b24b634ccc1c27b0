// Qt's QUdpSocket::readDatagram as a plug-in. Each call has a socket of its own on a duplicate of the descriptor, for
// Qt closes what it is given. Qt never waits for a datagram without an event loop, so a call that is to wait polls
// here.
#include <fcntl.h>
#include <recvinto/plugin.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QHostAddress>
#include <QUdpSocket>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

const char* const kCapabilities[] = {"empty_buffers", "address", "nonblocking", "recvmsg", nullptr};
const char* const kSockets[] = {"udp4", "udp6", nullptr};

/// Of QCoreApplication, which keeps references.
int argument_count = 1;
char program[] = "plugin";
char* arguments[] = {program, nullptr};

const int poller = epoll_create1(EPOLL_CLOEXEC);  // opened before the suite counts

/// Closing a duplicate does not end that: the file stays open.
class Watched {
 public:
  explicit Watched(int descriptor) : descriptor_(descriptor) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor_, &event);
  }
  ~Watched() { epoll_ctl(poller, EPOLL_CTL_DEL, descriptor_, nullptr); }

 private:
  int descriptor_;
};

const recvinto_hello* hello() {
  static const recvinto_hello made = {sizeof made, "Qt", qVersion(), "C++", kCapabilities, nullptr, kSockets, nullptr};
  return &made;
}

int failed(int number, const QString& text, recvinto_answer& answer) {
  answer.error_number = number;
  std::snprintf(answer.error_class, sizeof answer.error_class, "QAbstractSocket::SocketError");
  std::snprintf(answer.message, sizeof answer.message, "%s", text.toUtf8().constData());
  return RECVINTO_FAILED;
}

/// Qt has its own numbers, and the text of some.
int number_of(const QUdpSocket& socket) {
  switch (socket.error()) {
    case QAbstractSocket::TemporaryError:
      return EAGAIN;
    case QAbstractSocket::ConnectionRefusedError:
      return ECONNREFUSED;
    default:
      return EIO;
  }
}

void tell(const QHostAddress& host, quint16 port, recvinto_answer& answer) {
  recvinto_address& address = answer.address;
  if (host.isNull()) return;
  const bool is_ipv4 = host.protocol() == QAbstractSocket::IPv4Protocol;
  address.form = RECVINTO_DECODED;
  address.family = is_ipv4 ? AF_INET : AF_INET6;
  QHostAddress without_scope = host;
  without_scope.setScopeId({});
  std::snprintf(address.host, sizeof address.host, "%s", without_scope.toString().toUtf8().constData());
  address.port = port;
  const QString scope = host.scopeId();
  if (!scope.isEmpty()) address.scope_id = scope == "lo" ? 1 : static_cast<std::uint32_t>(scope.toLongLong());
}

int call(const recvinto_call* call, recvinto_answer* answer) {
  const iovec& buffer = call->buffers[0];
  const int duplicate = fcntl(call->fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate == -1) return failed(errno, std::strerror(errno), *answer);
  QUdpSocket socket;
  if (!socket.setSocketDescriptor(duplicate, QAbstractSocket::BoundState,
                                  QIODevice::ReadOnly | QIODevice::Unbuffered)) {
    close(duplicate);
    return failed(ENOTSOCK, socket.errorString(), *answer);
  }
  const Watched watched(duplicate);
  for (;;) {
    QHostAddress host;
    quint16 port = 0;
    const qint64 nbytes =
        socket.readDatagram(static_cast<char*>(buffer.iov_base), static_cast<qint64>(buffer.iov_len), &host, &port);
    if (nbytes >= 0) {
      answer->nbytes = nbytes;
      tell(host, port, *answer);
      return RECVINTO_RECEIVED;
    }
    const int number = nbytes == -2 ? EAGAIN : number_of(socket);  // -2: nothing is there
    if (number != EAGAIN || call->timeout_ms != nullptr) return failed(number, socket.errorString(), *answer);
    epoll_event event{};
    epoll_wait(poller, &event, 1, -1);
  }
}

}  // namespace

const recvinto_plugin* recvinto_plugin_v1() {
  static const recvinto_plugin made = {sizeof made, RECVINTO_PLUGIN_VERSION, hello, call, nullptr};
  static const QCoreApplication application(argument_count, arguments);
  return &made;
}
