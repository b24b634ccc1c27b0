// g_socket_receive_message() in blocking mode, on a UDP socket with an unread error in its queue.
//
//     cc -Wall glib_busy_wait.c $(pkg-config --cflags --libs gio-2.0) -o glib_busy_wait
#include <arpa/inet.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void report(int signum) {
  (void)signum;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("GLib %u.%u.%u: still waits after 3 s, %.2f s of processor time, slept %ld times\n", glib_major_version,
         glib_minor_version, glib_micro_version,
         (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
         usage.ru_nvcsw);
  fflush(stdout);
  _exit(0);
}

int main(void) {
  const int one = 1, receiver = socket(AF_INET, SOCK_DGRAM, 0), closed = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, port;
  socklen_t size = sizeof port;
  bind(receiver, (struct sockaddr*)&loopback, sizeof loopback);
  bind(closed, (struct sockaddr*)&loopback, sizeof loopback);
  getsockname(closed, (struct sockaddr*)&port, &size);
  close(closed);
  setsockopt(receiver, IPPROTO_IP, IP_RECVERR, &one, sizeof one);
  sendto(receiver, "ABCDEF", 6, 0, (struct sockaddr*)&port, sizeof port);
  poll(&(struct pollfd){.fd = receiver, .events = 0}, 1, -1);  // until the error is there

  GSocket* adopted = g_socket_new_from_fd(receiver, NULL);
  char data[8];
  GInputVector vector = {.buffer = data, .size = sizeof data};
  GError* error = NULL;
  g_socket_receive_message(adopted, NULL, &vector, 1, NULL, NULL, NULL, NULL, &error);
  printf("first: %s\n", error->message);
  signal(SIGALRM, report);
  alarm(3);
  g_socket_receive_message(adopted, NULL, &vector, 1, NULL, NULL, NULL, NULL, NULL);
  return 1;
}
