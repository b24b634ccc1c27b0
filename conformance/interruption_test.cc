// PEP 475: signals that arrive while the call waits. No test sleeps: a signal is sent when the receiving thread is seen
// asleep in its system call, and the test goes on when it is seen asleep again.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

/// For a claim that takes long: who counts the time looks at no kind of socket.
constexpr std::array kStreamAndMessages{kit::kUnixStream, kit::kUdp4};

CLAIM(Interruption, ReturningHandlerDoesNotEndTheCall, cites({"eintr-is-retried", "eintr-handler-runs"}),
      on(kit::kEveryKind), needs(kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = rooms(2, 3)});
  interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .signals = 1});
}

CLAIM(Interruption, ManySignalsDoNotEndTheCall, cites({"eintr-is-retried", "eintr-handler-runs"}), on(kit::kEveryKind),
      needs(kSignals)) {
  constexpr int kMany = 10;
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = rooms(2, 3)});
  for (int i = 0; i < kMany; ++i) interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .signals = kMany});
}

CLAIM(Interruption, DifferentSignalsDoNotEndTheCall, cites({"eintr-is-retried", "eintr-handler-runs"}),
      on(kit::kEveryKind), needs(kSignals)) {
  for (const int signum : {SIGUSR1, SIGUSR2, SIGALRM}) stage().install_handler(signum, kit::HandlerAction::kReturn);
  start({.buffers = {room(8)}});
  for (const int signum : {SIGUSR1, SIGALRM, SIGUSR2}) interrupt(signum);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .signals = 3});
}

CLAIM(Interruption, SignalsDoNotEndACallWithATimeout, cites({"eintr-is-retried", "eintr-handler-runs"}),
      on(kit::kEveryKind), needs(kSignals, kTimeout)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = rooms(2, 3), .timeout = kLong});
  for (int i = 0; i < 3; ++i) interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .signals = 3});
}

CLAIM(Interruption, InterruptedCallKeepsAncbufsize, cites({"eintr-keeps-arguments", "eintr-is-retried"}),
      on(kit::kUnixKinds), needs(kSignals, kAncillary, kRights, kMsgFlags)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = rooms(2, 3), .ancbufsize = plenty()});
  for (int i = 0; i < 2; ++i) interrupt(SIGUSR1);
  expect_sleep();
  send("abcd", /*files=*/2);
  expect(finish(), {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}, .signals = 2});
}

CLAIM(Interruption, InterruptedCallKeepsFlags, cites({"eintr-keeps-arguments", "eintr-is-retried"}),
      on(kit::kEveryKind), needs(kSignals, kFlags)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = {room(8)}, .flags = MSG_PEEK});
  interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .signals = 1});
  expect_queue({{"abcd", 0}});
}

CLAIM(Interruption, InterruptedCallReportsTheSender, cites({"eintr-keeps-arguments", "address-of-the-sender"}),
      on(kit::kUdpKinds), needs(kSignals, kAddress)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = {room(8)}});
  interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .address = stage().address_of(0), .signals = 1});
}

CLAIM(Interruption, InterruptionIsNotEndOfStream, cites({"eintr-is-retried", "eof-wakes-a-waiting-call"}),
      on(kit::kConnectedKinds), needs(kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = {room(8)}});
  interrupt(SIGUSR1);
  expect_sleep();
  stage().peer_shuts_down_writing();
  expect(finish(), {.nbytes = 0, .signals = 1});
}

CLAIM(Interruption, SignalsDoNotExtendTheTimeout, cites("eintr-timeout-is-recomputed"), on(kStreamAndMessages),
      needs(kSignals, kTimeout), measures_time()) {
  // Of an implementation that begins anew at each signal, the time is up as soon as no signal comes for that long: on a
  // loaded machine soon, so it must not be short.
  const milliseconds timeout = handshake().timeout_of(milliseconds(80));
  constexpr milliseconds kBetweenSignals{5};
  constexpr milliseconds kSlack{20};
  constexpr int kEnough = 2;  // how often it goes back to sleep although its time is up
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = {room(8)}, .timeout = timeout});
  stage().await_sleep();
  const auto time_is_up = std::chrono::steady_clock::now() + timeout + kSlack;
  int late_sleeps = 0;
  while (late_sleeps < kEnough && !stage().answers_within(kBetweenSignals)) {
    // A signal that comes late has it look at its clock: no load is an excuse for sleeping once more.
    const bool is_late = std::chrono::steady_clock::now() > time_is_up;
    if (stage().await_sleep()) stage().signal(SIGUSR1);
    if (is_late && stage().await_sleep()) ++late_sleeps;
  }
  const Answer answer = finish();
  expect(answer, {.failure = timed_out()});
  expect_that("elapsed", fmt_milliseconds(timeout) + " or a little less, although interrupted",
              fmt_milliseconds(answer.seen.elapsed), answer.seen.elapsed >= timeout - kRounding);
  expect_equal("goes back to sleep when its time is up", 0, late_sleeps);
}

