#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <utility>

namespace recvinto {

/// Fitting(n) is n in any integer type, or the largest number of that type: for the lengths of a msghdr, of which
/// msg_iovlen is an int and msg_controllen a socklen_t in POSIX and in musl, and both are size_t in the GNU C library.
/// No system takes as many buffers as would not fit, or has as much ancillary data.
class Fitting {
 public:
  explicit constexpr Fitting(std::size_t length) noexcept : length_(length) {}

  template <std::integral Length>
  constexpr operator Length() const noexcept {
    return std::in_range<Length>(length_) ? static_cast<Length>(length_) : std::numeric_limits<Length>::max();
  }

 private:
  std::size_t length_;
};

}  // namespace recvinto
