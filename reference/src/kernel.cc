#include "recvinto/kernel.h"

#include <ctime>

namespace recvinto {
namespace {

class HostKernel final : public Kernel {
 public:
  ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept override { return ::recvmsg(fd, &message, flags); }

  int poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept override {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = static_cast<time_t>(seconds.count()),
                         .tv_nsec = static_cast<long>((timeout - seconds).count())};
    return ::ppoll(&entry, 1, &limit, nullptr);
  }

  std::chrono::steady_clock::time_point now() noexcept override { return std::chrono::steady_clock::now(); }
};

constinit HostKernel host;  // without state, so that neither its beginning nor its end matters

}  // namespace

Kernel& host_kernel() noexcept {
  return host;
}

}  // namespace recvinto
