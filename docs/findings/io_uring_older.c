/* recvmsg(2) beside IORING_OP_RECVMSG, where older kernels differ. cc io_uring_older.c -luring */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static void show(const char* entry, int result, const char* bytes) {
  if (result < 0)
    printf("  %-11s %s\n", entry, strerrorname_np(-result));
  else
    printf("  %-11s \"%.*s\"\n", entry, result, bytes);
}

/* Both receive from a stream with "ab", each from one of its own. */
static int try(const char* title, struct iovec* parts, int count, int flags) {
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
  struct io_uring ring;
  struct io_uring_cqe* done;
  int one[2], other[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, one) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, other) != 0) return 1;
  if (write(one[1], "ab", 2) != 2 || write(other[1], "ab", 2) != 2 || io_uring_queue_init(4, &ring, 0) != 0) return 1;
  puts(title);
  int result = (int)recvmsg(one[0], &message, flags);
  show("recvmsg(2):", result < 0 ? -errno : result, parts[0].iov_base);
  io_uring_prep_recvmsg(io_uring_get_sqe(&ring), other[0], &message, flags);
  io_uring_submit(&ring);
  io_uring_wait_cqe(&ring, &done);
  show("io_uring:", done->res, parts[0].iov_base);
  return 0;
}

int main(void) {
  static char bytes[IOV_MAX + 1];
  static struct iovec parts[IOV_MAX + 1];
  struct iovec whole = {bytes, 4};
  struct utsname host;
  for (int i = 0; i <= IOV_MAX; ++i) parts[i] = (struct iovec){bytes + i, 1};
  if (uname(&host) != 0) return 1;
  printf("Linux %s\n", host.release);
  return try("More buffers than IOV_MAX", parts, IOV_MAX + 1, 0) +
         try("MSG_WAITALL|MSG_DONTWAIT, \"ab\" and room for four", &whole, 1, MSG_WAITALL | MSG_DONTWAIT);
}
