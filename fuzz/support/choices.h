#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// Choices reads an input's bytes as decisions, from the front. Behind the last byte every decision is 0, and engines
/// begin with tiny inputs: 0 must be the usual, the valid choice.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }

  /// A number from 0 to `most`, less than 256.
  std::size_t up_to(std::size_t most) { return byte() % (most + 1); }

  /// A number of any size, 0 where there is nothing left. Two bytes are enough for the small ones.
  std::uint32_t word() {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word |= static_cast<std::uint32_t>(byte()) << (8 * i);
    return word;
  }

  bool flag() { return (byte() & 1) != 0; }

  [[nodiscard]] std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
