#include "kit/scripted_kernel/interposed_recvmsg.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kit/scripted_kernel/recvmmsg_flags.h"

namespace recvinto::kit {
namespace {

thread_local Kernel* answering = nullptr;

/// As the C library does it. Where its msghdr has padding that the kernel reads as upper halves of lengths, as musl's
/// has, what the caller left there must not count.
ssize_t by_kernel(int fd, msghdr* message, int flags) {
  if constexpr (sizeof message->msg_controllen == sizeof(std::size_t)) return syscall(SYS_recvmsg, fd, message, flags);
  msghdr padded{};
  padded.msg_name = message->msg_name;
  padded.msg_namelen = message->msg_namelen;
  padded.msg_iov = message->msg_iov;
  padded.msg_iovlen = message->msg_iovlen;
  padded.msg_control = message->msg_control;
  padded.msg_controllen = message->msg_controllen;
  const ssize_t length = syscall(SYS_recvmsg, fd, &padded, flags);
  if (length >= 0) *message = padded;
  return length;
}

}  // namespace

InterposedRecvmsg::InterposedRecvmsg(Kernel& kernel) : outer_(std::exchange(answering, &kernel)) {}

InterposedRecvmsg::~InterposedRecvmsg() {
  answering = outer_;
}

}  // namespace recvinto::kit

/// The C library's symbol, for everything in this process.
extern "C" __attribute__((visibility("default"))) ssize_t recvmsg(int fd, msghdr* message, int flags) {
  using recvinto::kit::answering;
  if (answering == nullptr || message == nullptr) return recvinto::kit::by_kernel(fd, message, flags);
  // The kernel that answers may receive itself: that call is the real one.
  recvinto::Kernel* kernel = std::exchange(answering, nullptr);
  const ssize_t result = kernel->recvmsg(fd, *message, flags);
  answering = kernel;
  return result;
}

/// Of one message it is recvmsg(2) with its length elsewhere.
extern "C" __attribute__((visibility("default"))) int recvmmsg(int fd, mmsghdr* messages, unsigned count,
                                                               recvinto::kit::RecvmmsgFlags flags, timespec* timeout) {
  if (recvinto::kit::answering == nullptr || messages == nullptr || count != 1) {
    return static_cast<int>(syscall(SYS_recvmmsg, fd, messages, count, flags, timeout));
  }
  const ssize_t length = recvmsg(fd, &messages->msg_hdr, static_cast<int>(flags));
  if (length < 0) return -1;
  messages->msg_len = static_cast<unsigned>(std::min<ssize_t>(length, UINT32_MAX));
  return 1;
}
