// Time as a figure: the timeout of each wait, as the kernel is asked for it, and what is left of it after interruptions
// and false readiness. The script answers waits at once, or after a time that it measures itself: however slow the
// machine is, no wait may ask for more than what is left by then.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::fails;
using kit::gives;
using kit::rooms;
using kit::ScriptedWait;
using kit::times;
using kit::wait_is_interrupted;
using kit::wait_is_ready;
using std::chrono::milliseconds;

/// Time that passes during the waits of a script, long enough to be missed where it is not subtracted.
constexpr milliseconds kPassing{48};
/// Far more than that.
constexpr milliseconds kLasting{600};

/// `count` waits in which kPassing passes, then one whose time is up. An implementation that goes on, because its clock
/// says otherwise, finds the socket ready.
std::vector<ScriptedWait> waits(int count, const std::vector<ScriptedWait>& in_turn) {
  std::vector<ScriptedWait> waits;
  for (int i = 0; i < count; ++i) {
    ScriptedWait wait = in_turn[static_cast<std::size_t>(i) % in_turn.size()];
    wait.lasts = kPassing / count;
    waits.push_back(wait);
  }
  waits.push_back(kit::wait_times_out());
  waits.push_back(wait_is_ready());
  return waits;
}

kit::Script script(std::vector<kit::ScriptStep> steps, std::vector<ScriptedWait> waits) {
  return {.steps = std::move(steps), .readable = false, .waits = std::move(waits)};
}

/// What `receive` returns. On a busy machine the time of a call may be up before its first wait, which then has no
/// figure: it is made again.
template <typename Receive>
Answer until_a_wait_is_seen(Receive receive) {
  constexpr int kMost = 20;
  for (int attempt = 1;; ++attempt) {
    Answer answer = receive();
    const bool had_no_time_left = answer.seen.kernel->waits.empty() && answer.seen.elapsed >= *answer.call.timeout;
    if (!had_no_time_left || attempt == kMost) return answer;
  }
}

CLAIM(ScriptedTime, TimedCallWaitsForItsTimeout, cites("timeout-ends-the-wait"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kTimeout)) {
  for (const int timeout : {40, 1, 2, 999, 1001, 1500, 60'000}) {
    const Answer answer = until_a_wait_is_seen([&] {
      return receive({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(milliseconds(timeout))},
                     script({gives("abcd")}, waits(0, {})));
    });
    expect_timed(answer, "abcd");
  }
}

CLAIM(ScriptedTime, InterruptedCallWaitsForTheRest, cites({"eintr-timeout-is-recomputed", "eintr-in-every-mode"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kTimeout, kSignals)) {
  for (const int interruptions : {1, 2, 16}) {
    const Answer answer = until_a_wait_is_seen([&] {
      return receive({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(kLasting)},
                     script({gives("abcd")}, waits(interruptions, {wait_is_interrupted()})));
    });
    expect_timed(answer, "abcd");
  }
}

CLAIM(ScriptedTime, FalseReadinessLeavesTheRest, cites("false-readiness-keeps-the-deadline"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kTimeout)) {
  for (const int alarms : {1, 2, 16}) {
    const Answer answer = until_a_wait_is_seen([&] {
      return receive({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(kLasting)},
                     script(times(static_cast<std::size_t>(alarms), fails(EAGAIN), {gives("abcd")}),
                            waits(alarms, {wait_is_ready()})));
    });
    expect_timed(answer, "abcd");
  }
}

CLAIM(ScriptedTime, InterruptionsAndFalseReadinessLeaveTheRest,
      cites({"false-readiness-keeps-the-deadline", "eintr-timeout-is-recomputed"}), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kTimeout, kSignals)) {
  const Answer answer = until_a_wait_is_seen([&] {
    return receive(
        {.buffers = rooms(2, 3), .timeout = handshake().timeout_of(kLasting)},
        script(times(3, fails(EAGAIN), {gives("abcd")}), waits(6, {wait_is_interrupted(), wait_is_ready()})));
  });
  expect_timed(answer, "abcd");
}

// The receive itself is interrupted, and then finds nothing: what is left is for the next wait.
CLAIM(ScriptedTime, InterruptedReceiveLeavesTheRest,
      cites({"eintr-timeout-is-recomputed", "false-readiness-keeps-the-deadline"}), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kTimeout, kSignals)) {
  const Answer answer = until_a_wait_is_seen([&] {
    return receive({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(kLasting)},
                   script({fails(EINTR), fails(EINTR), fails(EAGAIN), gives("abcd")}, waits(1, {wait_is_ready()})));
  });
  expect_timed(answer, "abcd");
}

// A wait that a signal ends just when the time is up leaves nothing: the next one must not be one without end, which is
// what a negative number means to poll(2).
CLAIM(ScriptedTime, InterruptionAtTheDeadlineLeavesNothing,
      cites({"eintr-timeout-is-recomputed", "timeout-ends-the-wait"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kTimeout, kSignals)) {
  for (const int timeout : {1, 10, 30}) {
    const milliseconds given = handshake().timeout_of(milliseconds(timeout));
    const Answer answer = until_a_wait_is_seen([&] {
      return receive({.buffers = rooms(2, 3), .timeout = given},
                     script({gives("abcd")}, {wait_is_interrupted(given), wait_is_ready()}));
    });
    expect_timed(answer, "abcd");
  }
}

CLAIM(ScriptedTime, FalseReadinessAtTheDeadlineLeavesNothing,
      cites({"false-readiness-keeps-the-deadline", "timeout-ends-the-wait"}), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kTimeout)) {
  for (const int timeout : {1, 10, 30}) {
    const milliseconds given = handshake().timeout_of(milliseconds(timeout));
    const Answer answer = until_a_wait_is_seen([&] {
      return receive({.buffers = rooms(2, 3), .timeout = given},
                     script({fails(EAGAIN), gives("abcd")}, {wait_is_ready(given), wait_is_ready()}));
    });
    expect_timed(answer, "abcd");
  }
}

}  // namespace
}  // namespace recvinto::conformance
