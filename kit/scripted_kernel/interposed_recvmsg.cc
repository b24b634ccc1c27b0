#include "kit/scripted_kernel/interposed_recvmsg.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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
