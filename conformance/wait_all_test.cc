// MSG_WAITALL: what ends the wait for full buffers, and which calls do not wait. See also interruption_test.cc.
//
// A signal ends it too, with the part that is there, and runtimes send signals to themselves: what waits here is asked
// only of those who go on after one.

#include <sys/socket.h>

#include <chrono>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

CLAIM(WaitAll, MsgWaitallWaitsForFullBuffers, cites("waitall-fills-the-buffers"), on(kit::kStreamKinds),
      needs(kFlags, kSystemWait, kSignals)) {
  send("abcd");
  start({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL});
  expect_sleep();
  send("efgh");
  expect(finish(), {.data = "abcdefgh"});
}

CLAIM(WaitAll, EndOfStreamEndsMsgWaitallAtOnce, cites("waitall-fills-the-buffers"), on(kit::kStreamKinds),
      needs(kFlags, kSystemWait)) {
  send("abcd");
  stage().peer_shuts_down_writing();
  expect(receive({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL}), {.data = "abcd"});
}

CLAIM(WaitAll, PeerCloseEndsAWaitingMsgWaitall, cites({"waitall-fills-the-buffers", "eof-wakes-a-waiting-call"}),
      on(kit::kStreamKinds), needs(kFlags, kSystemWait, kSignals)) {
  send("abcd");
  start({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL});
  expect_sleep();
  stage().peer_closes();
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitAll, MsgWaitallAtEndOfStreamReturnsZero, cites({"waitall-fills-the-buffers", "eof-is-zero"}),
      on(kit::kStreamKinds), needs(kFlags)) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL}), {.data = ""});
}

CLAIM(WaitAll, MsgWaitallHasNoEffectOnMessages, cites({"waitall-is-for-streams", "message-is-read-whole"}),
      on(kit::kMessageKinds), needs(kFlags, kMsgFlags)) {
  for (const char* message : {"abcd", "efgh"}) send(message);
  expect(receive({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL}), {.data = "abcd", .msg_flags = 0});
  expect(receive({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL}), {.data = "efgh", .msg_flags = 0});
}

CLAIM(WaitAll, MsgWaitallWaitsForOneMessageOnly, cites("waitall-is-for-streams"), on(kit::kMessageKinds),
      needs(kFlags, kSystemWait, kSignals)) {
  start({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitAll, MsgWaitallWithMsgDontwaitReturnsQueuedData, cites("waitall-with-dontwait-does-not-wait"),
      on(kit::kEveryKind), needs(kFlags, kSystemWait)) {
  const kit::Call call{.buffers = {room(3), room(5)}, .flags = MSG_WAITALL | MSG_DONTWAIT};
  expect(receive(call), {.failure = would_block()});
  send("abcd");
  expect(receive(call), {.data = "abcd"});
  expect(receive(call), {.failure = would_block()});
}

CLAIM(WaitAll, NonBlockingMsgWaitallReturnsQueuedData, cites("nonblocking-returns-at-once"), on(kit::kEveryKind),
      needs(kFlags, kNonblocking)) {
  const kit::Call call{.buffers = {room(3), room(5)}, .flags = MSG_WAITALL, .timeout = milliseconds(0)};
  expect(receive(call), {.failure = would_block()});
  send("abcd");
  expect(receive(call), {.data = "abcd"});
}

CLAIM(WaitAll, TimedMsgWaitallReturnsQueuedData, cites("waitall-with-a-timeout-returns-the-part"),
      on(kit::kStreamKinds), needs(kFlags, kTimeout), measures_time()) {
  send("abcd");
  start({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL, .timeout = kLong});
  if (stage().await_sleep() &&
      is_timed_by_the_system(stage(), handshake())) {  // which waits for the rest, timeout or not
    send("efgh");
    expect(finish(), {.data = "abcdefgh"});
    return;
  }
  const Answer answer = finish();
  expect(answer, {.data = "abcd"});
  expect_that("elapsed", "far less than 30 s", fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed < kMuchLater);
}

CLAIM(WaitAll, MsgWaitallWithRcvtimeoReturnsPartialData, cites("receive-timeout-returns-the-part"),
      on(kit::kStreamKinds), needs(kFlags, kSystemWait, kSignals), measures_time()) {
  stage().set_receive_timeout(kShort);
  send("abcd");
  const Answer answer = receive({.buffers = {room(3), room(5)}, .flags = MSG_WAITALL});
  expect(answer, {.data = "abcd"});
  expect_that("elapsed", "40 ms or a little less", fmt_milliseconds(answer.seen.elapsed),
              answer.seen.elapsed >= kShort - kRounding);
}

CLAIM(WaitAll, MsgWaitallEndsAfterDescriptors,
      cites({"waitall-stops-at-descriptors", "unix-descriptors-are-a-barrier"}), on(kit::kUnixStream),
      needs(kFlags, kAncillary, kRights, kMsgFlags)) {
  send("abcd", /*files=*/1);
  send("efgh");
  expect(receive({.buffers = {room(3), room(5)}, .ancbufsize = plenty(), .flags = MSG_WAITALL}),
         {.data = "abcd", .msg_flags = 0, .files = Files{0}});
  expect_queue({{"efgh", 0}});
}

CLAIM(WaitAll, MsgWaitallMergesPlainDataWithDescriptors,
      cites({"waitall-stops-at-descriptors", "unix-descriptors-are-a-barrier"}), on(kit::kUnixStream),
      needs(kFlags, kAncillary, kRights, kMsgFlags)) {
  send("abcd");
  send("efgh", /*files=*/1);
  send("ijkl");
  expect(receive({.buffers = {room(3), room(9)}, .ancbufsize = plenty(), .flags = MSG_WAITALL}),
         {.data = "abcdefgh", .msg_flags = 0, .files = Files{0}});
  expect_queue({{"ijkl", 0}});
}

// The data with descriptors come while it waits: they end the wait, though the buffers are not full.
CLAIM(WaitAll, LaterDescriptorsEndMsgWaitall, cites("waitall-stops-at-descriptors"), on(kit::kUnixStream),
      needs(kFlags, kSystemWait, kSignals, kAncillary, kRights)) {
  send("abcd");
  start({.buffers = {room(3), room(9)}, .ancbufsize = plenty(), .flags = MSG_WAITALL});
  expect_sleep();
  send("ef", /*files=*/1);
  expect(finish(), {.data = "abcdef", .files = Files{0}});
}

}  // namespace
}  // namespace recvinto::conformance
