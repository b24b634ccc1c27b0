// What one call leaves behind for the next: nothing but what it left in the queue.

#include <sys/socket.h>

#include <cstddef>

#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(History, EndOfStreamComesAfterDataThatWasPeekedAt, cites({"eof-comes-after-the-data", "peek-leaves-the-data"}),
      on(kit::kConnectedKinds), needs(kFlags)) {
  send("abcd");
  stage().peer_closes();
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_PEEK}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_PEEK}), {.data = "abcd"});
  expect(receive({.buffers = {room(3)}}), {.data = "abc"});
  if (!kind().keeps_messages()) expect(receive({.buffers = rooms(2, 3)}), {.data = "d"});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(History, PeekAtTheEndChangesNothing, cites({"eof-is-zero"}), on(kit::kConnectedKinds), needs(kFlags)) {
  send("abcd");
  stage().peer_closes();
  expect(receive({.buffers = {room(8)}}), {.data = "abcd"});
  for (int i = 0; i < 2; ++i) {
    expect(receive({.buffers = {room(8)}, .flags = MSG_PEEK}), {.data = ""});
    expect(receive({.buffers = {room(8)}}), {.data = ""});
  }
}

CLAIM(History, OrdinaryReceiveAfterMsgTruncStartsAtItsFirstBuffer, cites({"fill-in-order", "nbytes-is-the-total"}),
      on(kit::kMessageKinds), needs(kScatter, kFlags)) {
  for (const std::size_t excess : {1U, 2U, 9U}) {
    send(kit::Bytes(3 + excess, 'x'));
    expect(receive({.buffers = {room(3)}, .flags = MSG_TRUNC}),
           {.data = "xxx", .nbytes = static_cast<std::int64_t>(3 + excess)});
    send("abcdefgh");
    expect(receive({.buffers = rooms(3, 4)}), {.data = "abcdefgh"});
    send("ijkl");
    expect(receive({.buffers = rooms(3, 4)}), {.data = "ijkl"});
  }
}

CLAIM(History, NumberOfBuffersMayChangeWithEachCall, cites({"fill-in-order", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kScatter)) {
  for (const std::size_t count : {1U, 5U, 1U, 2U, 17U, 3U, 1U, 64U, 2U}) {
    const kit::Bytes message = distinct_bytes(count * 3);
    send(message);
    expect(receive({.buffers = rooms(count, 3)}), {.data = message});
    expect_queue({});
  }
}

CLAIM(History, RoomForAncillaryDataIsOfItsCallOnly, cites({"ctrunc-is-reported", "ctrunc-costs-no-data"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  for (std::size_t i = 0; i < 6; i += 2) {
    send("abcd", /*files=*/1);
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}),
           {.data = "abcd", .msg_flags = 0, .files = Files{i}});
    send("efgh", /*files=*/1);
    expect(receive({.buffers = {room(8)}, .ancbufsize = 0}),
           {.data = "efgh", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
  }
}

}  // namespace
}  // namespace recvinto::conformance
