/* recvmsg(2) as an emulator of a Linux process translates it.
   clang --target=s390x-linux-gnu -static qemu_recvmsg.c -o guest && qemu-s390x ./guest */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int pair[2];

/* "abcdefgh", with that many descriptors. */
static void send_with(int descriptors) {
  union {
    char bytes[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr aligned;
  } control = {0};
  struct msghdr message = {.msg_iov = &(struct iovec){"abcdefgh", 8}, .msg_iovlen = 1};
  if (descriptors != 0) {
    message.msg_control = &control, message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
    struct cmsghdr* item = CMSG_FIRSTHDR(&message);
    *item = (struct cmsghdr){CMSG_LEN(descriptors * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memset(CMSG_DATA(item), 0, descriptors * sizeof(int));
  }
  if (sendmsg(pair[0], &message, 0) != 8) abort();
}

static int next_descriptor(void) {
  int next = dup(0);
  close(next);
  return next;
}

static ssize_t receive(struct iovec* parts, size_t count, void* control, size_t room, struct msghdr* message) {
  *message = (struct msghdr){.msg_iov = parts, .msg_iovlen = count, .msg_control = control, .msg_controllen = room};
  errno = 0;
  return recvmsg(pair[1], message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
}

int main(void) {
  char data[8] = "--------";
  char control[256] __attribute__((aligned(8)));
  struct msghdr message;
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);

  ssize_t result = receive(NULL, 0, NULL, 0, &message);
  printf("no buffers, nothing there: %zd, %s\n", result, result < 0 ? strerror(errno) : "success");
  send_with(0);
  result = receive(NULL, 0, NULL, 0, &message);
  printf("no buffers, a datagram: %zd, MSG_TRUNC %d", result, (message.msg_flags & MSG_TRUNC) != 0);
  result = receive(&(struct iovec){data, 8}, 1, NULL, 0, &message);
  printf("; then %zd, %s\n", result, result < 0 ? strerror(errno) : "success");

  char* page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  send_with(0);
  result = receive((struct iovec[]){{data, 4}, {page, 4}}, 2, NULL, 0, &message);
  printf("a second buffer that cannot be written: %zd, %s\n", result, result < 0 ? strerror(errno) : "success");
  while (receive(&(struct iovec){data, 8}, 1, NULL, 0, &message) >= 0) continue;

  char* pages = mmap(NULL, 4 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(pages, 1 << 16, PROT_READ | PROT_WRITE);
  send_with(0);
  result = receive(&(struct iovec){pages + (1 << 16) - 8, 16}, 1, NULL, 0, &message);
  printf("a buffer of 16, of which 8 can be written: %zd, %s\n", result, result < 0 ? strerror(errno) : "success");
  while (receive(&(struct iovec){data, 8}, 1, NULL, 0, &message) >= 0) continue;

  int before = next_descriptor();
  send_with(3);
  receive(&(struct iovec){data, 8}, 1, control, CMSG_SPACE(sizeof(int)), &message);
  struct cmsghdr* item = CMSG_FIRSTHDR(&message);
  size_t reported = item == NULL ? 0 : (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  printf("3 descriptors, room for 2: MSG_CTRUNC %d, %zu reported, %d opened\n", (message.msg_flags & MSG_CTRUNC) != 0,
         reported, next_descriptor() - before);

  const int on = 1;
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  send_with(0);
  memset(control, '-', sizeof control);
  receive(&(struct iovec){data, 8}, 1, control, 16, &message);
  size_t changed = 0;
  for (size_t i = 16; i < sizeof control; ++i) changed += control[i] != '-';
  printf("credentials, room for their header: MSG_CTRUNC %d, %zu bytes behind the room are written\n",
         (message.msg_flags & MSG_CTRUNC) != 0, changed);

  int to_itself = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  bind(to_itself, (struct sockaddr*)&name, sizeof name);
  setsockopt(to_itself, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  getsockname(to_itself, (struct sockaddr*)&name, &(socklen_t){sizeof name});
  sendto(to_itself, "a", 1, 0, (struct sockaddr*)&name, sizeof name);
  int of_unix = pair[1];
  pair[1] = to_itself;
  receive(&(struct iovec){data, 8}, 1, control, sizeof control, &message);
  pair[1] = of_unix;
  item = CMSG_FIRSTHDR(&message);
  struct in6_pktinfo info = {.ipi6_ifindex = 0};
  if (item != NULL) memcpy(&info, CMSG_DATA(item), sizeof info);
  printf("a packet of the loopback interface: interface %u\n", info.ipi6_ifindex);

  size_t room = 64 << 20;
  void* large = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  send_with(0);
  printf("64 MiB of room for ancillary data: ");
  fflush(stdout);
  result = receive(&(struct iovec){data, 8}, 1, large, room, &message);
  printf("%zd\n", result);
}
