// Lengths that no kernel may give. No document says what the result should be, only what must not happen: a crash,
// bytes from outside the buffers, a descriptor that is lost.

#include <sys/socket.h>

#include <limits>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::gives;
using kit::room;
using kit::rooms;

CLAIM(ImpossibleLength, DataLengthBeyondOneBufferIsHandledSafely, cites("impossible-lengths-are-survived"),
      on(kit::kScriptedKinds), scripted(kImpossible)) {
  for (const std::int64_t count : {9, 1000, 1 << 20, std::numeric_limits<std::int32_t>::max()}) {
    expect(receive({.buffers = {room(8)}}, {gives({.data = "abcdefgh", .returned = count})}),
           {.data = "abcdefgh", .any_outcome = true});
  }
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

CLAIM(ImpossibleLength, DataLengthBeyondBuffersIsHandledSafely, cites("impossible-lengths-are-survived"),
      on(kit::kScriptedKinds), scripted(kImpossible), needs(kScatter)) {
  for (const std::int64_t count : {9, 1000, 1 << 20, std::numeric_limits<std::int32_t>::max()}) {
    expect(receive({.buffers = rooms(4, 2)}, {gives({.data = "abcdefgh", .returned = count})}),
           {.data = "abcdefgh", .any_outcome = true});
  }
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

CLAIM(ImpossibleLength, ControlLengthBeyondTheBufferIsHandledSafely, cites("impossible-lengths-are-survived"),
      on(kit::kScriptedKinds), scripted(kImpossible), needs(kAncillary, kAncbufsize)) {
  require_lengths_may_lie();
  // The room is full of known bytes, so that whatever else is reported comes from outside.
  constexpr std::int64_t kRoom = 64;
  const kit::Bytes data(static_cast<std::size_t>(kRoom) - abi().header(), 'x');
  for (const std::uint64_t length : {65U, 100U, 4096U, 1U << 20}) {
    for (const std::uint64_t claimed : {std::uint64_t{data.size()}, length - abi().header(), std::uint64_t{1} << 16}) {
      expect_survived({.data = "abcd",
                       .control = {{.level = 50, .type = 7, .data = data, .claimed_data = claimed}},
                       .msg_controllen = length},
                      kRoom);
    }
  }
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

CLAIM(ImpossibleLength, ControlLengthWithoutBufferIsHandledSafely, cites("impossible-lengths-are-survived"),
      on(kit::kScriptedKinds), scripted(kImpossible), needs(kAncillary, kAncbufsize)) {
  require_lengths_may_lie();
  for (const std::uint64_t length : {16U, 24U, 4096U}) {
    expect_survived({.data = "abcd", .msg_controllen = length}, 0);
  }
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd"});
}

CLAIM(ImpossibleLength, ControlLengthBeyondTheBufferLosesNoDescriptors, cites("impossible-lengths-are-survived"),
      on(kit::kScriptedKinds), scripted(kImpossible), needs(kAncillary, kRights, kAncbufsize)) {
  require_lengths_may_lie();
  const auto room = static_cast<std::int64_t>(abi().header() + 2 * sizeof(int));
  for (const std::uint64_t length : {25U, 4096U}) {
    expect_survived({.data = "abcd", .control = {{.type = SCM_RIGHTS, .files = 2}}, .msg_controllen = length}, room);
  }
  expect(receive({.buffers = rooms(1, 8)}, {gives("abcd")}), {.data = "abcd"});
}

}  // namespace
}  // namespace recvinto::conformance
