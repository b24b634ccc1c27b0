#include "kit/oracle/timed_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>

#include "kit/values/call_log.h"

namespace recvinto::kit {
namespace {

using std::chrono::nanoseconds;

/// Waiting that was granted and did not take place, because the answer came at once.
nanoseconds granted(const CallLog& log) {
  nanoseconds total{0};
  for (const SeenWait& wait : log.waits) {
    if (wait.answer == ScriptedWait::Answer::kTimedOut) total += wait.timeout.value_or(nanoseconds(0));
  }
  return total;
}

/// Whether the wait may end before its own timeout does. An event loop may have the timeout elsewhere
/// (timerfd_create(2)): a wait without end is none without a timeout. Where another thread runs the loop, it waits for
/// timers of others, too, and is woken for a new one.
bool may_end_before(const SeenWait& wait, bool has_other_threads) {
  return wait.system_call.starts_with("epoll") && (!wait.timeout || has_other_threads);
}

bool found_nothing(const SeenCall& call) {
  return call.outcome == SeenCall::Outcome::kFailed && call.result == EAGAIN;
}

std::string in_milliseconds(nanoseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

}  // namespace

bool was_timed_by_the_system(const Observation& seen, bool is_declared) {
  return is_declared || (seen.kernel && !seen.kernel->calls.empty() && seen.kernel->calls.front().has_receive_timeout);
}

std::vector<Comparison> compare_timed(const Answer& answer, const Bytes& data, const TimeKeeper& keeper) {
  std::vector<Comparison> rows;
  const CallLog& log = *answer.seen.kernel;
  const nanoseconds timeout = *answer.call.timeout;
  for (std::size_t i = 0; i < log.waits.size() && (rows.empty() || rows.back().agrees); ++i) {
    const SeenWait& wait = log.waits[i];
    // Measured from when the first wait was seen to when the one before this was answered: it is not less for the call.
    const nanoseconds passed = i == 0 ? nanoseconds(0) : log.waits[i - 1].answered - log.waits[0].arrived;
    const nanoseconds left = std::max(timeout - passed, nanoseconds(0));
    const nanoseconds rounding = i == 0 ? kRounding : std::max<nanoseconds>(kRounding, keeper.resolution);
    rows.push_back({.field = fmt::format("wait {}, {}", i + 1, wait.system_call),
                    .expected = "at most " + in_milliseconds(left),
                    .actual = wait.timeout ? in_milliseconds(*wait.timeout) : "without end",
                    .agrees = may_end_before(wait, keeper.has_other_threads) ||
                              (wait.timeout && *wait.timeout <= left + rounding)});
  }
  const Expected expected =
      answer.seen.error ? Expected{.failure = timed_out(), .any_play = true} : Expected{.data = data, .any_play = true};
  std::ranges::move(compare(answer, expected), std::back_inserter(rows));
  // Where the socket has the timeout, EAGAIN is the end of the time, and no false readiness.
  const bool may_be_early = was_timed_by_the_system(answer.seen, keeper.is_timed_by_the_system) &&
                            std::ranges::any_of(log.calls, found_nothing);
  if (answer.seen.error && !may_be_early) {
    const nanoseconds waited = answer.seen.elapsed + granted(log);
    rows.push_back({.field = "time that had passed, or was granted by waits",
                    .expected = in_milliseconds(timeout) + " or a little less",
                    .actual = in_milliseconds(waited),
                    .agrees = waited >= timeout - kRounding});
  }
  return rows;
}

}  // namespace recvinto::kit
