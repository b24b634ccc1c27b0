#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <type_traits>

#include "recvinto/control_buffer.h"
#include "recvinto/errors.h"
#include "recvinto/fitting.h"
#include "recvinto/kernel.h"
#include "recvinto/socket_address.h"

namespace recvinto {

/// InterruptHook is asked each time a signal has interrupted the call, before the call goes on: the place of Python's
/// signal handlers (PEP 475). Returning an error ends the call with it; an empty error_code lets the call go on.
///
/// It borrows the callable, which therefore has to be a variable that outlives the call. A hook given to a noexcept
/// function must not throw; from the others its exception comes out unchanged, and nothing has been received then.
class InterruptHook {
 public:
  /// Default: no hook; EINTR always retries.
  InterruptHook() noexcept = default;

  template <typename Callable>
    requires(std::is_object_v<Callable> && std::is_invocable_r_v<std::error_code, Callable&> &&
             !std::is_same_v<std::remove_cv_t<Callable>, InterruptHook>)
  InterruptHook(Callable& callable) noexcept  // NOLINT(google-explicit-constructor): a view of any such callable
      : callable_(const_cast<std::remove_cv_t<Callable>*>(std::addressof(callable))),
        call_([](void* target) -> std::error_code { return (*static_cast<Callable*>(target))(); }) {}

  std::error_code operator()() const { return call_ == nullptr ? std::error_code() : call_(callable_); }

 private:
  void* callable_ = nullptr;
  std::error_code (*call_)(void*) = nullptr;
};

/// Wait says how long a receive may take, in the terms of Python's socket.settimeout().
struct Wait {
  /// Empty: one recvmsg(2) as it stands, which waits unless the descriptor is O_NONBLOCK or the flags say so.
  /// Zero: never waits; an empty socket is EAGAIN.
  /// Positive: waits so long at most, whatever the descriptor's own mode, interruptions and false readiness included,
  /// then fails with ReceiveErrc::kTimedOut. MSG_DONTWAIT in the flags does not shorten it, as it does not in Python.
  /// Negative: ReceiveErrc::kNegativeTimeout.
  std::optional<std::chrono::nanoseconds> timeout = std::nullopt;

  InterruptHook on_interrupt = {};
};

/// Received is what one receive brought, but for the control messages and their descriptors: these stay in the
/// ControlBuffer, and the data in the caller's buffers.
struct Received {
  /// recvmsg(2)'s result. With MSG_TRUNC asked for it is the message's length and may exceed the buffers' total, or
  /// count bytes that were never stored (tcp(7)): do not slice the buffers by it unchecked.
  std::size_t nbytes = 0;
  int msg_flags = 0;               ///< msghdr::msg_flags, every bit as the kernel left it
  bool control_malformed = false;  ///< see ControlMessages::malformed()
  SocketAddress address;           ///< the sender, where the kernel reported
};

namespace detail {

// One recvmsg(2), and whether it succeeded. The header is made anew for each: what a failed call leaves in it is
// unspecified.
inline bool attempt(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                    Received& received) noexcept {
  const std::span<std::byte> address = received.address.room();
  const std::span<std::byte> room = control.room();
  msghdr header{};
  header.msg_name = address.data();
  header.msg_namelen = static_cast<socklen_t>(address.size());
  header.msg_iov = const_cast<iovec*>(buffers.data());  // only read, but POSIX declares it without const
  header.msg_iovlen = Fitting(buffers.size());
  header.msg_control = room.empty() ? nullptr : room.data();
  header.msg_controllen = Fitting(room.size());
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

// All that is not one successful recvmsg(2): refusals, errors, interruptions and waiting. `attempted` says that a first
// attempt has failed with `errno`.
void receive_with_patience(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                           const Wait& wait, bool attempted, Received& received, std::error_code& error);

// Inline, so that the usual receive costs little more than its system call. `error` is empty to begin with.
inline Received receive(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                        const Wait& wait, std::error_code& error) {
  Received received;
  control.clear();
  const bool at_once = !wait.timeout && control.aligned();
  if (!at_once || !attempt(kernel, fd, buffers, control, flags, received)) {
    receive_with_patience(kernel, fd, buffers, control, flags, wait, at_once, received, error);
  }
  return received;
}

[[noreturn]] void throw_error(const std::error_code& error);

}  // namespace detail

/// Receives one message, or what a stream has ready, into `buffers` in turn, as POSIX recvmsg() does.
///
/// The arguments go to the kernel as they are: all flags, any number of buffers (beyond IOV_MAX that is EMSGSIZE, and
/// the message stays queued), zero-length ones too. A timeout adds MSG_DONTWAIT. The caller's iovec array is not
/// modified. What `control` still owned from before is closed first, whatever becomes of the call.
///
/// EINTR is retried, after `wait.on_interrupt`, with fresh lengths and the remaining time. Truncation is no error: it
/// is in msg_flags, and what fitted is there. On an error the result is empty, and `control` too.
///
/// Neither allocates nor throws.
inline Received recvmsg_into(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control, int flags,
                             const Wait& wait, std::error_code& error) noexcept {
  error.clear();
  return detail::receive(kernel, fd, buffers, control, flags, wait, error);
}

/// The same, but throws std::system_error for an error, and whatever `wait.on_interrupt` throws.
inline Received recvmsg_into(Kernel& kernel, int fd, std::span<const iovec> buffers, ControlBuffer& control,
                             int flags = 0, const Wait& wait = {}) {
  std::error_code error;
  Received received = detail::receive(kernel, fd, buffers, control, flags, wait, error);
  if (error) detail::throw_error(error);
  return received;
}

}  // namespace recvinto
