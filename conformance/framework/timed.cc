// Check::expect_timed: the figures of waits, as the kernel was asked for them.

#include "conformance/framework/timed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "conformance/framework/check.h"
#include "kit/host/thread_count.h"
#include "kit/values/verdict.h"

namespace recvinto::conformance {
namespace {

using std::chrono::nanoseconds;

/// Waiting that was granted and did not take place, because the answer came at once.
nanoseconds granted(const kit::CallLog& log) {
  nanoseconds total{0};
  for (const kit::SeenWait& wait : log.waits) {
    if (wait.answer == kit::ScriptedWait::Answer::kTimedOut) total += wait.timeout.value_or(nanoseconds(0));
  }
  return total;
}

/// Whether the wait may end before its own timeout does. An event loop may have the timeout elsewhere
/// (timerfd_create(2)): a wait without end is none without a timeout. Where another thread runs the loop, it waits for
/// timers of others, too, and is woken for a new one.
bool may_end_before(const kit::SeenWait& wait, bool has_other_threads) {
  return wait.system_call.starts_with("epoll") && (!wait.timeout || has_other_threads);
}

std::string in_milliseconds(nanoseconds time) {
  return fmt_milliseconds(std::chrono::duration_cast<std::chrono::microseconds>(time));
}

}  // namespace

void Check::expect_timed(const Answer& answer, const kit::Bytes& data, std::source_location where) {
  const kit::CallLog& log = *answer.seen.kernel;
  if (log.waits.empty()) {
    throw kit::Ended(kit::Cause::kNotDeclared,
                     "no wait of its thread for the socket is seen: poll(2), select(2), epoll_wait(2) or SO_RCVTIMEO");
  }
  const nanoseconds timeout = *answer.call.timeout;
  const nanoseconds resolution = handshake().timeout_resolution;
  const bool has_other_threads = kit::thread_count(implementation_pid()) != 1;
  for (std::size_t i = 0; i < log.waits.size(); ++i) {
    const kit::SeenWait& wait = log.waits[i];
    // Measured from when the first wait was seen to when the one before this was answered: it is not less for the call.
    const nanoseconds passed = i == 0 ? nanoseconds(0) : log.waits[i - 1].answered - log.waits[0].arrived;
    const nanoseconds left = std::max(timeout - passed, nanoseconds(0));
    const nanoseconds rounding = i == 0 ? kRounding : std::max<nanoseconds>(kRounding, resolution);
    const bool agrees = may_end_before(wait, has_other_threads) || (wait.timeout && *wait.timeout <= left + rounding);
    if (expect_that(fmt::format("wait {}, {}", i + 1, wait.system_call), "at most " + in_milliseconds(left),
                    wait.timeout ? in_milliseconds(*wait.timeout) : "without end", agrees, where)) {
      continue;
    }
    break;
  }
  if (!answer.seen.error) {
    expect(answer, {.data = data, .any_play = true}, where);
    return;
  }
  expect(answer, {.failure = timed_out(), .any_play = true}, where);
  const auto found_nothing = [](const kit::SeenCall& call) {
    return call.outcome == kit::SeenCall::Outcome::kFailed && call.result == EAGAIN;
  };
  // Where the socket has the timeout, EAGAIN is the end of the time, and no false readiness.
  if (was_timed_by_the_system(answer, handshake()) && std::ranges::any_of(log.calls, found_nothing)) return;
  const nanoseconds waited = answer.seen.elapsed + granted(log);
  expect_that("time that had passed, or was granted by waits", in_milliseconds(timeout) + " or a little less",
              in_milliseconds(waited), waited >= timeout - kRounding, where);
}

}  // namespace recvinto::conformance
