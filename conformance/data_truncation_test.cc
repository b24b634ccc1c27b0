// MSG_TRUNC: reported when a message was cut, and as an input flag where the system then gives the real length.

#include <sys/socket.h>

#include <algorithm>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(DataTruncation, MessageLargerThanBuffersReportsTrunc, cites("trunc-is-reported"), on(kit::kMessageKinds),
      needs(kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .msg_flags = MSG_TRUNC});
}

CLAIM(DataTruncation, OneByteTooManyReportsTrunc, cites("trunc-is-reported"), on(kit::kMessageKinds),
      needs(kMsgFlags)) {
  send("abcdefghi");
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abcdefgh", .msg_flags = MSG_TRUNC});
}

CLAIM(DataTruncation, MessageThatFitsDoesNotReportTrunc,
      cites({"trunc-only-when-cut", "msg-flags-of-an-ordinary-message"}), on(kit::kMessageKinds), needs(kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abcdefgh", .msg_flags = 0});
  send("abc");
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abc", .msg_flags = 0});
}

CLAIM(DataTruncation, StreamNeverReportsTrunc, cites("trunc-not-on-streams"), on(kit::kStreamKinds), needs(kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 9)}), {.data = "efgh", .msg_flags = 0});
}

CLAIM(DataTruncation, MsgTruncIsClearedForTheNextCall, cites("msg-flags-are-independent"), on(kit::kMessageKinds),
      needs(kMsgFlags)) {
  send("abcdefgh");
  send("abc");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .msg_flags = MSG_TRUNC});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abc", .msg_flags = 0});
}

CLAIM(DataTruncation, MsgTruncFlagReturnsTheFullLength, cites("trunc-asked-tells-the-length"), on(kit::kMessageKinds),
      needs(kFlags, kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(4), room(2)}, .flags = MSG_TRUNC}),
         {.data = "abcdef", .nbytes = 8, .msg_flags = MSG_TRUNC});
  expect_queue({});
}

CLAIM(DataTruncation, MsgTruncFlagIsNotReportedIfTheMessageFits, cites("trunc-asked-tells-the-length"),
      on(kit::kMessageKinds), needs(kFlags, kMsgFlags)) {
  send("abcd");
  expect(receive({.buffers = {room(1), room(3)}, .flags = MSG_TRUNC}), {.data = "abcd", .msg_flags = 0});
  send("abcd");
  expect(receive({.buffers = {room(4), room(4)}, .flags = MSG_TRUNC}), {.data = "abcd", .msg_flags = 0});
}

CLAIM(DataTruncation, MsgTruncWithoutBuffersReturnsLength, cites("trunc-asked-tells-the-length"),
      on(kit::kMessageKinds), needs(kNoBuffers, kFlags, kMsgFlags)) {
  send("abcde");
  send("next");
  expect(receive({.buffers = {}, .flags = MSG_TRUNC}), {.nbytes = 5, .msg_flags = MSG_TRUNC});
  expect_queue({{"next", 0}});
}

CLAIM(DataTruncation, MsgTruncFlagReturnsTheLengthOfALargeMessage, cites("trunc-asked-tells-the-length"),
      on(kit::kMessageKinds), needs(kFlags, kMsgFlags)) {
  send(kit::Bytes(60'000, 'x'));
  expect(receive({.buffers = {room(1), room(1)}, .flags = MSG_TRUNC}),
         {.data = "xx", .nbytes = 60'000, .msg_flags = MSG_TRUNC});
}

CLAIM(DataTruncation, MsgTruncWithPeekReturnsTheNextLength, cites({"trunc-with-peek-measures", "peek-leaves-the-data"}),
      on(kit::kMessageKinds), needs(kFlags, kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(1)}, .flags = MSG_PEEK | MSG_TRUNC}),
         {.data = "a", .nbytes = 8, .msg_flags = MSG_TRUNC});
  expect_queue({{"abcdefgh", 0}});
}

CLAIM(DataTruncation, MsgTruncWithPeekAndNoBuffersReturnsTheNextLength, cites("trunc-with-peek-measures"),
      on(kit::kMessageKinds), needs(kNoBuffers, kFlags, kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {}, .flags = MSG_PEEK | MSG_TRUNC}), {.nbytes = 8, .msg_flags = MSG_TRUNC});
  expect_queue({{"abcdefgh", 0}});
}

CLAIM(DataTruncation, PeekedMessageLargerThanBuffersReportsTrunc,
      cites({"trunc-with-peek-measures", "peek-leaves-the-data"}), on(kit::kMessageKinds), needs(kFlags, kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd", .msg_flags = MSG_TRUNC});
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_PEEK}), {.data = "abcdefgh", .msg_flags = 0});
  expect_queue({{"abcdefgh", 0}});
}

CLAIM(DataTruncation, MsgTruncFlagOnTcpDiscardsBytes, cites("trunc-asked-on-tcp-discards"), on(kit::kTcpKinds),
      needs(kFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(4), room(2)}, .flags = MSG_TRUNC}), {.data = "", .nbytes = 6});
  expect_queue({{"gh", 0}});
}

CLAIM(DataTruncation, MsgTruncWithPeekOnTcpStoresNothing, cites("trunc-asked-on-tcp-discards"), on(kit::kTcpKinds),
      needs(kFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(4)}, .flags = MSG_PEEK | MSG_TRUNC}), {.data = "", .nbytes = 4});
  expect_queue({{"abcdefgh", 0}});
}

CLAIM(DataTruncation, MsgTruncFlagOnUnixStreamIsIgnored, cites("trunc-asked-on-unix-streams-does-nothing"),
      on(kit::kUnixStream), needs(kFlags, kMsgFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(4), room(2)}, .flags = MSG_TRUNC}), {.data = "abcdef", .msg_flags = 0});
  expect_queue({{"gh", 0}});
}

CLAIM(DataTruncation, MsgTruncWithoutBuffersOnAStreamReturnsZero, cites("no-buffers-take-nothing-from-a-stream"),
      on(kit::kStreamKinds), needs(kNoBuffers, kFlags)) {
  send("abcdefgh");
  expect(receive({.buffers = {}, .flags = MSG_TRUNC}), {.nbytes = 0});
  expect_queue({{"abcdefgh", 0}});
}

// Small domains are swept whole: every length of message against every way to cut a room into buffers.
CLAIM(DataTruncation, MsgTruncIsReportedExactlyForTruncatedMessages,
      cites({"trunc-is-reported", "trunc-only-when-cut"}), on(kit::kMessageKinds), needs(kMsgFlags)) {
  const kit::Bytes alphabet = "abcdefg";
  for (std::size_t space = 1; space <= alphabet.size() - 2; ++space) {
    for (const std::vector<kit::Buffer>& buffers : kit::partitions(space)) {
      for (std::size_t length = 1; length <= alphabet.size(); ++length) {
        send(alphabet.substr(0, length));
        expect(receive({.buffers = buffers}),
               {.data = alphabet.substr(0, std::min(length, space)), .msg_flags = length > space ? MSG_TRUNC : 0});
      }
    }
  }
}

}  // namespace
}  // namespace recvinto::conformance
