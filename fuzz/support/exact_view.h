#pragma once

#include <sanitizer/asan_interface.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// ExactView is a copy of some bytes with nothing readable behind it, so that AddressSanitizer sees a read past the end
/// by a single byte. It lies in a static arena whose other bytes stay poisoned, which is half as fast again as a heap
/// block: at a microsecond an execution, the allocator is what takes the time.
///
/// One at a time.
class ExactView {
 public:
  static constexpr std::size_t kCapacity = 4096;

  /// `offset`, less than 8, says how far from an aligned address the copy is to begin.
  ExactView(std::span<const std::byte> bytes, std::size_t offset) : begin_(kRedzone + offset), size_(bytes.size()) {
    ASAN_UNPOISON_MEMORY_REGION(arena().data() + kRedzone, offset + size_);
    if (size_ != 0) std::memcpy(arena().data() + begin_, bytes.data(), size_);
  }
  ExactView(const ExactView&) = delete;
  ExactView& operator=(const ExactView&) = delete;
  ~ExactView() { ASAN_POISON_MEMORY_REGION(arena().data() + kRedzone, begin_ - kRedzone + size_); }

  static bool fits(std::size_t size) { return size <= kCapacity; }

  [[nodiscard]] std::span<std::byte> bytes() const { return std::span(arena()).subspan(begin_, size_); }

 private:
  static constexpr std::size_t kRedzone = 64;
  static constexpr std::size_t kArena = kRedzone + 8 + kCapacity + kRedzone;

  struct Arena {
    Arena() { ASAN_POISON_MEMORY_REGION(bytes.data(), bytes.size()); }
    alignas(16) std::array<std::byte, kArena> bytes;
  };

  static std::array<std::byte, kArena>& arena() {
    static Arena arena;
    return arena.bytes;
  }

  std::size_t begin_;
  std::size_t size_;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
