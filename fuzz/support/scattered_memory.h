#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <span>

#include "fuzz/support/check.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// What is received, from the front: no choice and no buffers make more of it. A table, for it is copied at every
/// execution.
inline constexpr auto kPayload = [] {
  std::array<std::byte, 512> payload = {};
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i * 7 + 1);
  return payload;
}();

/// Stores `count` bytes of the payload, from its byte `from` on, and returns how many.
inline std::size_t copy_payload(std::byte* to, std::size_t from, std::size_t count) {
  if (count != 0) std::memcpy(to, kPayload.data() + from, count);
  return count;
}

/// ScatteredMemory is a list of buffers with canaries between them, and the model of scattering.
class ScatteredMemory {
 public:
  static constexpr std::size_t kBuffersMost = 12;
  static constexpr std::size_t kLengthMost = 32;

  explicit ScatteredMemory(Choices& choices) {  // NOLINT(cppcoreguidelines-pro-type-member-init)
    constexpr std::size_t kCounts[] = {1, 2, 0, 3, 8, 9, 12, 5};
    constexpr std::size_t kLengths[] = {16, 0, 1, 32, 3, 8, 7, 2};
    count_ = kCounts[choices.up_to(std::size(kCounts) - 1)];
    std::byte* at = memory_.data() + kGap;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t length = kLengths[choices.up_to(std::size(kLengths) - 1)];
      list_[i] = given_[i] = {.iov_base = at, .iov_len = length};
      at += length + kGap;
      room_ += length;
    }
    used_ = static_cast<std::size_t>(at - memory_.data());
    std::memset(memory_.data(), kCanary, used_);
  }

  /// To be handed over.
  [[nodiscard]] std::span<const iovec> buffers() const { return std::span(list_).first(count_); }

  /// How many bytes there is room for.
  [[nodiscard]] std::size_t room() const { return room_; }

  /// Byte `index` of what was received, less than room().
  [[nodiscard]] std::byte at(std::size_t index) const {
    std::size_t buffer = 0;
    for (; index >= given_[buffer].iov_len; ++buffer) index -= given_[buffer].iov_len;
    return static_cast<const std::byte*>(given_[buffer].iov_base)[index];
  }

  /// The buffers hold the first `stored` bytes of the payload, in turn; everything else is as it was, the list
  /// included.
  void check_holds(std::size_t stored) const {
    FUZZ_CHECK(same_list(), "the caller's list of buffers is changed");
    std::array<std::byte, kSize> expected;
    std::memset(expected.data(), kCanary, used_);
    std::size_t done = 0;
    for (std::size_t i = 0; i < count_ && done < stored; ++i) {
      std::byte* const at = expected.data() + (static_cast<const std::byte*>(given_[i].iov_base) - memory_.data());
      done += copy_payload(at, done, std::min(given_[i].iov_len, stored - done));
    }
    FUZZ_CHECK(std::memcmp(expected.data(), memory_.data(), used_) == 0,
               "the payload is elsewhere, or bytes outside it are changed");
  }

 private:
  static constexpr int kCanary = 0xee;
  static constexpr std::size_t kGap = 4;
  static_assert(kPayload.size() >= kBuffersMost * kLengthMost);
  static constexpr std::size_t kSize = kGap + kBuffersMost * (kLengthMost + kGap);

  [[nodiscard]] bool same_list() const {
    return std::equal(given_.begin(), given_.begin() + count_, list_.begin(), [](const iovec& one, const iovec& other) {
      return one.iov_base == other.iov_base && one.iov_len == other.iov_len;
    });
  }

  std::array<iovec, kBuffersMost> list_;
  std::array<iovec, kBuffersMost> given_;
  std::size_t count_ = 0;
  std::size_t room_ = 0;
  std::size_t used_ = 0;  // of the memory: up to the last gap
  std::array<std::byte, kSize> memory_;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
