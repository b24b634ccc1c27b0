#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "fuzz/planted_bugs/address.h"
#include "fuzz/planted_bugs/bug.h"
#include "fuzz/planted_bugs/descriptors.h"
#include "recvinto/message.h"
#include "recvinto/recvmsg_into.h"

namespace recvinto::fuzz::planted {

using recvinto::AncillaryItem;
using recvinto::Kernel;
using recvinto::Message;
using recvinto::Options;
using recvinto::ReceiveErrc;
using recvinto::ReceiveWarning;
using recvinto::ReceiveWarningError;
using recvinto::Wait;

struct Received {
  std::size_t nbytes = 0;
  int msg_flags = 0;
  bool control_malformed = false;
  SocketAddress address;
};

/// The call as one loop.
inline Received recvmsg_into(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                             const Wait& wait, std::error_code& error) {
  using std::chrono::nanoseconds;
  Received received;
  error.clear();
  control.clear();
  if (!control.aligned() && !is_planted(Bug::kMisalignedTaken)) error = ReceiveErrc::kControlMisaligned;
  const nanoseconds timeout = wait.timeout.value_or(nanoseconds::zero());
  if (!error && timeout < nanoseconds::zero() && !is_planted(Bug::kNegativeTimeoutTaken)) {
    error = ReceiveErrc::kNegativeTimeout;
  }
  if (error) return received;
  if (wait.timeout && !is_planted(Bug::kWaitsInTheKernel)) flags |= MSG_DONTWAIT;
  auto deadline = timeout > nanoseconds::zero() ? kernel.now() + timeout : std::chrono::steady_clock::time_point();

  std::vector<iovec> list(buffers.begin(), buffers.end());
  if (is_planted(Bug::kEightBuffersAtMost) && list.size() > 8) list.resize(8);
  if (is_planted(Bug::kListEndsAtEmptyBuffer)) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].iov_len == 0) list.resize(i);
    }
  }
  msghdr header = {};
  header.msg_namelen = SocketAddress::kCapacity;
  header.msg_controllen = control.room().size();
  for (;;) {
    header.msg_name = received.address.room().data();
    if (!is_planted(Bug::kStaleNameLength)) header.msg_namelen = SocketAddress::kCapacity;
    header.msg_iov = list.data();
    header.msg_iovlen = list.size();
    header.msg_control = control.room().empty() ? nullptr : control.room().data();
    if (!is_planted(Bug::kStaleControlLength)) header.msg_controllen = control.room().size();
    header.msg_flags = 0;
    const ssize_t count = kernel.recvmsg(fd, header, flags);
    if (count >= 0) {
      received.nbytes = static_cast<std::size_t>(count);
      break;
    }
    if (is_planted(Bug::kFailedCallAdopted)) control.adopt(header.msg_controllen);
    bool interrupted = errno == EINTR;
    if (errno == EAGAIN && timeout > nanoseconds::zero()) {
      do {
        const nanoseconds left = deadline - kernel.now();
        if (left <= nanoseconds::zero()) {
          error = ReceiveErrc::kTimedOut;
          return received;
        }
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        const int ready = kernel.poll(entry, left);
        if (ready > 0) break;
        if (ready < 0 && errno != EINTR) {
          error.assign(errno, std::system_category());
          return received;
        }
        if (ready < 0 && !is_planted(Bug::kHookNotAsked)) error = wait.on_interrupt();
      } while (!error);
      if (error) return received;
      continue;
    }
    if (!interrupted || is_planted(Bug::kInterruptionReturned)) {
      error.assign(errno, std::system_category());
      return received;
    }
    error = wait.on_interrupt();
    if (error) return received;
    if (timeout <= nanoseconds::zero()) continue;
    if (is_planted(Bug::kDeadlineStartsAnew)) deadline = kernel.now() + timeout;
    if (kernel.now() >= deadline) {
      error = ReceiveErrc::kTimedOut;
      return received;
    }
  }
  if (header.msg_controllen != 0) control.adopt(header.msg_controllen);
  if (is_planted(Bug::kCountCut)) {
    std::size_t room = 0;
    for (const iovec& buffer : buffers) room += buffer.iov_len;
    received.nbytes = std::min(received.nbytes, room);
  }
  received.msg_flags = is_planted(Bug::kFlagsMasked) ? header.msg_flags & 0xffff : header.msg_flags;
  received.control_malformed = control.malformed();
  received.address.set_length(header.msg_namelen);
  return received;
}

inline Message recvmsg_into(int fd, std::span<const iovec> buffers, std::int64_t ancbufsize, int flags,
                            const Options& options) {
  if (ancbufsize < 0 || ancbufsize > static_cast<std::int64_t>(kControlSizeMax))
    throw std::invalid_argument("ancbufsize");
  if (options.timeout && options.timeout->count() < 0 && !is_planted(Bug::kNegativeTimeoutTaken)) {
    throw std::invalid_argument("timeout");
  }
  const auto size = static_cast<std::size_t>(ancbufsize);
  const auto room = std::make_unique_for_overwrite<std::byte[]>(size);
  ControlBuffer control({room.get(), size});
  auto hook = [&options] {
    options.on_interrupt();
    return std::error_code();
  };
  Wait wait{.timeout = options.timeout, .on_interrupt = {}};
  if (options.on_interrupt) wait.on_interrupt = hook;
  std::error_code error;
  const Received received = recvmsg_into(*options.kernel, fd, buffers, control, flags, wait, error);
  if (error) throw std::system_error(error);
  if (received.control_malformed && options.warnings_are_errors) {
    std::vector<UniqueFd> descriptors = control.release_descriptors();
    if (is_planted(Bug::kLeakWhereThrown)) {
      for (UniqueFd& descriptor : descriptors) static_cast<void>(descriptor.release());
    }
    throw ReceiveWarningError(ReceiveWarning::kMalformedAncillaryData, descriptors.size());
  }
  Message message{.nbytes = received.nbytes, .msg_flags = received.msg_flags, .address = received.address.decode()};
  for (const ControlMessage& item : control.messages()) {
    if (item.truncated && is_planted(Bug::kTruncatedItemLost)) continue;
    message.ancdata.push_back({item.level, item.type, {item.data.begin(), item.data.end()}});
  }
  if (received.control_malformed) message.warnings.push_back(ReceiveWarning::kMalformedAncillaryData);
  message.descriptors = control.release_descriptors();
  return message;
}

}  // namespace recvinto::fuzz::planted
