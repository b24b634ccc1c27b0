#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "kit/subjects/io_uring_ring.h"
#include "kit/subjects/kernel_entry.h"
#include "kit/subjects/provided_buffer.h"

namespace recvinto::kit {
namespace {

constexpr std::string_view kSpec = "io_uring_multishot";
constexpr std::uint64_t kReceive = 1;
constexpr std::uint64_t kCancel = 2;

bool goes_on_after(const IoUringRing::Completion& completion) {
  return (completion.flags & IORING_CQE_F_MORE) != 0;
}

/// A request that receives into one provided buffer after the other: there is one, of the size that the call has room
/// for, so that no second message is taken.
class IoUringMultishotEntry final : public KernelEntry {
 public:
  /// Throws CannotStart where the kernel has no such request.
  IoUringMultishotEntry() {
    io_uring_probe* const probe = io_uring_get_probe_ring(&ring_.get());
    // No operation of its own, but one of the same version.
    const bool has_it = probe != nullptr && io_uring_opcode_supported(probe, IORING_OP_SEND_ZC) != 0;
    io_uring_free_probe(probe);
    if (!has_it) throw CannotStart(fmt::format("{}: this kernel has no multishot recvmsg (Linux 6.0)", kSpec));
  }

  /// What IoUringEntry lacks, and all that is about several buffers, or the caller's own memory.
  [[nodiscard]] Handshake handshake() const override {
    using enum Capability;
    Handshake handshake = handshake_of_entry("io_uring, multishot IORING_OP_RECVMSG", "1");
    for (const Capability lacking : {kRecvmsg, kSystemWait, kConcurrent, kScatter, kNoBuffers, kOverlap, kSparseBuffers,
                                     kInaccessibleBuffers, kInaccessibleTails}) {
      handshake.capabilities.erase(lacking);
    }
    return handshake;
  }

  ssize_t receive(int fd, msghdr& message, int flags, bool waits) override {
    const int result = received(fd, message, waits ? flags : flags | MSG_DONTWAIT);
    if (result >= 0) return result;
    errno = -result;
    return -1;
  }

 private:
  /// io_uring_prep_recvmsg_multishot(3) takes no MSG_WAITALL: such a call is a request of one message, which finds the
  /// rest of its arguments where they are.
  int received(int fd, msghdr& message, int flags) {
    if (message.msg_iovlen != 1) throw Unsupported(message.msg_iovlen == 0 ? "no_buffers" : "scatter");
    const bool is_multishot = (flags & MSG_WAITALL) == 0;
    const iovec part = *message.msg_iov;
    msghdr room{};
    room.msg_namelen = message.msg_namelen;
    room.msg_controllen = message.msg_controllen;
    const std::size_t head = is_multishot ? sizeof(io_uring_recvmsg_out) + room.msg_namelen + room.msg_controllen : 0;
    if (part.iov_len > INT_MAX || head > INT_MAX - part.iov_len) return -ENOMEM;  // no result could count it

    const auto size = static_cast<std::uint32_t>(head + part.iov_len);
    memory_.resize(std::max<std::size_t>(memory_.size(), size));
    // The caller's bytes come along and go back: whatever is written behind the data is seen.
    const auto data = memory_.begin() + static_cast<std::ptrdiff_t>(head);
    std::copy_n(static_cast<const std::byte*>(part.iov_base), part.iov_len, data);
    provided_.provide(memory_.data(), size);
    io_uring_sqe* const request = ring_.next_request();
    if (is_multishot) {
      io_uring_prep_recvmsg_multishot(request, fd, &room, static_cast<unsigned>(flags));
    } else {
      message.msg_iovlen = 0;
      io_uring_prep_recvmsg(request, fd, &message, static_cast<unsigned>(flags));
    }
    request->flags |= IOSQE_BUFFER_SELECT;
    request->buf_group = ProvidedBuffer::kGroup;
    io_uring_sqe_set_data64(request, kReceive);
    if (const int failure = ring_.submit(); failure < 0) return failure;
    const IoUringRing::Completion first = ring_.next_completion();
    provided_.note(first);
    if (goes_on_after(first)) end_request();
    std::copy_n(data, part.iov_len, static_cast<std::byte*>(part.iov_base));
    return is_multishot && first.result >= 0 ? told(message, room, first.result) : first.result;
  }

  /// Nothing is left that would take the next call's buffer.
  void end_request() {
    bool goes_on = true;
    while (goes_on && ring_.has_completed()) goes_on = goes_on_after(ring_.next_completion());  // it found no buffer
    if (!goes_on) return;
    io_uring_sqe* const request = ring_.next_request();
    io_uring_prep_cancel64(request, kReceive, 0);
    io_uring_sqe_set_data64(request, kCancel);
    ring_.submit();
    for (bool cancels = true; goes_on || cancels;) {
      const IoUringRing::Completion next = ring_.next_completion();
      (next.user_data == kCancel ? cancels : goes_on) = goes_on_after(next);
    }
  }

  /// What `length` bytes of the buffer tell of the message, and its length. They begin with an io_uring_recvmsg_out; as
  /// much as there was room for is behind it, used or not.
  int told(msghdr& message, msghdr& room, int length) {
    io_uring_recvmsg_out* const out = io_uring_recvmsg_validate(memory_.data(), length, &room);
    if (out == nullptr || out->controllen > room.msg_controllen ||
        io_uring_recvmsg_payload_length(out, length, &room) > out->payloadlen) {
      return -EBADMSG;  // no document has that
    }
    std::memcpy(message.msg_name, io_uring_recvmsg_name(out), std::min(out->namelen, room.msg_namelen));
    if (const cmsghdr* const item = io_uring_recvmsg_cmsg_firsthdr(out, &room)) {
      std::memcpy(message.msg_control, item, out->controllen);
    }
    message.msg_namelen = out->namelen;
    message.msg_controllen = out->controllen;
    message.msg_flags = static_cast<int>(out->flags);
    return static_cast<int>(out->payloadlen);
  }

  IoUringRing ring_{kSpec};
  ProvidedBuffer provided_{kSpec, ring_};
  std::vector<std::byte> memory_ = std::vector<std::byte>(1);  // never at no address: such a buffer is none
};

}  // namespace

std::unique_ptr<Receiver> make_io_uring_multishot_receiver() {
  return make_entry_receiver(std::make_unique<IoUringMultishotEntry>());
}

}  // namespace recvinto::kit
