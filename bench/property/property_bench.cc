// What property tests cost in process: a campaign of all laws that need no script and no other threads, whose system
// calls are not recorded, against a loop that does nothing but make the same system calls. Both in child processes of
// their own, in turns; the cost is processor time, of which no neighbour takes any.
//
//   property_bench [CASES [REPETITIONS [LIMIT]]]
//
// Prints a line for each repetition and their median. Exits with 1 where the campaign has less than LIMIT of the loop's
// rate, and with 3 where system calls cannot be recorded here.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "bench/property/system_calls.h"
#include "kit/subjects/socket_pool.h"
#include "property/framework/campaign.h"

namespace {

using recvinto::bench::Recording;
using namespace recvinto::property;

constexpr int kRounds = 8;
constexpr int kLimitMs = 300'000;

Plan plan_of(std::uint64_t cases) {
  Plan plan{.implementation = "reference", .seed = 1, .cases = cases};
  for (const Law& law : every_law()) {
    const bool needs_threads = law.needs.contains(recvinto::kit::Capability::kConcurrent);
    if (!law.needs_scripts && !needs_threads) plan.laws.push_back(&law);
  }
  return plan;
}

void campaign(const Plan& plan) {
  for (const LawResult& result : run_cases(plan)) {
    if (result.counterexample) throw std::runtime_error(fmt::format("{} does not hold", result.law->name));
  }
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double processor_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// A few times: the recording must fit into the processor's cache.
double time_of(const std::function<void()>& work) {
  work();  // a process takes its memory only then
  const double begin = processor_time();
  for (int i = 0; i < kRounds; ++i) work();
  return (processor_time() - begin) / kRounds;
}

/// In a process of its own; returns its result. Throws where the process has none after five minutes, or ends before.
double in_a_child(const char* what, const std::function<double()>& work) {
  std::array<int, 2> ends{-1, -1};
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::system_category(), "pipe");
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::system_category(), "fork");
  if (child == 0) {
    // The same descriptors are open as while it was recorded.
    const int out = fcntl(ends[1], F_DUPFD_CLOEXEC, 900);
    close(ends[0]);
    close(ends[1]);
    const double result = work();
    _exit(write(out, &result, sizeof result) == sizeof result ? 0 : 1);
  }
  close(ends[1]);
  pollfd end{.fd = ends[0], .events = POLLIN, .revents = 0};
  const bool timed_out = poll(&end, 1, kLimitMs) == 0;
  if (timed_out) kill(child, SIGKILL);
  double result = 0;
  const ssize_t got = read(ends[0], &result, sizeof result);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (timed_out) throw std::runtime_error(fmt::format("{}: timed out after {} s", what, kLimitMs / 1000));
  if (got != sizeof result) throw std::runtime_error(fmt::format("{}: the process ended, status {:#x}", what, status));
  return result;
}

std::uint64_t argument(int count, char** arguments, int index, std::uint64_t otherwise) {
  return count > index ? std::strtoull(arguments[index], nullptr, 10) : otherwise;
}

int measure(std::uint64_t cases, std::uint64_t repetitions, double limit) {
  recvinto::kit::allow_many_descriptors();  // before any work: the loop does not
  const Plan plan = plan_of(cases);
  Recording recording;
  try {
    recording.record([&] {
      raise(SIGSTOP);
      campaign(plan);
      raise(SIGSTOP);
    });
  } catch (const std::system_error& error) {
    fmt::print("system calls cannot be recorded here: {}\n", error.what());
    return 3;
  }
  std::vector<double> ratios;
  for (std::uint64_t i = 0; i < repetitions; ++i) {
    const double campaign_time = in_a_child("campaign", [&] { return time_of([&] { campaign(plan); }); });
    const double loop_time = in_a_child("loop", [&] { return time_of([&] { recording.replay(); }); });
    const double alike = in_a_child("comparison", [&] { return static_cast<double>(recording.replay()); });
    ratios.push_back(loop_time / campaign_time);
    fmt::print(
        "{} cases, {} system calls of which {:.1f} % agree: campaign {:.0f} ms, loop {:.0f} ms, ratio "
        "{:.2f}\n",
        plan.cases_of_each() * plan.laws.size(), recording.size(), 100 * alike / static_cast<double>(recording.size()),
        campaign_time * 1e3, loop_time * 1e3, ratios.back());
  }
  std::ranges::sort(ratios);
  const double median = ratios[ratios.size() / 2];
  fmt::print("median ratio {:.2f} of the loop's rate\n", median);
  return median < limit ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t cases = argument(count, arguments, 1, 1400);
  const std::uint64_t repetitions = argument(count, arguments, 2, 5);
  const double limit = count > 3 ? std::strtod(arguments[3], nullptr) : 0;
  if (cases == 0 || repetitions == 0) {
    fmt::print(stderr, "usage: property_bench [CASES [REPETITIONS [LIMIT]]], each more than 0\n");
    return 64;
  }
  try {
    return measure(cases, repetitions, limit);
  } catch (const std::exception& error) {
    fmt::print(stderr, "property_bench: {}\n", error.what());
    return 70;
  }
}
