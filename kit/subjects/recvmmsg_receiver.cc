#include <cerrno>

#include "kit/scripted_kernel/recvmmsg_flags.h"
#include "kit/subjects/kernel_entry.h"

namespace recvinto::kit {
namespace {

class RecvmmsgEntry final : public KernelEntry {
 public:
  [[nodiscard]] Handshake handshake() const override { return handshake_of_entry("recvmmsg(2)", "1"); }

  ssize_t receive(int fd, msghdr& message, int flags, bool /*waits*/) override {
    mmsghdr one{.msg_hdr = message, .msg_len = 0};
    const int count = recvmmsg(fd, &one, 1, static_cast<RecvmmsgFlags>(flags), nullptr);
    message = one.msg_hdr;
    if (count < 0) return -1;
    if (count == 1) return static_cast<ssize_t>(one.msg_len);
    errno = EBADMSG;  // no message, and no error: no document has that
    return -1;
  }
};

}  // namespace

std::unique_ptr<Receiver> make_recvmmsg_receiver() {
  return make_entry_receiver(std::make_unique<RecvmmsgEntry>());
}

}  // namespace recvinto::kit
