// To be preloaded: a kernel whose recvmsg(2) deviates, for whoever asks it. It changes the first byte of the data.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((visibility("default"))) long syscall(long number, ...);
__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr* message, int flags);

static long real_syscall(long number, const long* words) {
  static long (*real)(long, ...);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "syscall");
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

static ssize_t deviating_recvmsg(const long* words) {
  const ssize_t count = real_syscall(SYS_recvmsg, words);
  const struct msghdr* message = (const struct msghdr*)words[1];
  if (count > 0 && message->msg_iovlen > 0 && message->msg_iov[0].iov_len > 0) {
    *(char*)message->msg_iov[0].iov_base ^= 1;
  }
  return count;
}

long syscall(long number, ...) {
  long words[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; ++i) words[i] = va_arg(list, long);
  va_end(list);
  return number == SYS_recvmsg ? deviating_recvmsg(words) : real_syscall(number, words);
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
  const long words[6] = {fd, (long)message, flags};
  return deviating_recvmsg(words);
}
