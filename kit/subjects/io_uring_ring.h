#pragma once

#include <fmt/format.h>
#include <liburing.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

#include "kit/values/names.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

/// The two rings of io_uring(7), those of one thread. What it refers to belongs to the kernel until it has completed.
class IoUringRing {
 public:
  /// Of the implementation `spec`. Throws CannotStart where the kernel has no io_uring, or forbids it.
  explicit IoUringRing(std::string_view spec) {
    const int result = io_uring_queue_init(kEntries, &ring_, 0);
    if (result < 0) {
      throw CannotStart(fmt::format(
          "{}: io_uring_setup(2) fails with {} on this host{}", spec, errno_name(-result),
          result == -EPERM || result == -ENOSYS ? " (sysctl kernel.io_uring_disabled, or a seccomp filter)" : ""));
    }
  }
  ~IoUringRing() { io_uring_queue_exit(&ring_); }
  IoUringRing(const IoUringRing&) = delete;
  IoUringRing& operator=(const IoUringRing&) = delete;

  io_uring_sqe* next_request() { return io_uring_get_sqe(&ring_); }

  /// Of the request that was prepared: 0, or an error's number, negated.
  int submit() {
    const int count = io_uring_submit(&ring_);
    return count < 0 ? count : 0;
  }

  struct Completion {
    std::uint64_t user_data = 0;
    int result = 0;  ///< as the system call's, or an error's number, negated
    unsigned flags = 0;
  };

  /// The next one, whatever signals come meanwhile.
  Completion next_completion() {
    io_uring_cqe* next = nullptr;
    int result = 0;
    do {
      result = io_uring_wait_cqe(&ring_, &next);
    } while (result == -EINTR);
    if (result < 0) return {.result = result};
    const Completion completion{.user_data = next->user_data, .result = next->res, .flags = next->flags};
    io_uring_cqe_seen(&ring_, next);
    return completion;
  }

  [[nodiscard]] bool has_completed() const { return io_uring_cq_ready(&ring_) != 0; }
  io_uring& get() { return ring_; }

 private:
  static constexpr unsigned kEntries = 2;

  io_uring ring_{};
};

}  // namespace recvinto::kit
