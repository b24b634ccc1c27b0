// What one call leaves behind for the next: nothing but what it left in the queue.

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

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
  for (const std::size_t count : {1U, 5U, 1U, 2U, 17U, 3U, 1U, 64U, 2U, 255U, 256U, 257U, 1U}) {
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

// A list of buffers that was handed over once may lie where the next one does.
CLAIM(History, LengthsOfBuffersMayChangeWithEachCall, cites({"fill-in-order", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kScatter)) {
  for (const std::size_t first : {1U, 8U, 2U, 7U, 3U}) {
    const kit::Bytes message = distinct_bytes(9);
    send(message);
    expect(receive({.buffers = {room(first), room(9 - first)}}), {.data = message});
    expect_queue({});
  }
}

CLAIM(History, EveryOfManyCallsUsesAllBuffers, cites({"fill-in-order", "nbytes-is-the-total"}), on(kit::kEveryKind),
      needs(kScatter)) {
  for (int i = 0; i < 70; ++i) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  }
}

CLAIM(History, ReceiveAfterAPeekThatFindsNothingTakesItsData, cites({"peek-leaves-the-data", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kFlags, kNonblocking)) {
  expect(receive({.buffers = {room(8)}, .flags = MSG_PEEK, .timeout = std::chrono::milliseconds(0)}),
         {.failure = would_block()});
  send("abcd");
  expect(receive({.buffers = {room(8)}}), {.data = "abcd"});
  expect_queue({});
}

CLAIM(History, RoomForAncillaryDataMayGrow, cites({"ctrunc-is-reported", "ctrunc-costs-no-data"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/1);
  expect(receive({.buffers = {room(8)}, .ancbufsize = cmsg_space(sizeof(int))}),
         {.data = "abcd", .msg_flags = 0, .files = Files{0}});
  send("efgh", /*files=*/5);
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}),
         {.data = "efgh", .msg_flags = 0, .files = Files{1, 2, 3, 4, 5}});
}

CLAIM(History, CutItemsAreReportedOnce, cites({"ctrunc-is-reported", "msg-flags-are-independent"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = {room(8)}, .ancbufsize = 0}), {.data = "abcd", .msg_flags = MSG_CTRUNC});
  for (const std::optional<std::int64_t> ancbufsize : {std::optional<std::int64_t>(0), plenty()}) {
    send("efgh");
    expect(receive({.buffers = {room(8)}, .ancbufsize = ancbufsize}), {.data = "efgh", .msg_flags = 0});
  }
}

CLAIM(History, ItemsAreOfTheirCallOnly, cites("ancdata-is-fresh"), on(kit::kUnixKinds), needs(kAncillary),
      reporting({"credentials"})) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd");
  const Answer with_credentials = receive({.buffers = {room(8)}, .ancbufsize = plenty()});
  expect(with_credentials, {.data = "abcd"});
  expect_equal("number of items", std::size_t{1}, with_credentials.seen.ancdata.value_or(Items{}).size());
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 0);
  send("efgh");
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "efgh", .ancdata = Items{}});
}

}  // namespace
}  // namespace recvinto::conformance
