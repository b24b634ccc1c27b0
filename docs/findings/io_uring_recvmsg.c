/* recvmsg(2) beside IORING_OP_RECVMSG: the same call on sockets in the same state. cc io_uring_recvmsg.c -luring */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void give(int fd, const char* data, int file) {
  char control[CMSG_SPACE(sizeof file)] = {0};
  struct iovec part = {(void*)data, strlen(data)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};
  if (file >= 0) message.msg_controllen = sizeof control;
  struct cmsghdr* item = CMSG_FIRSTHDR(&message);
  if (item != NULL) {
    *item = (struct cmsghdr){CMSG_LEN(sizeof file), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(item), &file, sizeof file);
  }
  sendmsg(fd, &message, 0);
}

/* What recvmsg(2) returns, or -errno; -ETIME: io_uring still waits after a second. */
static int receive(struct io_uring* ring, int fd, struct msghdr* message, int flags) {
  if (ring == NULL) {
    int count = (int)recvmsg(fd, message, flags);
    return count < 0 ? -errno : count;
  }
  struct __kernel_timespec second = {.tv_sec = 1};
  struct io_uring_cqe* done;
  io_uring_prep_recvmsg(io_uring_get_sqe(ring), fd, message, flags);
  io_uring_submit(ring);
  return io_uring_wait_cqe_timeout(ring, &done, &second) != 0 ? -ETIME : done->res;
}

static void try(int which, struct io_uring* ring) {
  const struct timeval soon = {.tv_usec = 100000};
  const int low = 4;
  const int type = which == 0 ? SOCK_SEQPACKET : SOCK_STREAM;
  int fds[2], flags = 0;
  if (which == 6)
    fds[0] = socket(AF_INET, SOCK_DGRAM, 0), flags = MSG_ERRQUEUE;
  else if (socketpair(AF_UNIX, type, 0, fds) != 0)
    return;
  if (which == 0) give(fds[1], "ab", -1), give(fds[1], "cd", -1), flags = MSG_WAITALL;
  if (which == 1) give(fds[1], "a", -1), flags = MSG_WAITALL | MSG_PEEK;
  if (which == 2) give(fds[1], "a", 0), give(fds[1], "bcd", -1), flags = MSG_WAITALL;
  if (which == 3) fcntl(fds[0], F_SETFL, O_NONBLOCK);
  if (which == 7) give(fds[1], "ab", -1), flags = MSG_WAITALL;
  if (which == 4 || which == 5 || which == 7) setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
  if (which == 5) give(fds[1], "ab", -1), setsockopt(fds[0], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low);

  char data[16] = "";
  _Alignas(struct cmsghdr) char control[64];
  struct iovec part = {data, 4};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};
  if (which > 2) message.msg_controllen = sizeof control;
  struct timespec begin, end;
  int first = dup(0);
  close(first);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  int count = receive(ring, fds[0], &message, flags);
  clock_gettime(CLOCK_MONOTONIC, &end);
  int next = dup(0);
  long ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
  printf("  %-11s ", ring == NULL ? "recvmsg(2):" : "io_uring:");
  if (count == -ETIME) {
    puts("waits, given up");
  } else if (count < 0) {
    printf("%s after %ld ms\n", strerrorname_np(-count), ms);
  } else {
    printf("\"%.*s\" after %ld ms, new descriptors %d\n", count, data, ms, next - first);
  }
}

int main(void) {
  const char* titles[] = {"MSG_WAITALL, a seqpacket socket with messages \"ab\" and \"cd\"",
                          "MSG_WAITALL|MSG_PEEK, a stream with \"a\"",
                          "MSG_WAITALL, a stream with \"a\" and a descriptor, then \"bcd\"",
                          "O_NONBLOCK, nothing there",
                          "SO_RCVTIMEO of 100 ms, nothing there",
                          "SO_RCVLOWAT of 4, a stream with \"ab\", SO_RCVTIMEO of 100 ms",
                          "MSG_ERRQUEUE, no error, UDP",
                          "MSG_WAITALL and room for items, a stream with \"ab\", SO_RCVTIMEO of 100 ms"};
  for (int i = 0; i < 16; ++i) {
    if (i % 2 == 0) puts(titles[i / 2]);
    fflush(stdout);
    if (fork() != 0) {
      wait(NULL);
      continue;
    }
    struct io_uring ring;
    if (i % 2 == 1 && io_uring_queue_init(4, &ring, 0) != 0)
      puts("  io_uring: not on this host");
    else
      try(i / 2, i % 2 == 1 ? &ring : NULL);
    fflush(stdout);
    _exit(0);
  }
}
