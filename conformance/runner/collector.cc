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

/// The worse of two endings of the same check, for runs that repeat.
bool is_worse(kit::Verdict one, kit::Verdict other) {
  const auto badness = [](kit::Verdict verdict) {
    return verdict == kit::Verdict::kPass ? 0 : verdict == kit::Verdict::kSkip ? 1 : 2;
  };
  return badness(one) > badness(other);
}

std::string indented(const std::string& text, std::string_view margin) {
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) result += fmt::format("{}{}\n", margin, text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

}  // namespace

Collector::Collector(Results& results, const std::vector<RegisteredCheck>& registered, std::string reproduction_prefix)
    : results_(results),
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
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
  result.message = message_;
  result.repro = fmt::format("{} --filter '{}'", reproduction_prefix_, id);
  if (result.is_bad()) ++bad_;
  ++done_;
  const auto [place, is_new] = place_.try_emplace(id, results_.checks.size());
  if (is_new) {
    results_.checks.push_back(std::move(result));
  } else if (Result& earlier = results_.checks[place->second];
             is_worse(result.ending.verdict, earlier.ending.verdict)) {
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

/// The first and the last of them: a check may repeat itself a thousand times, and results.json has them all.
void print_steps(const std::vector<kit::Stage::Event>& history) {
  constexpr std::size_t kFirst = 12;
  constexpr std::size_t kLast = 24;
  std::vector<const kit::Step*> steps;
  for (const kit::Stage::Event& event : history) {
    if (const auto* step = std::get_if<kit::Step>(&event)) steps.push_back(step);
  }
  if (!steps.empty()) fmt::print("  what was done\n");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == kFirst && steps.size() > kFirst + kLast) {
      fmt::print("    ... {} more ...\n", steps.size() - kFirst - kLast);
      i = steps.size() - kLast;
    }
    fmt::print("    {}\n", kit::describe(*steps[i]));
  }
}

void print_failures(const Results& results) {
  for (const Result& result : results.checks) {
    if (!result.is_bad()) continue;
    fmt::print("\n{}  {}\n", name(result.ending.verdict), result.id);
    for (const std::string& slug : result.claim->requirements) {
      const Requirement& requirement = requirement_named(slug);
      fmt::print("  requirement  {} ({}): {}\n", slug, name(requirement.level), requirement.sentence);
      fmt::print("  citation     {}\n               {}\n", requirement.citation, requirement.url);
    }
    print_steps(result.ending.history);
    fmt::print("{}", indented(result.message, "  "));
    if (!result.ending.stderr_text.empty()) {
      fmt::print("  its standard error\n{}", indented(result.ending.stderr_text, "    "));
    }
    fmt::print("  reproduce    {}\n", result.repro);
  }
}

void print_skips(const Results& results) {
  std::map<std::string, std::size_t> reasons;
  for (const Result& result : results.checks) {
    if (result.ending.verdict == kit::Verdict::kSkip) ++reasons[result.ending.reason];
  }
  for (const auto& [reason, count] : reasons) fmt::print("skipped {:4}: {}\n", count, reason);
}

void print_summary(const Results& results, std::chrono::milliseconds time) {
  const auto counts = results.summary();
  std::string text;
  for (const auto& [verdict, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name(verdict));
  fmt::print("{} {} ({}): {} checks in {:.2f} s: {}\n", results.handshake.name, results.handshake.version,
             results.specification, results.checks.size(), static_cast<double>(time.count()) / 1000.0, text);
}

}  // namespace recvinto::conformance
