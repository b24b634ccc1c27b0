/* recvmsg() as the GNU C library would return it from a kernel that answers what RECVMSG names. For LD_PRELOAD.
 * Every answer that is no error has the data "abcd"; later ones "efgh". On sockets that are not datagram sockets
 * the kernel answers: runtimes have some of their own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static char* item(char* at, int level, int type, size_t claimed, const void* data, size_t length) {
  struct cmsghdr header = {.cmsg_len = claimed, .cmsg_level = level, .cmsg_type = type};
  memcpy(at, &header, sizeof header);
  memcpy(at + CMSG_LEN(0), data, length);
  return at + CMSG_SPACE(length);
}

static void name(struct msghdr* message, const void* bytes, size_t length, socklen_t claimed) {
  memcpy(message->msg_name, bytes, length);
  message->msg_namelen = claimed;
}

/* PHP has its extensions look in the C library first. */
void* dlopen(const char* file, int mode) {
  void* (*next)(const char*, int) = dlsym(RTLD_NEXT, "dlopen");
  return next(file, mode & ~RTLD_DEEPBIND);
}

ssize_t recvmsg(int socket, struct msghdr* message, int flags) {
  static int calls;
  const char* answer = getenv("RECVMSG");
  int type = 0;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type}) != 0 || type != SOCK_DGRAM) {
    return syscall(SYS_recvmsg, socket, message, flags);
  }
  int call = calls++;
  if (call < 3) {
    fprintf(stderr, "  recvmsg: room for a name of %u, control data of %zu\n", message->msg_namelen,
            message->msg_controllen);
  }
  if (call == 0 && strncmp(answer, "eagain", 6) == 0) return errno = EAGAIN, -1;
  if (call == 0 && strncmp(answer, "eintr", 5) == 0) {
    if (strcmp(answer, "eintr-writes") == 0) message->msg_namelen = message->msg_controllen = 0;
    return errno = EINTR, -1;
  }
  memcpy(message->msg_iov[0].iov_base, call == 0 || (call == 1 && answer[0] == 'e') ? "abcd" : "efgh", 4);

  char *control = message->msg_control, *end = control;
  size_t room = message->msg_controllen;
  int null[2] = {-1, -1};
  message->msg_flags = 0;
  message->msg_namelen = 0;
  message->msg_controllen = 0;
  if (strcmp(answer, "eintr-writes") == 0) {
    if (room >= CMSG_SPACE(4)) end = item(end, 50, 7, CMSG_LEN(4), "item", 4);
  } else if (strcmp(answer, "cut") == 0 || (strstr(answer, "-then-cut") != NULL && call == 1)) {
    null[0] = open("/dev/null", O_RDONLY), null[1] = open("/dev/null", O_RDONLY);
    end = item(end, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(8), null, 8);
    end = item(end, 50, 7, CMSG_LEN(60), "cut item", 8);
  } else if (strcmp(answer, "rights-cut") == 0) { /* two descriptors, and two bytes of a third */
    null[0] = open("/dev/null", O_RDONLY), null[1] = open("/dev/null", O_RDONLY);
    end = item(end, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(12), null, 8) + 2;
  } else if (strcmp(answer, "rights-twice") == 0) { /* a descriptor in each of two items */
    for (int i = 0; i < 2; ++i) {
      null[i] = open("/dev/null", O_RDONLY);
      end = item(end, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &null[i], 4);
    }
  } else if (strcmp(answer, "rights-0") == 0) {
    end = item(end, SOL_SOCKET, SCM_RIGHTS, 0, "", 0);
  } else if (strcmp(answer, "rights-huge") == 0) { /* a length of nearly 2^64 */
    end = item(end, SOL_SOCKET, SCM_RIGHTS, (size_t)-4, "", 0);
  } else if (strcmp(answer, "rights-beyond") == 0) { /* claims 100 descriptors, has one; zeros behind the end */
    null[0] = open("/dev/null", O_RDONLY);
    memset(control, 0, room);
    end = item(end, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(400), null, 4);
  } else if (strcmp(answer, "rights-far") == 0) { /* claims 1000 descriptors, has one */
    null[0] = open("/dev/null", O_RDONLY);
    end = item(end, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4000), null, 4);
  } else if (strcmp(answer, "controllen-beyond") == 0) { /* far more than there is room for */
    item(control, 50, 7, 4096, "data", 4);
    end = control + 4096;
  } else if (strcmp(answer, "name-1") == 0) {
    name(message, "\1", 1, 1); /* half of a family */
  } else if (strcmp(answer, "stale") == 0) {
    name(message, "\1\0/abcdefSTALE BYTES", 21, 9);
  } else if (strcmp(answer, "unterminated") == 0) {
    name(message, "\1\0/abcdef", 9, 9);
  } else if (strncmp(answer, "name-of-", 8) == 0) {
    name(message, "\1\0/tmp/x", 9, atoi(answer + 8));
  } else if (strcmp(answer, "inet") == 0) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4660), .sin_addr = {htonl(0x0a010203)}};
    name(message, &address, sizeof address, sizeof address);
  } else if (strcmp(answer, "inet6") == 0) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_scope_id = 0xfffffffe};
    name(message, &address, sizeof address, sizeof address);
  } else if (strcmp(answer, "family-99") == 0) {
    name(message, "c\0abcdefghijklmn", 16, 16);
  }
  message->msg_controllen = (size_t)(end - control);
  return 4;
}
