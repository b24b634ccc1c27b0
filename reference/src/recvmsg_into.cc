#include "recvinto/recvmsg_into.h"

#include <cerrno>

#include "waiting.h"

namespace recvinto {
namespace {

using std::chrono::nanoseconds;

// One recvmsg(2). The header is made anew for each: what a failed call leaves in it is unspecified.
bool attempt(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
             Received& received) noexcept {
  const std::span<std::byte> address = received.address.room();
  const std::span<std::byte> room = control.room();
  msghdr header{};
  header.msg_name = address.data();
  header.msg_namelen = static_cast<socklen_t>(address.size());
  header.msg_iov = const_cast<iovec*>(buffers.data());  // only read, but POSIX declares it without const
  header.msg_iovlen = buffers.size();
  header.msg_control = room.empty() ? nullptr : room.data();
  header.msg_controllen = room.size();
  const ssize_t nbytes = kernel.recvmsg(fd, header, flags);
  if (nbytes < 0) return false;
  // Before all else, so that the descriptors have an owner.
  if (header.msg_controllen != 0) control.adopt(header.msg_controllen);
  received.nbytes = static_cast<std::size_t>(nbytes);
  received.msg_flags = header.msg_flags;
  received.control_malformed = control.malformed();
  received.address.set_length(header.msg_namelen);
  return true;
}

}  // namespace

namespace detail {

// Only `wait.on_interrupt` can throw, and it is called between attempts: never with
// anything received.
Received receive(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                 const Wait& wait, std::error_code& error) {
  Received received;
  control.clear();
  if (!control.aligned()) {
    error = ReceiveErrc::kControlMisaligned;
    return received;
  }
  if (wait.timeout) {
    if (*wait.timeout < nanoseconds::zero()) {
      error = ReceiveErrc::kNegativeTimeout;
      return received;
    }
    flags |= MSG_DONTWAIT;
  }
  Waiting waiting(kernel, fd, flags, wait);
  while (!attempt(kernel, fd, buffers, control, flags, received)) {
    if (errno == EINTR) {
      error = waiting.after_interrupt();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      error = waiting.until_ready();
    } else {
      error.assign(errno, std::system_category());
    }
    if (error) break;
  }
  return received;
}

void throw_error(const std::error_code& error) {
  throw std::system_error(error, "recvmsg_into");
}

}  // namespace detail
}  // namespace recvinto
