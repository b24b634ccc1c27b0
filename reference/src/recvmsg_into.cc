#include "recvinto/recvmsg_into.h"

#include <cerrno>

#include "waiting.h"

namespace recvinto::detail {
namespace {

std::error_code refusal(const ControlBuffer& control, const Wait& wait) noexcept {
  if (!control.aligned()) return ReceiveErrc::kControlMisaligned;
  if (wait.timeout && *wait.timeout < std::chrono::nanoseconds::zero()) return ReceiveErrc::kNegativeTimeout;
  return {};
}

}  // namespace

// Only `wait.on_interrupt` can throw, and it is called between attempts: never with anything received.
void receive_with_patience(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                           const Wait& wait, bool attempted, Received& received, std::error_code& error) {
  if (!attempted) error = refusal(control, wait);
  if (error) return;
  if (wait.timeout) flags |= MSG_DONTWAIT;
  Waiting waiting(kernel, fd, flags, wait);
  bool failed = attempted || !attempt(kernel, fd, buffers, control, flags, received);
  while (failed) {
    if (errno == EINTR) {
      error = waiting.after_interrupt();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      error = waiting.until_ready();
    } else {
      error.assign(errno, std::system_category());
    }
    if (error) return;
    failed = !attempt(kernel, fd, buffers, control, flags, received);
  }
}

void throw_error(const std::error_code& error) {
  throw std::system_error(error, "recvmsg_into");
}

}  // namespace recvinto::detail
