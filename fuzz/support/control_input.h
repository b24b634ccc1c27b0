#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// The input of every target that is about control messages: one byte that says how many bytes of choices follow, these
/// choices, and control bytes as recvmsg(2) leaves them, in the layout of their reader. The control bytes stand
/// as they are, so that a corpus can be read by people and be built from captured messages.
struct ControlInput {
  static constexpr std::size_t kChoicesMost = 63;

  std::span<const std::uint8_t> choices;
  std::span<const std::byte> control;

  ControlInput(const std::uint8_t* data, std::size_t size) {
    const std::span input(data, size);
    if (input.empty()) return;
    const std::size_t length = std::min<std::size_t>(input[0] & kChoicesMost, size - 1);
    choices = input.subspan(1, length);
    control = std::as_bytes(input.subspan(1 + length));
  }
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
