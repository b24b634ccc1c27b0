#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "recvinto/errors.h"
#include "recvinto/kernel.h"
#include "recvinto/socket_address.h"
#include "recvinto/unique_fd.h"

namespace recvinto {

/// AncillaryItem is one item of ancillary data, Python's (cmsg_level, cmsg_type, cmsg_data).
struct AncillaryItem {
  int level = 0;
  int type = 0;
  std::vector<std::byte> data = {};  ///< a copy; of a truncated item, what there was of it
  friend bool operator==(const AncillaryItem&, const AncillaryItem&) = default;
};

/// ReceiveWarning is what Python issues a RuntimeWarning for.
enum class ReceiveWarning {
  kMalformedAncillaryData,  ///< see ControlMessages::malformed()
};

/// The warning's text, the one Python uses.
std::string_view to_string(ReceiveWarning warning) noexcept;

/// ReceiveWarningError is a warning raised as an error. All descriptors of the message are closed by then.
class ReceiveWarningError : public std::runtime_error {
 public:
  ReceiveWarningError(ReceiveWarning warning, std::size_t descriptors_closed);

  [[nodiscard]] ReceiveWarning warning() const noexcept { return warning_; }

  /// How many received descriptors had to be closed.
  [[nodiscard]] std::size_t descriptors_closed() const noexcept { return descriptors_closed_; }

 private:
  ReceiveWarning warning_;
  std::size_t descriptors_closed_;
};

/// Message is the result of Python's recvmsg_into, (nbytes, ancdata, msg_flags, address), with an owner for the
/// descriptors in it.
struct Message {
  std::size_t nbytes = 0;                   ///< see Received::nbytes: may exceed the buffers' total
  std::vector<AncillaryItem> ancdata = {};  ///< in the kernel's order
  int msg_flags = 0;                        ///< msghdr::msg_flags, every bit as the kernel left it
  Address address = {};                     ///< the sender; std::monostate if the kernel reported none

  std::vector<ReceiveWarning> warnings = {};  ///< each at most once

  /// The descriptors whose numbers are in ancdata, in order of arrival. Move them out, or release() them to pass on the
  /// bare numbers as Python does; the others are closed with the message.
  std::vector<UniqueFd> descriptors = {};
};

/// Options are what Python keeps elsewhere: in the socket's timeout, its signal handlers and its warning filters.
struct Options {
  /// As Wait::timeout: empty blocks, zero never waits, positive is a deadline.
  std::optional<std::chrono::nanoseconds> timeout = std::nullopt;

  /// Called each time a signal has interrupted the call, before it goes on. What it throws ends the call.
  std::function<void()> on_interrupt = {};

  /// Throw ReceiveWarningError instead of returning a message with warnings.
  bool warnings_are_errors = false;

  /// The kernel to call; host_kernel() if null.
  Kernel* kernel = nullptr;
};

/// Receives as Python's `socket.recvmsg_into(buffers, ancbufsize, flags)` does and takes the result apart.
///
/// `ancbufsize` bytes of room are offered for ancillary data, exactly as many; with 0 the kernel is given no control
/// buffer at all. See the non-allocating recvmsg_into() for the rest: buffers, flags, interruptions and timeouts.
///
/// Throws, before any system call, std::invalid_argument for an `ancbufsize` below 0 or above kControlSizeMax and for a
/// negative timeout; std::system_error with the kernel's error or ReceiveErrc::kTimedOut; std::bad_alloc;
/// ReceiveWarningError if asked to; and what `on_interrupt` throws. Whatever is thrown, no descriptor stays open: those
/// received are owned from their receipt on.
Message recvmsg_into(int fd, std::span<const iovec> buffers, std::int64_t ancbufsize = 0, int flags = 0,
                     const Options& options = {});

/// Non-throwing overload for callers to whom EAGAIN is routine: the kernel's errors and ReceiveErrc::kTimedOut are in
/// `error`, beside an empty message, and not thrown. `error` is cleared on success.
Message recvmsg_into(int fd, std::span<const iovec> buffers, std::int64_t ancbufsize, int flags, const Options& options,
                     std::error_code& error);

}  // namespace recvinto
