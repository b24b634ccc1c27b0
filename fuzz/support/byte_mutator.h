#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "fuzz/support/random.h"

// The engine's mutation of bytes, where the engine has one.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t max_size);

namespace recvinto::fuzz {

/// Changes some bytes, by the engine or else by what every engine has: bits, bytes, and their insertion and removal.
inline std::size_t mutate_bytes(std::uint8_t* data, std::size_t size, std::size_t max_size, Random& random) {
  if (LLVMFuzzerMutate != nullptr) return LLVMFuzzerMutate(data, size, max_size);
  if (max_size == 0) return 0;
  const std::size_t kind = size == 0 ? 0 : random.below(4);
  if (kind == 0 && size < max_size) {
    const std::size_t at = random.below(size + 1);
    std::memmove(data + at + 1, data + at, size - at);
    data[at] = static_cast<std::uint8_t>(random.next());
    return size + 1;
  }
  const std::size_t at = random.below(size);
  if (kind == 1) {
    std::memmove(data + at, data + at + 1, size - at - 1);
    return size - 1;
  }
  data[at] = static_cast<std::uint8_t>(kind == 2 ? random.next() : data[at] ^ (1U << random.below(8)));
  return size;
}

}  // namespace recvinto::fuzz
