#pragma once

#include <cstddef>
#include <optional>

#include "fuzz/planted_bugs/bug.h"
#include "recvinto/control_space.h"

namespace recvinto::fuzz::planted {

using recvinto::kControlAlignment;
using recvinto::kControlHeaderSize;
using recvinto::kControlSizeMax;

inline std::optional<std::size_t> cmsg_len(std::size_t data_size) {
  const std::size_t limit = kControlSizeMax - (is_planted(Bug::kLimitOneOff) ? 1 : 0);
  const std::size_t length = kControlHeaderSize + data_size;
  const bool wraps = length < data_size;
  if (length > limit || (wraps && !is_planted(Bug::kLengthWraps))) return std::nullopt;
  return length;
}

inline std::optional<std::size_t> cmsg_space(std::size_t data_size) {
  const std::size_t words = is_planted(Bug::kSpaceOfWholeWords)
                                ? data_size / kControlAlignment + 1
                                : (data_size + kControlAlignment - 1) / kControlAlignment;
  const std::size_t space = kControlHeaderSize + words * kControlAlignment;
  const bool wraps = space < data_size;
  if (space > kControlSizeMax || (wraps && !is_planted(Bug::kSpaceWraps))) return std::nullopt;
  return space;
}

}  // namespace recvinto::fuzz::planted
