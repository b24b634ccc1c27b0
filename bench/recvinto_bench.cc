// The time of a receive by the reference, as a ratio to the time of recvmsg(2) written by hand.
//
// The two take turns in batches of a few microseconds on the same socket, so that whatever else the machine does
// strikes both alike; the median of the batches' ratios does not see what struck only one. The benchmark's own time is
// that of one batch of the reference.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "allocation_census.h"
#include "workload.h"

namespace recvinto::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int kBatch = 32;

template <typename Receive>
double seconds_per_call(const Receive& receive) {
  const Clock::time_point begin = Clock::now();
  for (int call = 0; call < kBatch; ++call) benchmark::DoNotOptimize(receive());
  return Seconds(Clock::now() - begin).count() / kBatch;
}

// The value below which the given share of all values lies; reorders them.
double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

void compare_receives(benchmark::State& state) {
  Workload workload(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  workload.check();
  const auto bare = [&workload] { return workload.receive_bare(); };
  std::size_t allocations = 0;
  const auto reference = [&workload] { return workload.receive_by_reference(); };

  std::vector<double> bare_times;
  std::vector<double> reference_times;
  std::vector<double> ratios;
  bool bare_first = false;
  for (auto _ : state) {
    bare_first = !bare_first;
    double bare_time = bare_first ? seconds_per_call(bare) : 0;
    const testing::AllocationCensus census;
    const double reference_time = seconds_per_call(reference);
    allocations += census.allocations();
    if (!bare_first) bare_time = seconds_per_call(bare);
    bare_times.push_back(bare_time);
    reference_times.push_back(reference_time);
    ratios.push_back(reference_time / bare_time);
    state.SetIterationTime(reference_time * kBatch);
  }
  constexpr double kNanoseconds = 1e9;
  state.counters["bare_ns"] = quantile(bare_times, 0.5) * kNanoseconds;
  state.counters["reference_ns"] = quantile(reference_times, 0.5) * kNanoseconds;
  state.counters["ratio"] = quantile(ratios, 0.5);
  state.counters["allocations"] = static_cast<double>(allocations);
}

BENCHMARK(compare_receives)
    ->ArgNames({"buffers", "control"})
    ->ArgsProduct({{1, 4, 64, 1024}, {0, 1, 3}})
    ->UseManualTime();

}  // namespace
}  // namespace recvinto::bench
