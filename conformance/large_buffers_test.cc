// Sizes around the edges of 32-bit integers, and beyond what a size can count. No memory stands behind them.

#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::sparse;

constexpr std::size_t k2To31 = std::size_t{1} << 31;
constexpr std::size_t k2To32 = std::size_t{1} << 32;

// An implementation that keeps 32 bits of a length sees a negative one, none at all, or a small one.
CLAIM(LargeBuffers, BufferSizesAround32BitLimitsReceiveData, cites("room-may-exceed-32-bits"), on(kit::kEveryKind),
      needs(kSparseBuffers), on_its_own()) {
  require_words_of_64_bits();
  for (const std::size_t size : {k2To31 - 1, k2To31, k2To31 + 4, k2To32 - 1, k2To32, k2To32 + 1, k2To32 + 4}) {
    send("abcdefgh");
    expect(receive({.buffers = {sparse(size)}}), {.data = "abcdefgh"});
    expect_queue({});
  }
}

CLAIM(LargeBuffers, LargeBufferAfterSmallOneReceivesTheRest, cites({"room-may-exceed-32-bits", "fill-in-order"}),
      on(kit::kEveryKind), needs(kScatter, kSparseBuffers), on_its_own()) {
  require_words_of_64_bits();
  send("abcdefgh");
  expect(receive({.buffers = {room(3), sparse(k2To32), room(4)}}), {.data = "abcdefgh"});
}

CLAIM(LargeBuffers, TotalSizeBeyond32BitsReceivesData, cites({"room-may-exceed-32-bits", "fill-in-order"}),
      on(kit::kEveryKind), needs(kScatter, kSparseBuffers, kMsgFlags), on_its_own()) {
  require_words_of_64_bits();
  for (const std::size_t each : {k2To31 / 2, k2To31}) {  // 2 and 4 gigabytes together, give or take nothing
    send("abcdefgh");
    expect(receive({.buffers = {room(2), sparse(each), sparse(each), room(2)}}), {.data = "abcdefgh", .msg_flags = 0});
  }
}

// Linux cuts the sum to what one call may transfer, POSIX would have it refused: either way nothing breaks.
CLAIM(LargeBuffers, TotalSizeBeyondSizeMaxIsHandledSafely, cites("room-beyond-every-size-is-survived"),
      on(kit::kEveryKind), needs(kScatter, kInaccessibleBuffers), on_its_own()) {
  require_words_of_64_bits();
  send("abcdefgh");
  std::vector<kit::Buffer> buffers{room(16)};
  for (int i = 0; i < 8; ++i) buffers.push_back(kit::inaccessible(std::size_t{1} << 61));
  expect(receive({.buffers = buffers}), {.data = "abcdefgh", .any_outcome = true});
  stage().drain();
  send("ijkl");
  expect(receive({.buffers = {room(8)}}), {.data = "ijkl"});
}

}  // namespace
}  // namespace recvinto::conformance
