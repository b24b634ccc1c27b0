// What a wait costs: processor time of the implementation's process, which a busy machine does not make more.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"
#include "kit/host/processor_time.h"
#include "kit/host/thread_count.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::rooms;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A part of a wait, and the processor time that it may take: asking now and then takes less by far, and asking all the
/// time takes more, even if five others want the same processor.
constexpr milliseconds kPart{100};
constexpr milliseconds kMost{15};

nanoseconds processor_time_of(pid_t pid) {
  if (const auto time = kit::processor_time(pid)) return *time;
  throw kit::EnvironmentLacks("the processor time of a process cannot be seen (clock_getcpuclockid)");
}

/// The least that a part of the wait of the pending call takes: to begin it takes time, too, and a runtime may compile
/// or collect garbage beside it in other threads, if it has any. `pid`: the implementation's process. Nothing if the
/// call has an answer before.
nanoseconds cost_of_the_wait(kit::Stage& stage, pid_t pid) {
  const int parts = kit::thread_count(pid) == 1 ? 2 : 5;
  nanoseconds least = nanoseconds::max();
  for (int part = 0; part < parts && least >= kMost; ++part) {
    const nanoseconds before = processor_time_of(pid);
    if (stage.answers_within(kPart)) return nanoseconds::zero();
    least = std::min(least, processor_time_of(pid) - before);
  }
  return least;
}

std::string in_milliseconds(nanoseconds time) {
  return fmt_milliseconds(std::chrono::ceil<std::chrono::microseconds>(time));
}

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
  const nanoseconds cost = cost_of_the_wait(stage(), implementation_pid());
  expect_that("processor time", "< 15 ms of 100 ms", in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitingCost, TimedCallTakesNoProcessorTime, cites("waiting-is-no-work"), on(kit::kOneOfEachSort), needs(kTimeout),
      measures_time()) {
  start({.buffers = rooms(2, 3), .timeout = kLong});
  const nanoseconds cost = cost_of_the_wait(stage(), implementation_pid());
  expect_that("processor time", "< 15 ms of 100 ms", in_milliseconds(cost), cost < kMost);
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
  const nanoseconds cost = cost_of_the_wait(stage(), implementation_pid());
  expect_that("processor time", "< 15 ms of 100 ms", in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(WaitingCost, TimedCallBesideUnreadErrorsIsNoWork, cites("waiting-beside-an-alarm-is-no-work"), on(kit::kUdpKinds),
      needs(kTimeout), measures_time()) {
  have_errors_queued(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 3), .timeout = kLong}), {.failure = os_error(ECONNREFUSED)});
  start({.buffers = rooms(2, 3), .timeout = kLong});
  const nanoseconds cost = cost_of_the_wait(stage(), implementation_pid());
  expect_that("processor time", "< 15 ms of 100 ms", in_milliseconds(cost), cost < kMost);
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// poll(2) says that it can be read, and a receive that does not wait says that it cannot. One that waits finds the end.
CLAIM(WaitingCost, TimedCallBehindAShutdownIsNoWork, cites("waiting-beside-an-alarm-is-no-work"),
      on(kit::kUnixDatagram), needs(kTimeout), measures_time()) {
  stage().shut_down(SHUT_RD);
  start({.buffers = rooms(2, 3), .timeout = handshake().timeout_of(6 * kPart)});
  const nanoseconds cost = cost_of_the_wait(stage(), implementation_pid());
  expect_that("processor time", "< 15 ms of 100 ms", in_milliseconds(cost), cost < kMost);
  const Answer answer = finish();
  expect(answer, answer.seen.error ? Expected{.failure = timed_out()} : Expected{.data = ""});
}

}  // namespace
}  // namespace recvinto::conformance
