#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// A layout of control messages: bytes of cmsg_len and of the alignment, and their order.
struct Layout {
  std::size_t word = sizeof(std::size_t);
  std::endian order = std::endian::native;
};

/// Where a walk ended.
enum class WalkEnd { kAtTheEnd, kLengthBelowHeader, kLengthPastEnd };

/// What a reader is to find in control bytes, as offsets into them. Written by hand from cmsg(3) and RFC 3542 (20.3),
/// apart from every parser; flat, as it is run at every execution. The C library's macros are no model: on damaged
/// bytes they differ from version to version.
struct ModelWalk {
  struct Item {
    int level;
    int type;
    std::size_t offset;  ///< of the data
    std::size_t size;
    bool truncated;
  };

  static constexpr std::size_t kMost = 512;  // headers are 12 bytes at least, views 4096 at most

  std::size_t count = 0;
  WalkEnd end = WalkEnd::kAtTheEnd;
  bool padded = true;  ///< each item has its padding, and nothing is left over
  std::array<Item, kMost>& items = storage();

  ModelWalk() = default;
  explicit ModelWalk(std::span<const std::byte> bytes, const Layout& layout = {}) { walk(bytes, layout); }

  void walk(std::span<const std::byte> bytes, const Layout& layout = {}) {
    count = 0;
    end = WalkEnd::kAtTheEnd;
    padded = true;
    const std::size_t header = layout.word + 8;
    std::size_t at = 0;
    while (bytes.size() - at >= header) {
      const std::uint64_t length = number(bytes.data() + at, layout.word, layout.order);
      if (length < header) {
        end = WalkEnd::kLengthBelowHeader;
        return;
      }
      const std::size_t room = bytes.size() - at;
      const bool truncated = length > room;
      items[count++] = {.level = integer(bytes.data() + at + layout.word, layout.order),
                        .type = integer(bytes.data() + at + layout.word + 4, layout.order),
                        .offset = at + header,
                        .size = (truncated ? room : static_cast<std::size_t>(length)) - header,
                        .truncated = truncated};
      if (truncated) {
        end = WalkEnd::kLengthPastEnd;
        return;
      }
      std::size_t step = static_cast<std::size_t>(length);
      while (step % layout.word != 0) ++step;
      if (step > room) {
        padded = false;
        return;
      }
      at += step;
    }
    padded = at == bytes.size();
  }

 private:
  static std::array<Item, kMost>& storage() {
    static std::array<Item, kMost> items;
    return items;
  }

  static std::uint64_t number(const std::byte* bytes, std::size_t width, std::endian order) {
    if (width == 4) return static_cast<std::uint32_t>(integer(bytes, order));
    std::uint64_t number = 0;
    std::memcpy(&number, bytes, sizeof number);
    return order == std::endian::native ? number : __builtin_bswap64(number);
  }

  static int integer(const std::byte* bytes, std::endian order) {
    std::uint32_t number = 0;
    std::memcpy(&number, bytes, sizeof number);
    return static_cast<int>(order == std::endian::native ? number : __builtin_bswap32(number));
  }
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
