/* What g_socket_receive_message() of GLib makes of the answers of scripted_recvmsg.c. */
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* What earlier calls have left on the stack. */
static __attribute__((noinline)) void use_the_stack(void) {
  volatile char used[8192];
  for (size_t i = 0; i < sizeof used; ++i) used[i] = 'S';
}

static int descriptors(void) {
  int open = 0;
  for (int fd = 0; fd < 1024; ++fd) open += fcntl(fd, F_GETFD) != -1;
  return open;
}

int main(void) {
  int fds[2];
  char data[4] = "";
  GInputVector vector = {data, sizeof data};
  GSocketControlMessage** messages = NULL;
  GSocketAddress* address = NULL;
  GError* error = NULL;
  int count = 0;
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) != 0) return 1;
  setbuf(stdout, NULL);
  printf("GLib %u.%u.%u %s\n", glib_major_version, glib_minor_version, glib_micro_version, g_getenv("RECVMSG"));
  GSocket* receiver = g_socket_new_from_fd(fds[0], &error);
  int before = descriptors();
  use_the_stack();
  gssize nbytes = g_socket_receive_message(receiver, &address, &vector, 1, &messages, &count, NULL, NULL, &error);
  printf("  %zd bytes, %d messages, new descriptors: %d, address %s\n", (ssize_t)nbytes, count, descriptors() - before,
         G_IS_UNIX_SOCKET_ADDRESS(address)
             ? g_strescape(g_unix_socket_address_get_path(G_UNIX_SOCKET_ADDRESS(address)), NULL)
             : "none");
  for (int i = 0; i < count; ++i) {
    if (!G_IS_UNIX_FD_MESSAGE(messages[i])) continue;
    printf("  a message of %d descriptors; standard input is %s",
           g_unix_fd_list_get_length(g_unix_fd_message_get_fd_list(G_UNIX_FD_MESSAGE(messages[i]))),
           fcntl(0, F_GETFD) == -1 ? "closed" : "open");
    g_object_unref(messages[i]);
    printf("; after g_object_unref() it is %s\n", fcntl(0, F_GETFD) == -1 ? "closed" : "open");
  }
}
