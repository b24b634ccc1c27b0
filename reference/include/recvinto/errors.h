#pragma once

#include <system_error>

namespace recvinto {

/// ReceiveErrc are the errors that are this library's own; all others are the kernel's, in std::system_category().
enum class ReceiveErrc {
  /// The timeout given to the call has passed. Not the kernel's ETIMEDOUT, which says that a connection broke; both
  /// equal the condition std::errc::timed_out, as both are Python's TimeoutError.
  kTimedOut = 1,
  /// The timeout is negative. Equals the condition std::errc::invalid_argument.
  kNegativeTimeout,
  /// The control buffer does not begin at an address aligned for cmsghdr. Equals std::errc::invalid_argument.
  kControlMisaligned,
};

const std::error_category& receive_category() noexcept;

inline std::error_code make_error_code(ReceiveErrc error) noexcept {
  return {static_cast<int>(error), receive_category()};
}

}  // namespace recvinto

template <>
struct std::is_error_code_enum<recvinto::ReceiveErrc> : std::true_type {};
