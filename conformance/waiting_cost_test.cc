// What a wait costs: processor time of the implementation's process, which a busy machine does not make more.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"
#include "kit/host/processor_use.h"
#include "kit/host/thread_count.h"
#include "recvinto/unique_fd.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::rooms;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A part of a wait, and the processor time that it may take: asking now and then takes less by far, and asking all the
/// time takes all of it. A part has no time in which the process wanted a processor and others had it.
constexpr milliseconds kPart{100};
constexpr milliseconds kMost{15};
constexpr milliseconds kStep{25};
/// A part that others make longer than this tells nothing.
constexpr milliseconds kLongestPart{5000};
/// A call that nothing but its timeout can end is made so often, with twice the timeout each time, until a part is
/// whole.
constexpr int kMostTimes = 4;

/// The parts of a wait that are measured, at most. To begin a call takes time, too, and a runtime may compile or
/// collect garbage beside it in other threads, if it has any; without them, a part that is too busy ends there.
struct Parts {
  int count;
  bool end_when_busy;

  /// How long a wait lasts in which all can be measured, if nothing else wants the processor.
  [[nodiscard]] milliseconds in_all() const { return count * (end_when_busy ? kStep : kPart) + kPart / 2; }
};

Parts parts_of(pid_t pid) {
  return kit::thread_count(pid) == 1 ? Parts{.count = 4, .end_when_busy = true}
                                     : Parts{.count = 5, .end_when_busy = false};
}

/// The processor time that one part took. `nullopt` if the call has an answer before, or nothing can be measured.
std::optional<nanoseconds> cost_of_a_part(kit::Stage& stage, pid_t pid, bool ends_when_busy) {
  const auto latest = std::chrono::steady_clock::now() + kLongestPart;
  for (const kit::ProcessorUse use(pid); std::chrono::steady_clock::now() < latest;) {
    if (stage.answers_within(kStep)) break;
    const auto since = use.since();
    if (!since) throw kit::EnvironmentLacks("the processor time of a process cannot be seen (clock_getcpuclockid)");
    if (since->not_queued >= kPart || (ends_when_busy && since->running >= kMost)) return since->running;
  }
  return std::nullopt;
}

std::string in_milliseconds(nanoseconds time) {
  return fmt_milliseconds(std::chrono::ceil<std::chrono::microseconds>(time));
}

/// What it takes of this machine's processor to ask now and then, which is no work: once a millisecond, for a part. As
/// measured in a step, for an implementation that asks all the time goes on meanwhile.
nanoseconds cost_of_asking() {
  const auto processor_time = [] {
    timespec time{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return nanoseconds::zero();
    return nanoseconds(std::chrono::seconds(time.tv_sec)) + nanoseconds(time.tv_nsec);
  };
  const UniqueFd asked(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const nanoseconds before = processor_time();
  for (const auto end = std::chrono::steady_clock::now() + kStep; std::chrono::steady_clock::now() < end;) {
    pollfd entry{.fd = asked.get(), .events = POLLIN, .revents = 0};
    poll(&entry, 1, 1);
    msghdr message{};
    recvmsg(asked.get(), &message, MSG_DONTWAIT);
  }
  return (kPart / kStep) * (processor_time() - before);
}

/// The least that a part of the wait of the pending call takes. `pid`: the implementation's process. `nullopt` if the
/// call has an answer before.
std::optional<nanoseconds> cost_of_the_wait(kit::Stage& stage, pid_t pid) {
  const Parts parts = parts_of(pid);
  std::optional<nanoseconds> least;
  for (int part = 0; part < parts.count && (!least || *least >= kMost); ++part) {
    const auto cost = cost_of_a_part(stage, pid, parts.end_when_busy);
    if (!cost) return std::nullopt;
    least = std::min(least.value_or(*cost), *cost);
  }
  if (least && *least >= kMost) {
    const nanoseconds asking = cost_of_asking();
    if (asking >= kMost / 2) {
      throw kit::EnvironmentLacks("too slow to say what a wait costs: asking once a millisecond takes " +
                                  in_milliseconds(asking) + " of 100 ms");
    }
  }
  return least;
}

constexpr const char* kWanted = "< 15 ms of 100 ms";

void have_errors_queued(kit::Stage& stage) {
  if (stage.kind().family == AF_INET) {
    stage.set_option(IPPROTO_IP, IP_RECVERR, 1);
  } else {
    stage.set_option(IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
}

CLAIM(WaitingCost, BlockingCallTakesNoProcessorTime, cites("waiting-is-no-work"), on(kit::kOneOfEachSort), needs(),
      measures_time()) {
  start({.buffers = rooms(2, 3)});
  const auto cost = cost_of_the_wait(stage(), implementation_pid()).value_or(nanoseconds::zero());
  expect_that("processor time", kWanted, in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitingCost, TimedCallTakesNoProcessorTime, cites("waiting-is-no-work"), on(kit::kOneOfEachSort), needs(kTimeout),
      measures_time()) {
  start({.buffers = rooms(2, 3), .timeout = kLong});
  const auto cost = cost_of_the_wait(stage(), implementation_pid()).value_or(nanoseconds::zero());
  expect_that("processor time", kWanted, in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// Errors are left unread in the queue, so that poll(2) reports POLLERR at all times, and there are no data.
CLAIM(WaitingCost, BlockingCallBesideUnreadErrorsIsNoWork, cites("waiting-beside-an-alarm-is-no-work"),
      on(kit::kUdpKinds), needs(), measures_time()) {
  have_errors_queued(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 3)}), {.failure = os_error(ECONNREFUSED)});
  start({.buffers = rooms(2, 3)});
  const auto cost = cost_of_the_wait(stage(), implementation_pid()).value_or(nanoseconds::zero());
  expect_that("processor time", kWanted, in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitingCost, TimedCallBesideUnreadErrorsIsNoWork, cites("waiting-beside-an-alarm-is-no-work"), on(kit::kUdpKinds),
      needs(kTimeout), measures_time()) {
  have_errors_queued(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 3), .timeout = kLong}), {.failure = os_error(ECONNREFUSED)});
  start({.buffers = rooms(2, 3), .timeout = kLong});
  const auto cost = cost_of_the_wait(stage(), implementation_pid()).value_or(nanoseconds::zero());
  expect_that("processor time", kWanted, in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// poll(2) says that it can be read, and a receive that does not wait says that it cannot. One that waits finds the end.
CLAIM(WaitingCost, TimedCallBehindAShutdownIsNoWork, cites("waiting-beside-an-alarm-is-no-work"),
      on(kit::kUnixDatagram), needs(kTimeout), measures_time()) {
  stage().shut_down(SHUT_RD);
  bool is_known = false;
  milliseconds timeout = parts_of(implementation_pid()).in_all();
  for (int times = 0; times < kMostTimes && !is_known; ++times, timeout *= 2) {
    start({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(timeout)});
    const auto cost = cost_of_the_wait(stage(), implementation_pid());
    is_known = cost.has_value();
    if (is_known) expect_that("processor time", kWanted, in_milliseconds(*cost), *cost < kMost);
    const Answer answer = finish();
    expect(answer, answer.seen.error ? Expected{.failure = timed_out()} : Expected{.data = ""});
  }
}

}  // namespace
}  // namespace recvinto::conformance
