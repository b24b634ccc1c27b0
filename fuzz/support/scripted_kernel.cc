#include "fuzz/support/scripted_kernel.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fuzz/support/descriptor_oracle.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {
namespace {

constexpr int kErrors[] = {ECONNRESET, ENOTCONN, EBADF, ENOMEM, ETIMEDOUT, EFAULT, EINVAL, ECONNREFUSED};

void store(std::span<const std::byte> bytes, void* room, std::size_t size) {
  const std::size_t fitting = std::min(bytes.size(), size);
  if (fitting != 0) std::memcpy(room, bytes.data(), fitting);
}

}  // namespace

void ScriptedKernel::check_call(int fd, const msghdr& message, int flags) const {
  FUZZ_CHECK(fd == asked_.fd, "recvmsg on another descriptor");
  FUZZ_CHECK(flags == (asked_.flags | (asked_.waits_itself ? MSG_DONTWAIT : 0)), "recvmsg with other flags");
  FUZZ_CHECK(message.msg_name != nullptr && message.msg_namelen == sizeof(sockaddr_storage),
             "recvmsg without the whole room for the address");
  FUZZ_CHECK(message.msg_controllen == asked_.control_size, "recvmsg with another control length than there is room");
  FUZZ_CHECK((message.msg_control == nullptr) == (asked_.control_size == 0), "a control buffer where there is no room");
}

ssize_t ScriptedKernel::recvmsg(int fd, msghdr& message, int flags) noexcept {
  budget_.spend();
  check_call(fd, message, flags);
  advance();
  if (attempts_left_ == 0) return deliver(message);
  --attempts_left_;
  switch (choices_.up_to(5)) {
    case 0:
      attempts_left_ = 0;
      return deliver(message);
    case 1:
    case 2:
      ++interruptions_;
      return fail(EINTR, message);
    case 3:
    case 4:
      return fail(EAGAIN, message);
    default:
      return fail(kErrors[choices_.up_to(std::size(kErrors) - 1)], message);
  }
}

// What a failed call leaves in the header and in the rooms is unspecified.
ssize_t ScriptedKernel::fail(int error, msghdr& message) {
  if (choices_.flag()) {
    store(delivery_.control, message.msg_control, message.msg_controllen);
    message.msg_controllen /= 2;
    message.msg_namelen = 2;
    message.msg_flags = -1;
  }
  last_ = Last::kFailed;
  last_error_ = error;
  errno = error;
  return -1;
}

ssize_t ScriptedKernel::deliver(msghdr& message) {
  std::size_t stored = 0;
  for (const iovec& buffer : std::span(message.msg_iov, message.msg_iovlen)) {
    const std::size_t fitting = std::min(buffer.iov_len, delivery_.payload - stored);
    stored += copy_payload(static_cast<std::byte*>(buffer.iov_base), stored, fitting);
  }
  store(delivery_.control, message.msg_control, message.msg_controllen);
  store(std::as_bytes(std::span(delivery_.address)).first(std::min(delivery_.address_length, Delivery::kAddressMost)),
        message.msg_name, message.msg_namelen);

  const std::size_t room = message.msg_controllen;
  const std::size_t fitting = std::min(delivery_.control.size(), room);
  const std::size_t claimed = fitting + delivery_.control_beyond;
  control_length_ = std::min(claimed, room);
  if (room != 0) {
    auto* const control = static_cast<std::byte*>(message.msg_control);
    std::memset(control + fitting, 0xa5, control_length_ - fitting);
    std::memcpy(control_storage().data(), control, control_length_);
  }
  model_.walk(received_control());
  rights_.find(received_control(), model_);
  for (const int descriptor : rights_.list()) ledger_.received(descriptor);

  message.msg_controllen = claimed;
  message.msg_namelen = static_cast<socklen_t>(delivery_.address_length);
  message.msg_flags = delivery_.flags;
  last_ = Last::kReceived;
  return static_cast<ssize_t>(delivery_.count.value_or(static_cast<std::uint32_t>(stored)));
}

int ScriptedKernel::poll(pollfd& entry, nanoseconds timeout) noexcept {
  budget_.spend();
  FUZZ_CHECK(asked_.has_deadline, "waiting without a timeout");
  FUZZ_CHECK(entry.fd == asked_.fd || entry.fd < 0, "waiting for another descriptor");
  FUZZ_CHECK(timeout > nanoseconds::zero() && timeout <= asked_.deadline - now_, "waiting beyond the deadline");
  last_ = Last::kPolled;
  switch (choices_.up_to(4)) {
    case 0:
      advance();
      entry.revents = POLLIN;
      return 1;
    case 1:
      now_ += timeout;
      return 0;
    case 2:  // early: the clock is to decide
      now_ += timeout / 2 + nanoseconds(1);
      return 0;
    case 3:
      advance();
      ++interruptions_;
      last_error_ = EINTR;
      break;
    default:
      last_error_ = ENOMEM;
  }
  last_ = Last::kPollFailed;
  errno = last_error_;
  return -1;
}

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
