// Blocking, non-blocking and timeout mode, and the flags and options that do similar things for one call or one socket.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

CLAIM(Waiting, BlockingCallWaitsForData, cites("stream-returns-what-is-there"), on(kit::kEveryKind), needs()) {
  start({.buffers = rooms(2, 3)});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(Waiting, NonBlockingCallFailsWithEagainAtOnce, cites("nonblocking-returns-at-once"), on(kit::kEveryKind),
      needs(kNonblocking), measures_time()) {
  const Answer answer = receive({.buffers = rooms(2, 3), .timeout = kNoWait});
  expect(answer, {.failure = would_block()});
  expect_that("elapsed", "at once", fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed < kMuchLater);
}

CLAIM(Waiting, NonBlockingCallReturnsQueuedData, cites({"nonblocking-returns-at-once", "fill-in-order"}),
      on(kit::kEveryKind), needs(kNonblocking)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 3), .timeout = kNoWait}), {.data = "abcd"});
}

CLAIM(Waiting, TimedCallFailsWhenTheTimeoutExpires, cites("timeout-ends-the-wait"), on(kit::kOneOfEachSort),
      needs(kTimeout), measures_time()) {
  const milliseconds timeout = handshake().timeout_of(kShort);
  const Answer answer = receive({.buffers = rooms(2, 3), .timeout = timeout});
  expect(answer, {.failure = timed_out()});
  expect_that("elapsed", fmt_milliseconds(timeout) + " or a little less", fmt_milliseconds(answer.seen.elapsed),
              answer.seen.elapsed >= timeout - kRounding);
  expect_that("elapsed", "not much later", fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed < kMuchLater);
}

CLAIM(Waiting, OneMillisecondTimeoutExpires, cites("timeout-ends-the-wait"), on(kit::kEveryKind), needs(kTimeout),
      measures_time()) {
  expect(receive({.buffers = {room(8)}, .timeout = milliseconds(1)}), {.failure = timed_out()});
}

CLAIM(Waiting, DataEndsATimedCall, cites("timeout-data-ends-the-wait"), on(kit::kEveryKind), needs(kTimeout),
      measures_time()) {
  start({.buffers = rooms(2, 3), .timeout = kLong});
  expect_sleep();
  send("abcd");
  const Answer answer = finish();
  expect(answer, {.data = "abcd"});
  expect_that("elapsed", "far less than 30 s", fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed < kMuchLater);
}

// It is a message, not the end of the time.
CLAIM(Waiting, EmptyMessageEndsATimedCall, cites({"zero-length-message", "timeout-data-ends-the-wait"}),
      on(kit::kMessageKinds), needs(kTimeout)) {
  start({.buffers = rooms(2, 3), .timeout = kLong});
  expect_sleep();
  send("");
  expect(finish(), {.data = ""});
}

CLAIM(Waiting, TimedCallReturnsQueuedData, cites({"timeout-data-ends-the-wait", "fill-in-order"}), on(kit::kEveryKind),
      needs(kTimeout)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 3), .timeout = kLong}), {.data = "abcd"});
}

CLAIM(Waiting, ExpiredTimeoutLosesNoData, cites("timeout-loses-nothing"), on(kit::kEveryKind), needs(kTimeout)) {
  expect(receive({.buffers = rooms(2, 3), .timeout = milliseconds(1)}), {.failure = timed_out()});
  send("abcd");
  expect(receive({.buffers = rooms(2, 3), .timeout = kLong}), {.data = "abcd"});
}

CLAIM(Waiting, MsgDontwaitFailsWithEagain, cites("dontwait-is-for-one-call"), on(kit::kEveryKind),
      needs(kFlags, kSystemWait)) {
  expect(receive({.buffers = {room(8)}, .flags = MSG_DONTWAIT}), {.failure = would_block()});
}

CLAIM(Waiting, MsgDontwaitAppliesToOneCallOnly, cites("dontwait-is-for-one-call"), on(kit::kEveryKind),
      needs(kFlags, kSystemWait)) {
  expect(receive({.buffers = {room(8)}, .flags = MSG_DONTWAIT}), {.failure = would_block()});
  start({.buffers = {room(8)}});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// With such a timeout a signal ends the system call even where handlers restart it (signal(7)), and runtimes send
// signals to themselves (Go, to its own threads): only who goes on after one can be held to it.
CLAIM(Waiting, RcvtimeoFailsWithEagain, cites("receive-timeout-of-the-socket"), on(kit::kOneOfEachSort),
      needs(kSystemWait, kSignals), measures_time()) {
  stage().set_receive_timeout(kShort);
  const Answer answer = receive({.buffers = {room(8)}});
  expect(answer, {.failure = would_block()});
  expect_that("elapsed", "40 ms or a little less", fmt_milliseconds(answer.seen.elapsed),
              answer.seen.elapsed >= kShort - kRounding);
}

// Python's own call polls first and so waits; a call that asks the system first fails at once. Both are right.
CLAIM(Waiting, MsgDontwaitWithATimeoutFails, cites("dontwait-with-a-timeout"), on(kit::kOneOfEachSort),
      needs(kFlags, kTimeout)) {
  const Answer answer = receive({.buffers = rooms(2, 3), .flags = MSG_DONTWAIT, .timeout = milliseconds(5)});
  const bool at_once = answer.seen.error && answer.seen.error->number == EAGAIN;
  expect(answer, {.failure = at_once ? would_block() : timed_out()});
}

CLAIM(Waiting, CallWaitsUntilRcvlowatIsReached, cites("low-water-mark"), on(kit::kUnixStream), needs(kSystemWait)) {
  stage().set_option(SOL_SOCKET, SO_RCVLOWAT, 6);
  send("abcd");
  start({.buffers = rooms(2, 10)});
  expect_sleep();
  send("efgh");
  expect(finish(), {.data = "abcdefgh"});
}

// A signal ends it with the part that is there, a runtime's own signal too.
}  // namespace
}  // namespace recvinto::conformance
