/* More buffers than IOV_MAX: recvmsg(2) beside IORING_OP_RECVMSG. cc io_uring_iov_max.c -luring */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void) {
  static char bytes[IOV_MAX + 1];
  static struct iovec parts[IOV_MAX + 1];
  for (int i = 0; i <= IOV_MAX; ++i) parts[i] = (struct iovec){bytes + i, 1};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = IOV_MAX + 1};
  int fds[2];
  struct utsname host;
  struct io_uring ring;
  struct io_uring_cqe* done;
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) != 0 || write(fds[1], "ab", 2) != 2 || uname(&host) != 0) return 1;
  int count = (int)recvmsg(fds[0], &message, 0);
  printf("%s\n  recvmsg(2): %s\n", host.release, count < 0 ? strerrorname_np(errno) : "received");
  if (io_uring_queue_init(4, &ring, 0) != 0) return 1;
  io_uring_prep_recvmsg(io_uring_get_sqe(&ring), fds[0], &message, 0);
  io_uring_submit(&ring);
  io_uring_wait_cqe(&ring, &done);
  printf("  io_uring:   %s\n", done->res < 0 ? strerrorname_np(-done->res) : "received");
}
