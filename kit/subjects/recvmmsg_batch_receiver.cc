#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>

#include "kit/scripted_kernel/recvmmsg_flags.h"
#include "kit/subjects/kernel_entry.h"

namespace recvinto::kit {
namespace {

/// Whether each call with these flags finds the same, however many there are: MSG_PEEK takes errors all the same
/// (MSG_ERRQUEUE), and goes on where there is an offset. Urgent data end a batch.
bool finds_the_same_again(int fd, int flags) {
  if ((flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB)) != MSG_PEEK) return false;
  int offset = -1;
  socklen_t size = sizeof offset;
  return getsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &offset, &size) != 0 || offset < 0;
}

/// What one call is to receive, asked for by a batch of which no message is lost:
/// - the same message, peeked over and over, into the same buffers. The last one is what is reported;
/// - else one message: the timeout has passed when it comes, and recvmmsg(2) looks at it then, not before (its BUGS).
class RecvmmsgBatchEntry final : public KernelEntry {
 public:
  /// No recvmsg: of several messages, the kernel's answer is no script's. Not concurrent: another call may take the
  /// message between two peeks, and what lies in the buffers then is of two messages.
  [[nodiscard]] Handshake handshake() const override {
    Handshake handshake = handshake_of_entry("recvmmsg(2), a batch", "1");
    handshake.capabilities.erase(Capability::kRecvmsg);
    handshake.capabilities.erase(Capability::kConcurrent);
    return handshake;
  }

  ssize_t receive(int fd, msghdr& message, int flags, bool /*waits*/) override {
    const bool peeks = finds_the_same_again(fd, flags);
    std::array<mmsghdr, kBatch> batch{};
    for (mmsghdr& one : batch) {
      one.msg_hdr = message;
      one.msg_hdr.msg_control = nullptr;  // which a peek would fill with descriptors of its own
      one.msg_hdr.msg_controllen = 0;
    }
    (peeks ? batch.back() : batch.front()).msg_hdr = message;
    timespec passed{};
    const int count =
        recvmmsg(fd, batch.data(), kBatch, static_cast<RecvmmsgFlags>(peeks ? flags | MSG_WAITFORONE : flags),
                 peeks ? nullptr : &passed);
    if (count < 0) return -1;
    if (count == 0 || (count > 1 && !peeks)) {
      errno = EBADMSG;  // no message, and no error, or one more than there was time for: no document has that
      return -1;
    }
    const mmsghdr& last = batch.at(static_cast<std::size_t>(count) - 1);
    message = last.msg_hdr;
    return static_cast<ssize_t>(last.msg_len);
  }

 private:
  static constexpr unsigned kBatch = 4;
};

}  // namespace

std::unique_ptr<Receiver> make_recvmmsg_batch_receiver() {
  return make_entry_receiver(std::make_unique<RecvmmsgBatchEntry>());
}

}  // namespace recvinto::kit
