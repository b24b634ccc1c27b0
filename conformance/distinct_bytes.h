#pragma once

#include <cstddef>

#include "kit/values/bytes.h"

namespace recvinto::conformance {

/// Bytes in which no short stretch repeats, so that a chunk in the wrong place is seen.
inline kit::Bytes distinct_bytes(std::size_t count) {
  kit::Bytes bytes(count, '\0');
  unsigned state = 1;
  for (char& byte : bytes) {
    state = state * 1103515245U + 12345U;
    byte = static_cast<char>(state >> 16U);
  }
  return bytes;
}

}  // namespace recvinto::conformance