CLAIM(Interruption, RaisingHandlerEndsTheCallWithItsError, cites("eintr-raising-handler-ends-the-call"),
      on(kit::kEveryKind), needs(kSignals, kRaisingHandler)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kRaise);
  start({.buffers = rooms(2, 3)});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = handler_error(), .signals = 1});
}

CLAIM(Interruption, RaisingHandlerConsumesNoData,
      cites({"eintr-raising-handler-ends-the-call", "eintr-raising-handler-consumes-nothing"}), on(kit::kEveryKind),
      needs(kSignals, kRaisingHandler)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kRaise);
  start({.buffers = rooms(2, 3)});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = handler_error(), .signals = 1});
  send("abcd");
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
}

CLAIM(Interruption, RaisingHandlerEndsACallWithATimeout,
      cites({"eintr-raising-handler-ends-the-call", "eintr-raising-handler-consumes-nothing"}), on(kit::kEveryKind),
      needs(kSignals, kRaisingHandler, kTimeout)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kRaise);
  start({.buffers = rooms(2, 3), .timeout = kLong});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = handler_error(), .signals = 1});
  send("abcd");
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
}

CLAIM(Interruption, RaisingHandlerAfterReturningOneEndsTheCall,
      cites({"eintr-is-retried", "eintr-raising-handler-ends-the-call"}), on(kit::kEveryKind),
      needs(kSignals, kRaisingHandler)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  stage().install_handler(SIGUSR2, kit::HandlerAction::kRaise);
  start({.buffers = {room(8)}});
  interrupt(SIGUSR1);
  interrupt(SIGUSR2);
  expect(finish(), {.failure = handler_error(), .signals = 2});
}

CLAIM(Interruption, RaisingHandlerLosesNoDescriptors,
      cites({"eintr-raising-handler-consumes-nothing", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kSignals, kRaisingHandler, kAncillary, kRights)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kRaise);
  start({.buffers = {room(8)}, .ancbufsize = plenty()});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = handler_error()});
  send("abcd", /*files=*/1);
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0}});
}

CLAIM(Interruption, SigstopAndSigcontDoNotEndTheCall, cites("eintr-without-handler-is-retried"), on(kit::kEveryKind),
      needs(kSignals)) {
  // With a receive timeout the system call ends with EINTR after SIGCONT, where others are restarted by the kernel.
  stage().set_receive_timeout(kLong);
  start({.buffers = {room(8)}});
  expect_sleep();
  stage().stop_and_continue();
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// The kernel begins to count anew with each system call. Only where no pause between two signals was as long as the
// timeout itself, for the machine was busy, does it follow that the call still waits; else it is tried again.
CLAIM(Interruption, InterruptedCallRestartsRcvtimeo, cites({"receive-timeout-begins-anew", "eintr-is-retried"}),
      on(kit::kUnixStream), needs(kSignals, kSystemWait), measures_time()) {
  using Clock = std::chrono::steady_clock;
  constexpr milliseconds kTimeout{50};
  constexpr milliseconds kTick{10};  // the kernel may be so much too early
  constexpr milliseconds kBetweenSignals{5};
  constexpr int kMostAttempts = 10;
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  stage().set_receive_timeout(kTimeout);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const Clock::time_point begin = Clock::now();
    // From before a signal, after which the call may have begun anew at once, until the next one was taken.
    Clock::time_point last = begin;
    Clock::duration longest_pause{0};
    const auto note_pause = [&](Clock::time_point next) {
      longest_pause = std::max(longest_pause, Clock::now() - std::exchange(last, next));
    };
    start({.buffers = rooms(2, 3)});
    while (Clock::now() - begin < kTimeout * 3 / 2 && stage().await_sleep()) {
      const Clock::time_point before = Clock::now();
      stage().signal(SIGUSR1);
      note_pause(before);
      if (stage().answers_within(kBetweenSignals)) break;
    }
    send("abcd");
    note_pause(last);
    const Answer answer = finish();
    if (!answer.seen.error || longest_pause < kTimeout - kTick) {
      expect(answer, {.data = "abcd"});
      return;
    }
    stage().drain();
  }
  throw kit::EnvironmentLacks("it is too busy for signals that come every 40 ms at least");
}

CLAIM(Interruption, InterruptedMsgWaitallReturnsPartialData, cites("waitall-interrupted-returns-the-part"),
      on(kit::kStreamKinds), needs(kSignals, kFlags, kSystemWait)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  send("abcd");
  start({.buffers = rooms(2, 4), .flags = MSG_WAITALL});
  interrupt(SIGUSR1);
  expect(finish(), {.data = "abcd"});
  send("efgh");
  expect(receive({.buffers = rooms(2, 4)}), {.data = "efgh"});
}

}  // namespace
}  // namespace recvinto::conformance
