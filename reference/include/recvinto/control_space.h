#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <limits>
#include <optional>

namespace recvinto {

/// The bytes before a control message's data: its header, and the padding behind the header where an ABI has some.
inline constexpr std::size_t kControlHeaderSize = CMSG_LEN(0);

/// Each control message begins at a multiple of this many bytes (CMSG_ALIGN of cmsg(3)).
inline constexpr std::size_t kControlAlignment = CMSG_SPACE(1) - CMSG_SPACE(0);

/// The largest control buffer that this library offers to the system: socklen_t is as wide as an int on every system of
/// interest, and POSIX asks applications not to exceed 2^31 - 1 (<sys/socket.h>, APPLICATION USAGE).
inline constexpr std::size_t kControlSizeMax = std::numeric_limits<int>::max();

/// cmsg_len is CMSG_LEN(data_size) of RFC 3542, section 5.3: header and data in bytes, without padding behind the data.
/// Empty where the sum would exceed kControlSizeMax, which is where Python's socket.CMSG_LEN raises OverflowError.
[[nodiscard]] constexpr std::optional<std::size_t> cmsg_len(std::size_t data_size) noexcept {
  if (data_size > kControlSizeMax - kControlHeaderSize) return std::nullopt;
  return kControlHeaderSize + data_size;
}

/// cmsg_space is CMSG_SPACE(data_size) of RFC 3542, section 5.2: header, data and padding in bytes, that is the room a
/// control message takes up where another one follows. Empty where the sum would exceed kControlSizeMax.
[[nodiscard]] constexpr std::optional<std::size_t> cmsg_space(std::size_t data_size) noexcept {
  constexpr std::size_t kLargest = kControlSizeMax / kControlAlignment * kControlAlignment;
  if (data_size > kLargest - kControlHeaderSize) return std::nullopt;
  return (kControlHeaderSize + data_size + kControlAlignment - 1) / kControlAlignment * kControlAlignment;
}

}  // namespace recvinto
