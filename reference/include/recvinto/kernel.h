#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>

namespace recvinto {

/// Kernel is what this library asks of the operating system. It is passed as an argument, so that a test can be the
/// kernel: one that interrupts, lies about lengths or turns the clock.
///
/// The calls report as system calls do: -1 and `errno`. They neither throw nor allocate.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  /// recvmsg(2).
  virtual ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept = 0;

  /// ppoll(2) of one descriptor without a signal mask: waits for `entry`, at most `timeout` (not negative). A negative
  /// `entry.fd` waits for the time alone.
  virtual int poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept = 0;

  /// The clock that deadlines are measured by.
  virtual std::chrono::steady_clock::time_point now() noexcept = 0;
};

/// The kernel this process runs on. Stateless: any thread may use it at any time.
Kernel& host_kernel() noexcept;

}  // namespace recvinto
