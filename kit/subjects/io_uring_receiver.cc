#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "kit/subjects/kernel_entry.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"

#if RECVINTO_HAS_LIBURING
#include <liburing.h>
#endif

namespace recvinto::kit {

#if RECVINTO_HAS_LIBURING

namespace {

/// The ring is set up here and not by the first call: a call opens no descriptor but those that it receives.
class IoUringEntry final : public KernelEntry {
 public:
  IoUringEntry() {
    const int result = io_uring_queue_init(kEntries, &ring_, 0);
    if (result < 0) {
      throw CannotStart(fmt::format(
          "io_uring: io_uring_setup(2) fails with {} on this host{}", errno_name(-result),
          result == -EPERM || result == -ENOSYS ? " (sysctl kernel.io_uring_disabled, or a seccomp filter)" : ""));
    }
  }
  ~IoUringEntry() override { io_uring_queue_exit(&ring_); }
  IoUringEntry(const IoUringEntry&) = delete;
  IoUringEntry& operator=(const IoUringEntry&) = delete;

  /// No recvmsg: nothing answers in the kernel's place what passes no system call of its own. No system_wait: io_uring
  /// looks without waiting, polls, and looks again, so that MSG_WAITALL, SO_RCVTIMEO and SO_RCVLOWAT mean something
  /// else (docs/findings/linux.md).
  [[nodiscard]] Handshake handshake() const override {
    Handshake handshake = handshake_of_entry("io_uring, IORING_OP_RECVMSG", "1");
    handshake.capabilities.erase(Capability::kRecvmsg);
    handshake.capabilities.erase(Capability::kSystemWait);
    handshake.capabilities.erase(Capability::kConcurrent);  // its ring is one thread's
    return handshake;
  }

  ssize_t receive(int fd, msghdr& message, int flags, bool waits) override {
    io_uring_sqe* const request = io_uring_get_sqe(&ring_);
    io_uring_prep_recvmsg(request, fd, &message, static_cast<unsigned>(waits ? flags : flags | MSG_DONTWAIT));
    int result = io_uring_submit(&ring_);
    if (result == 1) {
      io_uring_cqe* completion = nullptr;
      // Interrupted: the request goes on, and `message` is the kernel's until it has completed.
      do {
        result = io_uring_wait_cqe(&ring_, &completion);
      } while (result == -EINTR);
      if (result == 0) {
        result = completion->res;
        io_uring_cqe_seen(&ring_, completion);
      }
    }
    if (result >= 0) return result;
    errno = -result;
    return -1;
  }

 private:
  static constexpr unsigned kEntries = 2;

  io_uring ring_{};
};

}  // namespace

std::unique_ptr<Receiver> make_io_uring_receiver() {
  return make_entry_receiver(std::make_unique<IoUringEntry>());
}

#else

std::unique_ptr<Receiver> make_io_uring_receiver() {
  throw CannotStart("io_uring: this build has no liburing (on Debian, install liburing-dev and build again)");
}

#endif

}  // namespace recvinto::kit
