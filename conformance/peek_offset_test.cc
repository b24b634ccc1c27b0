// SO_PEEK_OFF (socket(7)): peeks that go on where the last one ended.

#include <sys/socket.h>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

void peek_from(kit::Stage& stage, int offset) {
  stage.set_option(SOL_SOCKET, SO_PEEK_OFF, offset);
}

// socket(7)'s own example.
CLAIM(PeekOffset, UnixStreamPeekAndReceiveMovePeekOffset, cites("peek-offset-moves"), on(kit::kUnixStream),
      needs(kFlags, kMsgFlags)) {
  const kit::Call peek{.buffers = rooms(2, 1), .flags = MSG_PEEK};
  const auto expect_offset = [this](int offset) {
    expect_equal("SO_PEEK_OFF", offset, stage().option(SOL_SOCKET, SO_PEEK_OFF));
  };
  send("aabbccddeeff");
  peek_from(stage(), 4);
  expect(receive(peek), {.data = "cc", .msg_flags = 0});
  expect_offset(6);
  expect(receive(peek), {.data = "dd", .msg_flags = 0});
  expect_offset(8);
  expect(receive({.buffers = rooms(2, 1)}), {.data = "aa", .msg_flags = 0});
  expect_offset(6);
  expect(receive(peek), {.data = "ee", .msg_flags = 0});
  expect_offset(8);
  expect_queue({{"bbccddeeff", 0}});
}

CLAIM(PeekOffset, PeekOffsetAdvancesWithinAUnixMessage, cites({"peek-offset-inside-a-message", "trunc-is-reported"}),
      on(kit::kUnixMessageKinds), needs(kFlags, kMsgFlags)) {
  send("aaaabbbb");
  peek_from(stage(), 0);
  expect(receive({.buffers = {room(1), room(3)}, .flags = MSG_PEEK}), {.data = "aaaa", .msg_flags = MSG_TRUNC});
  expect(receive({.buffers = {room(1), room(99)}, .flags = MSG_PEEK}), {.data = "bbbb", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "aaaabbbb", .msg_flags = 0});
}

CLAIM(PeekOffset, PeekAtOffsetSpansUnixStreamSends, cites({"peek-offset-across-sends", "peek-spans-sends"}),
      on(kit::kUnixStream), needs(kFlags)) {
  peek_from(stage(), 0);
  send("aaaa");
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_PEEK}), {.data = "aa"});
  send("bbbb");
  expect(receive({.buffers = {room(1), room(3)}, .flags = MSG_PEEK}), {.data = "aabb"});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "aaaabbbb"});
}

CLAIM(PeekOffset, PeekAtOffsetEndsWithTheUnixMessage, cites("peek-offset-across-sends"), on(kit::kUnixMessageKinds),
      needs(kFlags)) {
  peek_from(stage(), 0);
  send("aaaa");
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_PEEK}), {.data = "aa"});
  send("bbbb");
  expect(receive({.buffers = {room(1), room(3)}, .flags = MSG_PEEK}), {.data = "aa"});
  expect(receive({.buffers = {room(1), room(3)}, .flags = MSG_PEEK}), {.data = "bbbb"});
  expect_queue({{"aaaa", 0}, {"bbbb", 0}});
}

}  // namespace
}  // namespace recvinto::conformance
