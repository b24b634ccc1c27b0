// g_socket_receive_message() of GLib 2.74.6 and the sender whose pathname fills sun_path: the last byte is lost, and a
// reply to that address reaches another socket.
//
// cc -Wall glib_108_byte_path.c $(pkg-config --cflags --libs gio-2.0 gio-unix-2.0) -o glib_108_byte_path
#define _GNU_SOURCE
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { kSunPath = sizeof(((struct sockaddr_un*)0)->sun_path) };

static int bound_to(const char* path, size_t length) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  memcpy(name.sun_path, path, length);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (bind(fd, (struct sockaddr*)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0) {
    perror("bind");
    _exit(1);
  }
  return fd;
}

static void show_queue(const char* whose, int fd) {
  char data[8] = "";
  const ssize_t size = recv(fd, data, sizeof data - 1, 0);
  printf("%s %s\n", whose, size < 0 ? "nothing" : data);
}

int main(void) {
  char directory[] = "/tmp/glib-XXXXXX";
  if (mkdtemp(directory) == NULL || chdir(directory) != 0) return 1;
  char path[kSunPath + 1];
  memset(path, 'p', sizeof path);
  path[kSunPath - 1] = 'Z';  // the last byte, number 108
  path[kSunPath] = 0;

  const int sender = bound_to(path, kSunPath);
  const int other = bound_to(path, kSunPath - 1);  // a socket of another name, shorter by a byte
  const int receiver = bound_to("receiver", strlen("receiver"));
  struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "receiver"};

  // What the system says.
  sendto(sender, "one", 3, 0, (struct sockaddr*)&to, sizeof to);
  struct sockaddr_storage from = {0};
  char data[8] = "";
  struct iovec piece = {data, sizeof data};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};
  recvmsg(receiver, &message, 0);
  const char* name = ((struct sockaddr_un*)&from)->sun_path;
  printf("recvmsg(2):  msg_namelen %u, %zu bytes, the last is %c\n", message.msg_namelen, strlen(name),
         name[strlen(name) - 1]);

  // What GLib says.
  sendto(sender, "two", 3, 0, (struct sockaddr*)&to, sizeof to);
  GSocket* socket = g_socket_new_from_fd(receiver, NULL);
  GSocketAddress* address = NULL;
  GInputVector vector = {data, sizeof data};
  gint flags = 0;
  g_socket_receive_message(socket, &address, &vector, 1, NULL, NULL, &flags, NULL, NULL);
  const char* reported = g_unix_socket_address_get_path(G_UNIX_SOCKET_ADDRESS(address));
  const gsize length = g_unix_socket_address_get_path_len(G_UNIX_SOCKET_ADDRESS(address));
  printf("GLib %u.%u.%u: %zu bytes, the last is %c\n", glib_major_version, glib_minor_version, glib_micro_version,
         length, reported[length - 1]);

  // A reply to whom the message came from, as GLib tells it.
  GError* error = NULL;
  g_socket_send_to(socket, address, "reply", 5, NULL, &error);
  if (error != NULL) printf("the reply failed: %s\n", error->message);
  show_queue("the sender has received:      ", sender);
  show_queue("the other socket has received:", other);

  unlink("receiver");
  unlink(reported);
  unlink(path);
  return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : 1;
}
