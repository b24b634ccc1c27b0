/* What recvmsg(2) returns on Linux and on gVisor. cc -Wall gvisor_recvmsg.c -o gvisor_recvmsg */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kRoom = 64 };

static int pair[2];

static int open_pair(int type) {
  return socketpair(AF_UNIX, type, 0, pair);
}

/* Sends, and `descriptor` with it unless that is -1. */
static void send_with(const char* data, int descriptor) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
  struct iovec part = {(char*)data, strlen(data)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
  if (descriptor >= 0) message.msg_control = &control, message.msg_controllen = sizeof control;
  if (sendmsg(pair[1], &message, 0) < 0) perror("sendmsg");
}

/* Receives into these parts with so much room for control data, and prints what came. */
static void receive(int socket, struct iovec* parts, int count, size_t room, int flags) {
  static _Alignas(struct cmsghdr) char control[256];
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = count, .msg_control = control, .msg_controllen = room};
  const ssize_t result = recvmsg(socket, &message, flags & MSG_WAITALL ? flags : flags | MSG_DONTWAIT);
  if (result < 0) {
    printf("    %s\n", strerrorname_np(errno));
    return;
  }
  printf("    %zd bytes, msg_flags%s, control data of %zu bytes\n", result,
         message.msg_flags & MSG_CTRUNC ? " MSG_CTRUNC" : " 0", message.msg_controllen);
}

int main(void) {
  static char bytes[kRoom];
  struct iovec whole = {bytes, kRoom};

  puts("A stream: four bytes with a descriptor, four without; MSG_WAITALL for eight");
  open_pair(SOCK_STREAM);
  send_with("abcd", 0);
  send_with("efgh", -1);
  receive(pair[0], &(struct iovec){bytes, 8}, 1, 128, MSG_WAITALL);
  puts("the same without room for control data");
  open_pair(SOCK_STREAM);
  send_with("abcd", 0);
  send_with("efgh", -1);
  for (int i = 0; i < 2; ++i) receive(pair[0], &whole, 1, 0, 0);

  puts("A datagram of no bytes, with a descriptor, then one of four bytes");
  open_pair(SOCK_DGRAM);
  send_with("", 0);
  send_with("next", -1);
  for (int i = 0; i < 2; ++i) receive(pair[0], &whole, 1, 128, 0);

  puts("IP_PKTINFO without room for it");
  const int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  bind(receiver, (struct sockaddr*)&address, length);
  getsockname(receiver, (struct sockaddr*)&address, &length);
  setsockopt(receiver, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  sendto(sender, "abcd", 4, 0, (struct sockaddr*)&address, length);
  poll(&(struct pollfd){receiver, POLLIN, 0}, 1, 5000);
  receive(receiver, &whole, 1, 0, 0);

  puts("SO_PEEK_OFF at 2 of \"abcd\"");
  open_pair(SOCK_STREAM);
  const int offset = 2;
  if (setsockopt(pair[0], SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset) != 0) perror("    setsockopt");
  send_with("abcd", -1);
  receive(pair[0], &whole, 1, 0, MSG_PEEK);

  puts("A datagram that does not reach an inaccessible second part");
  open_pair(SOCK_DGRAM);
  send_with("abcd", -1);
  void* nothing = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct iovec parts[] = {{bytes, 4}, {nothing, 4}};
  receive(pair[0], parts, 2, 0, 0);

  puts("MSG_MORE, which is for send(2)");
  open_pair(SOCK_STREAM);
  send_with("abcd", -1);
  receive(pair[0], &whole, 1, 0, MSG_MORE);

  puts("The peer of a stream sends \"abcd\" and closes with unread data of ours");
  open_pair(SOCK_STREAM);
  send_with("abcd", -1);
  if (write(pair[0], "unread", 6) != 6) perror("write");
  close(pair[1]);
  for (int i = 0; i < 3; ++i) receive(pair[0], &whole, 1, 0, 0);

  puts("The peer of a datagram socket closes");
  open_pair(SOCK_DGRAM);
  close(pair[1]);
  receive(pair[0], &whole, 1, 0, 0);
  return 0;
}
