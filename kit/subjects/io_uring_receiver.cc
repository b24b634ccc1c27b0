#include <cerrno>

#include "kit/subjects/io_uring_ring.h"
#include "kit/subjects/kernel_entry.h"

namespace recvinto::kit {
namespace {

/// The ring is set up here and not by the first call: a call opens no descriptor but those that it receives.
class IoUringEntry final : public KernelEntry {
 public:
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
    io_uring_prep_recvmsg(ring_.next_request(), fd, &message,
                          static_cast<unsigned>(waits ? flags : flags | MSG_DONTWAIT));
    int result = ring_.submit();
    if (result == 0) result = ring_.next_completion().result;  // until then, `message` is the kernel's
    if (result >= 0) return result;
    errno = -result;
    return -1;
  }

 private:
  IoUringRing ring_{"io_uring"};
};

}  // namespace

std::unique_ptr<Receiver> make_io_uring_receiver() {
  return make_entry_receiver(std::make_unique<IoUringEntry>());
}

}  // namespace recvinto::kit
