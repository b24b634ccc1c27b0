/* recvmsg(2) beside recvmmsg(2) of one message, where an error waits behind data. cc recvmmsg_error.c */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void receive(int by_recvmmsg, int fd) {
  char data[16] = "";
  struct iovec part = {data, 4};
  struct mmsghdr one = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
  int count = by_recvmmsg ? recvmmsg(fd, &one, 1, 0, NULL) : (int)recvmsg(fd, &one.msg_hdr, 0);
  printf("  %s \"%s\"\n", count < 0 ? strerrorname_np(errno) : "no error", data);
}

int main(void) {
  for (int by_recvmmsg = 0; by_recvmmsg < 2; ++by_recvmmsg) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) return 1;
    send(fds[1], "abcd", 4, 0);
    send(fds[0], "never read", 10, 0);
    close(fds[1]); /* with unread data: ECONNRESET here */
    puts(by_recvmmsg ? "recvmmsg(2), vlen 1" : "recvmsg(2)");
    for (int i = 0; i < 3; ++i) receive(by_recvmmsg, fds[0]);
  }
}
