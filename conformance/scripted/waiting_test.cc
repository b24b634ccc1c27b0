// Readiness that is none, and errors of waiting: what a call does when poll(2) and recvmsg(2) disagree.

#include <sys/socket.h>

#include <chrono>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::fails;
using kit::gives;
using kit::room;
using kit::rooms;
using kit::times;
using std::chrono::milliseconds;

CLAIM(ScriptedWaiting, FalseReadinessContinuesTheWait, cites("false-readiness-goes-on-waiting"),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kTimeout)) {
  const Answer answer = receive({.buffers = rooms(2, 3), .timeout = kLong}, times(3, fails(EAGAIN), {gives("abcd")}));
  if (was_timed_by_the_system(answer, handshake())) {
    expect(answer, {.failure = timed_out(), .receives = 1, .unused_steps = 3});
  } else {
    expect(answer, {.data = "abcd", .receives = 4});
  }
}

CLAIM(ScriptedWaiting, FalseReadinessAndEintrContinueTheWait,
      cites({"false-readiness-goes-on-waiting", "eintr-in-every-mode"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kTimeout, kSignals)) {
  const Answer answer =
      receive({.buffers = rooms(2, 3), .timeout = kLong},
              {fails(EINTR), fails(EAGAIN), fails(EINTR), fails(EINTR), fails(EAGAIN), gives("abcd")});
  if (was_timed_by_the_system(answer, handshake())) {
    expect(answer, {.failure = timed_out(), .receives = 2, .unused_steps = 4});
  } else {
    expect(answer, {.data = "abcd", .receives = 6});
  }
}

CLAIM(ScriptedWaiting, PersistentFalseReadinessKeepsTheDeadline, cites("false-readiness-keeps-the-deadline"),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kTimeout), measures_time()) {
  const milliseconds timeout = handshake().timeout_of(milliseconds(60));
  constexpr milliseconds kMuchTooLate{3000};  // a loaded machine is no excuse for more
  const Answer answer =
      receive({.buffers = {room(8)}, .timeout = timeout}, kit::Script{.steps = {fails(EAGAIN)}, .last_repeats = true});
  expect(answer, {.failure = timed_out()});
  const bool is_early = answer.seen.elapsed < timeout - kRounding && !was_timed_by_the_system(answer, handshake());
  expect_that("elapsed", fmt_milliseconds(timeout) + " or a little less", fmt_milliseconds(answer.seen.elapsed),
              !is_early);
  expect_that("elapsed", "< 3000 ms", fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed < kMuchTooLate);
}

// The time is up while the kernel is at it. What it then gives has left the queue: no later call gets it.
CLAIM(ScriptedWaiting, LateDataIsReturnedDespiteTheTimeout,
      cites({"timeout-loses-nothing", "timeout-data-ends-the-wait"}), on(kit::kScriptedKinds), scripted(kOrdinary),
      needs(kTimeout)) {
  const milliseconds timeout = handshake().timeout_of(milliseconds(20));
  send("abcd");
  stage().play({.steps = {kit::hold()}, .readable = false});
  start({.buffers = rooms(2, 3), .timeout = timeout});
  stage().await_hold();
  stage().answers_within(2 * timeout);  // it does not: it is held
  stage().release_hold();
  expect(finish(), {.data = "abcd", .receives = 1});
}

CLAIM(ScriptedWaiting, NonBlockingCallDoesNotWait, cites({"nonblocking-returns-at-once", "receive-is-one-system-call"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kNonblocking)) {
  expect(receive({.buffers = {room(8)}, .timeout = milliseconds(0)}, {fails(EAGAIN), gives("abcd")}),
         {.failure = would_block(), .receives = 1, .unused_steps = 1});
}

// As SO_RCVTIMEO gives it.
CLAIM(ScriptedWaiting, BlockingEagainIsPassedOn, cites({"receive-timeout-of-the-socket", "errno-is-handed-on"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSystemWait)) {
  expect(receive({.buffers = {room(8)}}, {fails(EAGAIN), gives("abcd")}),
         {.failure = would_block(), .receives = 1, .unused_steps = 1});
}

CLAIM(ScriptedWaiting, EtimedoutIsNotACallTimeout, cites({"system-timeout-is-an-errno", "errno-is-handed-on"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kTimeout)) {
  expect(receive({.buffers = {room(8)}, .timeout = kLong}, {fails(ETIMEDOUT), gives("abcd")}),
         {.failure = os_error(ETIMEDOUT), .receives = 1, .unused_steps = 1});
}

CLAIM(ScriptedWaiting, TimedCallPassesErrnoOn, cites("errno-is-handed-on"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kTimeout)) {
  for (const int number : {ECONNRESET, ENOTCONN, ENOMEM, EIO}) {
    expect(receive({.buffers = {room(8)}, .timeout = kLong}, {fails(number), gives("abcd")}),
           {.failure = os_error(number), .receives = 1, .unused_steps = 1});
  }
}

}  // namespace
}  // namespace recvinto::conformance
