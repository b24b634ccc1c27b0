#include "conformance/runner/collector.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

namespace recvinto::conformance {
namespace {

/// Of two results of the same check, for runs that repeat.
bool is_worse(const Result& one, const Result& other) {
  const auto badness = [](const Result& result) {
    if (result.is_bad()) return 3;
    if (result.failed_as_listed()) return 2;
    return result.outcome.verdict == kit::Verdict::kSkip ? 1 : 0;
  };
  return badness(one) > badness(other);
}

}  // namespace

Collector::Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& registered,
                     std::function<std::string(const std::string& id)> reproduction_of, Keep keep)
    : results_(results),
      baseline_(baseline),
      reproduction_of_(std::move(reproduction_of)),
      keep_(keep),
      on_terminal_(isatty(STDOUT_FILENO) != 0) {
  for (const RegisteredCheck& check : registered) claims_by_id_[check.claim->id(check.kind)] = check.claim;
}

void Collector::OnTestIterationStart(const testing::UnitTest& unit_test, int iteration) {
  if (iteration == 0) results_.seed = unit_test.random_seed();  // each round ends with the next one's
  expected_ = static_cast<std::size_t>(unit_test.test_to_run_count());
  done_ = 0;
}

void Collector::OnTestStart(const testing::TestInfo& info) {
  outcome_.reset();
  begin_ = std::chrono::steady_clock::now();
  if (topic_ != info.test_suite_name()) {
    if (!on_terminal_) end_progress();
    topic_ = info.test_suite_name();
  }
}

void Collector::OnTestEnd(const testing::TestInfo& info) {
  const std::string id = fmt::format("{}.{}", info.test_suite_name(), info.name());
  // Without an outcome, GoogleTest has passed over it (--gtest_fail_fast).
  kit::Outcome outcome =
      outcome_ ? std::move(*outcome_) : kit::ended(kit::Cause::kNotReached, "not reached: the run ended before");
  Result result = result_of(*claims_by_id_.at(id), id, std::move(outcome), keep_);
  result.known = baseline_.entry_for(id);
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
  result.repro = reproduction_of_(id);
  if (result.is_bad()) ++bad_;
  ++done_;
  const auto [place, is_new] = place_.try_emplace(id, results_.checks.size());
  if (is_new) {
    results_.checks.push_back(std::move(result));
  } else if (Result& earlier = results_.checks[place->second]; is_worse(result, earlier)) {
    earlier = std::move(result);
  }
  show_progress();
}

void Collector::OnTestIterationEnd(const testing::UnitTest& /*unit_test*/, int /*iteration*/) {
  end_progress();
  topic_.clear();
}

void Collector::show_progress() {
  if (on_terminal_) {
    fmt::print("\r\x1b[K{}/{} checks, {} failed  {}", done_, expected_, bad_, topic_);
    std::fflush(stdout);
  }
}

void Collector::end_progress() {
  if (on_terminal_) {
    fmt::print("\r\x1b[K");
  } else if (!topic_.empty()) {
    fmt::print("{}/{} checks, {} failed: {} done\n", done_, expected_, bad_, topic_);
  }
  std::fflush(stdout);
}

}  // namespace recvinto::conformance
