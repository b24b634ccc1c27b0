#include "kit/scripted_kernel/interposed_recvmsg.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace recvinto::kit {
namespace {

thread_local Kernel* answering = nullptr;

}  // namespace

InterposedRecvmsg::InterposedRecvmsg(Kernel& kernel) : outer_(std::exchange(answering, &kernel)) {}

InterposedRecvmsg::~InterposedRecvmsg() {
  answering = outer_;
}

}  // namespace recvinto::kit

/// The C library's symbol, for everything in this process.
extern "C" __attribute__((visibility("default"))) ssize_t recvmsg(int fd, msghdr* message, int flags) {
  using recvinto::kit::answering;
  if (answering == nullptr || message == nullptr) return syscall(SYS_recvmsg, fd, message, flags);
  // The kernel that answers may receive itself: that call is the real one.
  recvinto::Kernel* kernel = std::exchange(answering, nullptr);
  const ssize_t result = kernel->recvmsg(fd, *message, flags);
  answering = kernel;
  return result;
}

/// Of one message it is recvmsg(2) with its length elsewhere.
extern "C" __attribute__((visibility("default"))) int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags,
                                                               timespec* timeout) {
  if (recvinto::kit::answering == nullptr || messages == nullptr || count != 1) {
    return static_cast<int>(syscall(SYS_recvmmsg, fd, messages, count, flags, timeout));
  }
  const ssize_t length = recvmsg(fd, &messages->msg_hdr, flags);
  if (length < 0) return -1;
  messages->msg_len = static_cast<unsigned>(std::min<ssize_t>(length, UINT32_MAX));
  return 1;
}
