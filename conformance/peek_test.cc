// MSG_PEEK: what it shows, what it leaves, and what happens to descriptors that were only peeked at.

#include <sys/socket.h>

#include <chrono>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(Peek, PeekStartsAtTheFrontEachTime, cites("peek-leaves-the-data"), on(kit::kEveryKind), needs(kFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(1), room(2)}, .flags = MSG_PEEK}), {.data = "abc"});
  expect(receive({.buffers = {room(1), room(9)}, .flags = MSG_PEEK}), {.data = "abcdefgh"});
  expect(receive({.buffers = {room(2), room(1)}, .flags = MSG_PEEK}), {.data = "abc"});
  expect(receive({.buffers = {room(1), room(9)}}), {.data = "abcdefgh"});
}

CLAIM(Peek, PeekReturnsTheFirstMessageOnly, cites({"message-is-read-whole", "peek-leaves-the-data"}),
      on(kit::kMessageKinds), needs(kFlags)) {
  send("abc");
  send("def");
  for (int i = 0; i < 2; ++i) expect(receive({.buffers = rooms(2, 10), .flags = MSG_PEEK}), {.data = "abc"});
  expect_queue({{"abc", 0}, {"def", 0}});
}

CLAIM(Peek, PeekSpansSeveralStreamSends, cites({"peek-spans-sends", "peek-leaves-the-data"}), on(kit::kStreamKinds),
      needs(kFlags)) {
  send("ab");
  send("cde");
  send("f");
  expect(receive({.buffers = {room(1), room(3), room(4)}, .flags = MSG_PEEK}), {.data = "abcdef"});
  expect_queue({{"abcdef", 0}});
}

CLAIM(Peek, PeekTakesNothingInTimeoutMode, cites("peek-leaves-the-data"), on(kit::kEveryKind),
      needs(kFlags, kTimeout)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK, .timeout = std::chrono::seconds(30)}), {.data = "abcd"});
  expect_queue({{"abcd", 0}});
}

CLAIM(Peek, PeekTakesNothingInNonBlockingMode, cites("peek-leaves-the-data"), on(kit::kEveryKind),
      needs(kFlags, kNonblocking)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK, .timeout = std::chrono::milliseconds(0)}),
         {.data = "abcd"});
  expect_queue({{"abcd", 0}});
}

CLAIM(Peek, MsgPeekIsNotReportedInMsgFlags, cites("peek-is-not-echoed"), on(kit::kEveryKind),
      needs(kFlags, kMsgFlags)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd", .msg_flags = 0});
}

CLAIM(Peek, PeekOnAnEmptySocketFailsWithEagain, cites("nonblocking-returns-at-once"), on(kit::kEveryKind),
      needs(kFlags, kNonblocking)) {
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK, .timeout = std::chrono::milliseconds(0)}),
         {.failure = would_block()});
}

CLAIM(Peek, PeekDuplicatesDescriptors, cites({"peek-duplicates-descriptors", "ancdata-rights-in-order"}),
      on(kit::kUnixKinds), needs(kFlags, kAncillary, kRights, kMsgFlags)) {
  send("abcd", /*files=*/2);
  for (int i = 0; i < 2; ++i) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_PEEK}),
           {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
  }
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
  expect_queue({});
}

CLAIM(Peek, PeekWithoutControlBufferLosesNoDescriptors,
      cites({"peek-without-room-costs-no-descriptors", "ctrunc-is-reported"}), on(kit::kUnixKinds),
      needs(kFlags, kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 0, .flags = MSG_PEEK}),
         {.data = "abcd", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 64}), {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
}

CLAIM(Peek, DataOnlyPeekLeavesDescriptorsQueued, cites("peek-without-room-costs-no-descriptors"), on(kit::kUnixKinds),
      needs(kFlags)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = {room(4)}, .flags = MSG_PEEK}), {.data = "abcd"});
  expect_queue({{"abcd", 2}});
}

}  // namespace
}  // namespace recvinto::conformance
