// Where a receive ends when descriptors lie in the queue, and which receive brings them (unix(7), Ancillary messages).

#include <sys/socket.h>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

/// Room for everything that these claims send, in two parts that end inside a message.
std::vector<kit::Buffer> ample() {
  return {room(3), room(17)};
}

// unix(7)'s own example.
CLAIM(AncillaryBarrier, ReceiveEndsAfterDataWithDescriptors,
      cites({"unix-descriptors-are-a-barrier", "stream-discards-nothing"}), on(kit::kUnixStream),
      needs(kAncillary, kRights)) {
  send("abcd");
  send("e", /*files=*/1);
  send("fghi");
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "abcde", .files = Files{0}});
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "fghi", .files = Files{}});
}

CLAIM(AncillaryBarrier, DescriptorsOfTwoSendsAreNotMerged,
      cites({"unix-descriptors-are-a-barrier", "ancdata-rights-in-order"}), on(kit::kUnixStream),
      needs(kAncillary, kRights, kMsgFlags)) {
  send("abcd", /*files=*/1);
  send("efgh", /*files=*/2);
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "abcd", .msg_flags = 0, .files = Files{0}});
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "efgh", .msg_flags = 0, .files = Files{1, 2}});
}

CLAIM(AncillaryBarrier, BarrierHoldsWithoutControlBuffer, cites({"unix-barrier-without-room", "ctrunc-is-reported"}),
      on(kit::kUnixStream), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  for (int i = 0; i < 2; ++i) send("abcd", /*files=*/1);
  send("ef");
  for (int i = 0; i < 2; ++i) {
    expect(receive({.buffers = ample(), .ancbufsize = 0}),
           {.data = "abcd", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
  }
  expect(receive({.buffers = ample(), .ancbufsize = 0}), {.data = "ef", .msg_flags = 0, .ancdata = Items{}});
}

// Implementations without ancillary data see the barrier, too.
CLAIM(AncillaryBarrier, BarrierHoldsForDataOnlyReceives, cites("unix-barrier-without-room"), on(kit::kUnixStream),
      needs()) {
  send("abcd", /*files=*/1);
  send("ef");
  expect(receive({.buffers = ample()}), {.data = "abcd"});
  expect(receive({.buffers = ample()}), {.data = "ef"});
}

// Each way to cut the data in two: by the buffers of the first receive.
CLAIM(AncillaryBarrier, DescriptorsArriveOnceWithTheFirstByte, cites("unix-descriptors-come-with-the-first-byte"),
      on(kit::kUnixStream), needs(kAncillary, kRights, kMsgFlags)) {
  const kit::Bytes data = "abcdefgh";
  for (std::size_t first = 2; first < data.size(); ++first) {
    send(data, /*files=*/1);
    expect(receive({.buffers = {room(1), room(first - 1)}, .ancbufsize = plenty()}),
           {.data = data.substr(0, first), .msg_flags = 0, .files = Files{first - 2}});
    expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
           {.data = data.substr(first), .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
  }
}

CLAIM(AncillaryBarrier, DescriptorsArriveWithTheFirstOfSeveralReceives,
      cites("unix-descriptors-come-with-the-first-byte"), on(kit::kUnixStream), needs(kAncillary, kRights)) {
  send("abcdefgh", /*files=*/2);
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = plenty()}), {.data = "abc", .files = Files{0, 1}});
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = plenty()}), {.data = "def", .files = Files{}});
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = plenty()}), {.data = "gh", .files = Files{}});
}

CLAIM(AncillaryBarrier, DescriptorsWithoutControlBufferAreDiscarded,
      cites({"unix-descriptors-are-not-kept-for-later", "ctrunc-is-reported", "msg-flags-are-independent"}),
      on(kit::kUnixStream), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcdefgh", /*files=*/1);
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = 0}),
         {.data = "abc", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = 64}),
         {.data = "def", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
  expect(receive({.buffers = {room(1), room(2)}, .ancbufsize = 0}), {.data = "gh", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(AncillaryBarrier, DescriptorsDoNotArriveBeforeTheirData,
      cites({"unix-descriptors-stay-with-their-data", "ancdata-is-empty-without-items"}), on(kit::kUnixStream),
      needs(kAncillary, kRights, kMsgFlags)) {
  send("abcd");
  send("efgh", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "efgh", .msg_flags = 0, .files = Files{0}});
}

CLAIM(AncillaryBarrier, RestOfDataWithDescriptorsIsPlainData,
      cites({"unix-rest-is-plain-data", "unix-descriptors-are-a-barrier"}), on(kit::kUnixStream),
      needs(kAncillary, kRights, kMsgFlags)) {
  send("abcd", /*files=*/1);
  send("ef", /*files=*/1);
  send("gh");
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = plenty()}), {.data = "ab", .msg_flags = 0, .files = Files{0}});
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "cdef", .msg_flags = 0, .files = Files{1}});
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}),
         {.data = "gh", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryBarrier, DescriptorsSentWithoutDataAreDropped, cites("unix-empty-sends-leave-nothing"),
      on(kit::kUnixStream), needs(kAncillary, kRights, kMsgFlags)) {
  send("", /*files=*/1);
  send("abcd");
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryBarrier, DescriptorsSentWithoutDataDoNotWakeTheReceiver, cites("unix-empty-sends-leave-nothing"),
      on(kit::kUnixStream), needs(kAncillary, kRights)) {
  start({.buffers = ample(), .ancbufsize = plenty()});
  expect_sleep();
  send("", /*files=*/1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryBarrier, StreamReceiveWithoutBuffersTakesOnlyDescriptors,
      cites({"unix-descriptors-without-buffers", "no-buffers-take-nothing-from-a-stream"}), on(kit::kUnixStream),
      needs(kNoBuffers, kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/1);
  expect(receive({.buffers = {}, .ancbufsize = 64}), {.nbytes = 0, .msg_flags = 0, .files = Files{0}});
  expect(receive({.buffers = ample(), .ancbufsize = 64}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryBarrier, MessageReceiveWithoutBuffersReturnsDescriptors,
      cites({"unix-descriptors-without-buffers", "no-buffers-take-one-message"}), on(kit::kUnixMessageKinds),
      needs(kNoBuffers, kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/1);
  send("ef");
  expect(receive({.buffers = {}, .ancbufsize = 64}), {.nbytes = 0, .msg_flags = MSG_TRUNC, .files = Files{0}});
  expect_queue({{"ef", 0}});
}

CLAIM(AncillaryBarrier, StreamDescriptorsReadElsewhereAreGone, cites("unix-descriptors-read-over-are-gone"),
      on(kit::kUnixStream), needs(kAncillary, kRights, kMsgFlags)) {
  send("ab");
  send("cd", /*files=*/1);
  send("ef", /*files=*/1);
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = plenty()}),
         {.data = "ab", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
  stage().read_elsewhere(2);
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}), {.data = "ef", .msg_flags = 0, .files = Files{1}});
}

CLAIM(AncillaryBarrier, MessageDescriptorsReadElsewhereAreGone, cites("unix-descriptors-read-over-are-gone"),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kMsgFlags)) {
  send("ab", /*files=*/1);
  send("cd");
  stage().read_elsewhere(2);
  expect(receive({.buffers = ample(), .ancbufsize = plenty()}),
         {.data = "cd", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
}

}  // namespace
}  // namespace recvinto::conformance
