#pragma once

#include <chrono>
#include <system_error>

#include "recvinto/kernel.h"
#include "recvinto/recvmsg_into.h"

namespace recvinto {

/// Waiting is the deadline and retry state of one receive: its deadline, fixed when the call begins, and what happens
/// between attempts. Each function returns an empty error_code where the receive must be attempted again, or the error
/// that ends it.
class Waiting {
 public:
  Waiting(Kernel& kernel, int fd, int flags, const Wait& wait) noexcept;

  /// After EINTR: asks the hook, then the clock.
  std::error_code after_interrupt();

  /// After EAGAIN: waits until the descriptor is ready. Without a deadline there is no waiting, and EAGAIN stands.
  std::error_code until_ready();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool bounded() const noexcept { return deadline_ != Clock::time_point(); }

  Kernel& kernel_;
  const Wait& wait_;
  const int fd_;
  const short events_;
  Clock::time_point deadline_;  // the clock's epoch without a deadline
  int alarms_ = 0;              // how often the descriptor was said to be ready
};

}  // namespace recvinto
