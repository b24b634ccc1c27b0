// Less data than room, more data than room, and what happens at the boundaries of messages.

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using kit::slice;

CLAIM(PartialBuffers, BytesAfterTheDataAreUnchanged, cites("fill-leaves-the-rest"), on(kit::kEveryKind), needs()) {
  send("ab");
  expect(receive({.buffers = {room(10, "0123456789"), room(4, "wxyz")}}),
         {.storages = Storages{"ab23456789", "wxyz"}, .nbytes = 2});
}

CLAIM(PartialBuffers, BufferAfterAnExactlyFilledOneIsUnchanged, cites("fill-leaves-the-rest"), on(kit::kEveryKind),
      needs(kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abcd"});
}

CLAIM(PartialBuffers, BytesAroundASliceAreUnchanged, cites("fill-inside-the-buffer"), on(kit::kEveryKind), needs()) {
  send("efgh");
  expect(receive({.buffers = {slice(12, 4, 8, "0123456789ab")}}), {.storages = Storages{"0123efgh89ab"}, .nbytes = 4});
}

CLAIM(PartialBuffers, BytesAroundTooShortSlicesAreUnchanged, cites({"fill-inside-the-buffer"}), on(kit::kEveryKind),
      needs(kScatter)) {
  send("abcdefgh");
  expect(receive({.buffers = {slice(6, 1, 3), slice(6, 4, 6)}}), {.storages = Storages{"\xee"
                                                                                       "ab\xee\xee\xee",
                                                                                       "\xee\xee\xee\xee"
                                                                                       "cd"},
                                                                  .nbytes = 4});
}

CLAIM(PartialBuffers, ShortMessageKeepsEarlierBufferContents, cites("fill-leaves-the-rest"), on(kit::kEveryKind),
      needs()) {
  send("XY");
  expect(receive({.buffers = {room(3, "abc"), room(3, "def")}}), {.storages = Storages{"XYc", "def"}, .nbytes = 2});
}

CLAIM(PartialBuffers, MessageOfExactSizeFillsAllBuffers, cites({"fill-in-order", "trunc-only-when-cut"}),
      on(kit::kEveryKind), needs(kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(3), room(5)}}), {.data = "abcdefgh", .msg_flags = 0});
}

CLAIM(PartialBuffers, ZeroLengthBuffersAreSkipped, cites("fill-empty-buffers-skipped"), on(kit::kEveryKind),
      needs(kScatter, kEmptyBuffers)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(0), room(2), room(0), room(0), room(4), room(0), room(4), room(0)}}),
         {.data = "abcdefgh"});
  send("abcdefgh");
  expect(receive({.buffers = {room(2), room(0), room(4), room(0), room(9)}}), {.data = "abcdefgh"});
}

CLAIM(PartialBuffers, StreamReceiveSpansSeveralSends, cites("stream-ignores-boundaries"), on(kit::kStreamKinds),
      needs()) {
  send("ab");
  send("cde");
  send("f");
  expect(receive({.buffers = {room(1), room(3), room(4)}}), {.data = "abcdef"});
}

CLAIM(PartialBuffers, StreamReceiveReturnsPartialData, cites("stream-returns-what-is-there"), on(kit::kStreamKinds),
      needs()) {
  send("abc");
  expect(receive({.buffers = {room(2), room(100)}}), {.data = "abc"});
}

CLAIM(PartialBuffers, RestOfAStreamGoesToTheNextCall, cites("stream-discards-nothing"), on(kit::kStreamKinds),
      needs()) {
  send("abcdefgh");
  expect(receive({.buffers = {room(1), room(2)}}), {.data = "abc"});
  expect(receive({.buffers = {room(1), room(9)}}), {.data = "defgh"});
}

CLAIM(PartialBuffers, RestOfAStreamStaysQueued, cites("stream-discards-nothing"), on(kit::kStreamKinds), needs()) {
  send("abcdefgh");
  expect(receive({.buffers = {room(1), room(2)}}), {.data = "abc"});
  expect_queue({{"defgh", 0}});
}

CLAIM(PartialBuffers, SpaceForTwoMessagesReceivesOne, cites("message-is-read-whole"), on(kit::kMessageKinds), needs()) {
  send("abc");
  send("def");
  expect(receive({.buffers = rooms(2, 10)}), {.data = "abc"});
  expect(receive({.buffers = rooms(2, 10)}), {.data = "def"});
}

CLAIM(PartialBuffers, NextMessageStaysQueued, cites("message-is-read-whole"), on(kit::kMessageKinds), needs()) {
  send("abc");
  send("def");
  expect(receive({.buffers = rooms(2, 10)}), {.data = "abc"});
  expect_queue({{"def", 0}});
}

CLAIM(PartialBuffers, RestOfATruncatedMessageIsDiscarded, cites("message-excess-is-discarded"), on(kit::kMessageKinds),
      needs()) {
  send("abcdefgh");
  send("next");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd"});
  expect(receive({.buffers = {room(10)}}), {.data = "next"});
}

CLAIM(PartialBuffers, GrowingMessagesAreReceivedOneByOne, cites({"message-is-read-whole", "trunc-is-reported"}),
      on(kit::kMessageKinds), needs(kMsgFlags)) {
  for (const char* message : {"1", "22", "333", "4444", "55555"}) send(message);
  expect(receive({.buffers = rooms(2, 2)}), {.data = "1", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "22", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "333", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "4444", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "5555", .msg_flags = MSG_TRUNC});
}

CLAIM(PartialBuffers, EagainWritesNoBuffer, cites("refused-calls-write-nothing"), on(kit::kEveryKind),
      needs(kNonblocking)) {
  expect(receive({.buffers = {room(3, "abc"), slice(6, 1, 4, "012345")}, .timeout = std::chrono::milliseconds(0)}),
         {.failure = would_block()});
}

CLAIM(PartialBuffers, EndOfStreamWritesNoBuffer, cites({"eof-is-zero", "fill-leaves-the-rest"}),
      on(kit::kConnectedKinds), needs()) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3, "abc"), room(3, "def")}}), {.storages = Storages{"abc", "def"}, .nbytes = 0});
}

}  // namespace
}  // namespace recvinto::conformance
