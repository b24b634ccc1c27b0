// An empty list of buffers, and lists of empty buffers only.

#include <sys/socket.h>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(NoBuffers, StreamReceiveWithoutBuffersTakesNothing, cites("no-buffers-take-nothing-from-a-stream"),
      on(kit::kStreamKinds), needs(kNoBuffers)) {
  send("abc");
  expect(receive({.buffers = {}}), {.nbytes = 0});
  expect_queue({{"abc", 0}});
}

// A wrapper that receives into a byte of its own, so as to have somewhere to put it, loses that byte.
CLAIM(NoBuffers, StreamReceiveWithOnlyControlBufferTakesNothing, cites("no-buffers-take-nothing-from-a-stream"),
      on(kit::kStreamKinds), needs(kNoBuffers, kAncillary, kAncbufsize)) {
  send("abc");
  expect(receive({.buffers = {}, .ancbufsize = 64}), {.nbytes = 0, .ancdata = Items{}});
  expect_queue({{"abc", 0}});
}

CLAIM(NoBuffers, MessageReceiveWithoutBuffersReportsTrunc, cites("no-buffers-take-one-message"), on(kit::kMessageKinds),
      needs(kNoBuffers, kMsgFlags)) {
  send("abc");
  send("de");
  expect(receive({.buffers = {}}), {.nbytes = 0, .msg_flags = MSG_TRUNC});
  expect_queue({{"de", 0}});
}

CLAIM(NoBuffers, MessageReceiveWithOnlyControlBufferReportsTrunc, cites("no-buffers-take-one-message"),
      on(kit::kMessageKinds), needs(kNoBuffers, kMsgFlags, kAncillary, kAncbufsize)) {
  send("abc");
  send("de");
  expect(receive({.buffers = {}, .ancbufsize = 64}), {.nbytes = 0, .msg_flags = MSG_TRUNC, .ancdata = Items{}});
  expect_queue({{"de", 0}});
}

CLAIM(NoBuffers, EmptySocketWithoutBuffersFailsWithEagain, cites("no-buffers-find-nothing"), on(kit::kEveryKind),
      needs(kNoBuffers, kNonblocking)) {
  expect(receive({.buffers = {}, .timeout = kNoWait}), {.failure = would_block()});
}

CLAIM(NoBuffers, MessageReceiveWithoutBuffersWaits, cites("no-buffers-find-nothing"), on(kit::kMessageKinds),
      needs(kNoBuffers)) {
  start({.buffers = {}});
  expect_sleep();
  send("abc");
  expect(finish(), {.nbytes = 0});
  expect_queue({});
}

CLAIM(NoBuffers, EndOfStreamWithoutBuffersReturnsZero, cites("no-buffers-at-the-end"), on(kit::kConnectedKinds),
      needs(kNoBuffers)) {
  stage().peer_closes();
  expect(receive({.buffers = {}}), {.nbytes = 0});
}

CLAIM(NoBuffers, UnixDatagramWithoutBuffersHasNoEndOfStream, cites("unix-datagram-has-no-end"), on(kit::kUnixDatagram),
      needs(kNoBuffers, kNonblocking)) {
  stage().peer_shuts_down_writing();
  expect(receive({.buffers = {}, .timeout = kNoWait}), {.failure = would_block()});
}

CLAIM(EmptyBuffers, StreamReceiveIntoEmptyBuffersTakesNothing, cites("no-buffers-take-nothing-from-a-stream"),
      on(kit::kStreamKinds), needs(kEmptyBuffers)) {
  send("abc");
  expect(receive({.buffers = rooms(3, 0)}), {.nbytes = 0});
  expect_queue({{"abc", 0}});
}

CLAIM(EmptyBuffers, EmptyBuffersWithControlBufferTakeNothingFromStream, cites("no-buffers-take-nothing-from-a-stream"),
      on(kit::kStreamKinds), needs(kEmptyBuffers, kAncillary, kAncbufsize)) {
  send("abc");
  expect(receive({.buffers = rooms(3, 0), .ancbufsize = 64}), {.nbytes = 0, .ancdata = Items{}});
  expect_queue({{"abc", 0}});
}

CLAIM(EmptyBuffers, MessageReceiveIntoEmptyBuffersReportsTrunc, cites("no-buffers-take-one-message"),
      on(kit::kMessageKinds), needs(kEmptyBuffers, kMsgFlags)) {
  send("abc");
  send("de");
  expect(receive({.buffers = rooms(3, 0)}), {.nbytes = 0, .msg_flags = MSG_TRUNC});
  expect_queue({{"de", 0}});
}

CLAIM(EmptyBuffers, EmptySocketWithEmptyBufferFailsWithEagain, cites("no-buffers-find-nothing"), on(kit::kEveryKind),
      needs(kEmptyBuffers, kNonblocking)) {
  expect(receive({.buffers = {room(0)}, .timeout = kNoWait}), {.failure = would_block()});
}

}  // namespace
}  // namespace recvinto::conformance
