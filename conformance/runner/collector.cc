#include "conformance/runner/collector.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

namespace recvinto::conformance {
namespace {

std::string shortened_path(std::string_view path) {
  const std::size_t at = path.rfind("/conformance/");
  return std::string(at == std::string_view::npos ? path : path.substr(at + 1));
}

/// Of two results of the same check, for runs that repeat.
bool is_worse(const Result& one, const Result& other) {
  const auto badness = [](const Result& result) {
    if (result.is_bad()) return 3;
    if (result.failed_as_listed()) return 2;
    return result.ending.verdict == kit::Verdict::kSkip ? 1 : 0;
  };
  return badness(one) > badness(other);
}

}  // namespace

Collector::Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& registered,
                     std::string reproduction_prefix)
    : results_(results),
      baseline_(baseline),
      reproduction_prefix_(std::move(reproduction_prefix)),
      on_terminal_(isatty(STDOUT_FILENO) != 0) {
  for (const RegisteredCheck& check : registered) claims_by_id_[check.claim->id(check.kind)] = check.claim;
}

void Collector::OnTestIterationStart(const testing::UnitTest& unit_test, int iteration) {
  if (iteration == 0) results_.seed = unit_test.random_seed();  // each round ends with the next one's
  expected_ = static_cast<std::size_t>(unit_test.test_to_run_count());
  done_ = 0;
}

void Collector::OnTestStart(const testing::TestInfo& info) {
  message_.clear();
  begin_ = std::chrono::steady_clock::now();
  if (topic_ != info.test_suite_name()) {
    if (!on_terminal_) end_progress();
    topic_ = info.test_suite_name();
  }
}

void Collector::OnTestPartResult(const testing::TestPartResult& part) {
  if (part.failed()) {
    if (part.file_name() != nullptr && Check::ending().verdict == kit::Verdict::kPass) {
      message_ += fmt::format("{}:{}:\n", shortened_path(part.file_name()), part.line_number());
    }
    message_ += std::string(part.message()) + "\n";
  }
}

void Collector::OnTestEnd(const testing::TestInfo& info) {
  const std::string id = fmt::format("{}.{}", info.test_suite_name(), info.name());
  Result result;
  result.claim = claims_by_id_.at(id);
  result.id = id;
  result.ending = Check::ending();
  result.known = baseline_.entry_for(id);
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
  result.message = message_;
  result.repro = fmt::format("{} --filter '{}'", reproduction_prefix_, id);
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
