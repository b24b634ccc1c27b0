#include "conformance/runner/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace recvinto::conformance {
namespace {

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

/// A reason may be written in several lines.
std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void print_entry(const Known& known) {
  fmt::print("  listed       {} as {}: {}, {}\n", known.where(), name(known.verdict), name(known.kind),
             in_one_line(known.reason));
}

/// The first and the last of them: a check may repeat itself a thousand times.
void print_steps(const kit::Scenario& scenario) {
  constexpr std::size_t kFirst = 12;
  constexpr std::size_t kLast = 24;
  std::vector<const kit::Step*> steps;
  for (const kit::Step& step : scenario.steps) {
    if (!std::holds_alternative<kit::step::Finish>(step)) steps.push_back(&step);
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

/// What came back from the last call, so that what agrees with the expectations can be seen, too.
void print_last_seen(const Result& result) {
  constexpr std::size_t kMostFields = 16;
  constexpr std::size_t kLongest = 160;
  if (result.last_seen.empty()) return;
  fmt::print("  what the last call came to\n");
  for (std::size_t i = 0; i < std::min(result.last_seen.size(), kMostFields); ++i) {
    const auto& [field, value] = result.last_seen[i];
    if (value.size() <= kLongest) {
      fmt::print("    {}: {}\n", field, value);
    } else {
      fmt::print("    {}: {} [{} more]\n", field, value.substr(0, kLongest), value.size() - kLongest);
    }
  }
  if (result.last_seen.size() > kMostFields) fmt::print("    ... {} more\n", result.last_seen.size() - kMostFields);
}

void print_failure(const Result& result) {
  fmt::print("\n{}  {}\n", result.verdict(), result.id);
  for (const std::string& slug : result.claim->requirements) {
    const Requirement& requirement = requirement_named(slug);
    fmt::print("  requirement  {} ({}): {}\n", slug, name(requirement.level), requirement.sentence);
    fmt::print("  citation     {}\n               {}\n", requirement.citation, requirement.url);
  }
  if (result.known != nullptr) print_entry(*result.known);
  if (result.outcome.scenario) print_steps(*result.outcome.scenario);
  if (!result.outcome.reason.empty()) fmt::print("{}", indented(result.outcome.reason, "  "));
  fmt::print("{}", indented(text_of(result.outcome.differences), "  "));
  print_last_seen(result);
  if (!result.outcome.stderr_text.empty()) {
    fmt::print("  its standard error\n{}", indented(result.outcome.stderr_text, "    "));
  }
  fmt::print("  reproduce    {}\n", result.repro);
  if (!result.replay.empty()) fmt::print("  replay       {}\n", result.replay);
}

void print_unexpected_pass(const Result& result) {
  fmt::print("\n{}  {}\n", result.verdict(), result.id);
  print_entry(*result.known);
  fmt::print("  what to do   remove the entry, or narrow it to what still fails: 'baseline --write FILE' does both\n");
  fmt::print("  reproduce    {}\n", result.repro);
}

}  // namespace

void print_failures(const Results& results) {
  for (const Result& result : results.checks) {
    if (result.is_bad()) print_failure(result);
    if (result.passed_though_listed()) print_unexpected_pass(result);
  }
}

void print_skips(const Results& results) {
  std::map<std::string, std::size_t> reasons;
  for (const Result& result : results.checks) {
    if (result.outcome.verdict == kit::Verdict::kSkip && !result.kernel_deviates()) ++reasons[result.outcome.reason];
  }
  for (const auto& [reason, count] : reasons) fmt::print("skipped {:4}: {}\n", count, reason);
}

void print_kernel_deviations(const Results& results) {
  const auto count = std::ranges::count_if(results.checks, &Result::kernel_deviates);
  if (count == 0) return;
  fmt::print("kernel  {:4}: this host's kernel deviates; not held against {}\n", count, results.handshake.name);
  for (const Result& result : results.checks) {
    if (result.kernel_deviates()) fmt::print("  {}: {}\n", result.id, result.outcome.reason);
  }
}

void print_known(const Results& results, const Baseline& baseline) {
  std::string left_out;
  for (const Known& entry : baseline.entries()) {
    std::size_t failed = 0;
    std::size_t skipped = 0;
    std::size_t chosen = 0;
    for (const Result& result : results.checks) {
      if (result.known != &entry) continue;
      ++chosen;
      if (result.failed_as_listed()) ++failed;
      if (result.outcome.verdict == kit::Verdict::kSkip) ++skipped;
    }
    if (chosen == 0) left_out += fmt::format("{}{}", left_out.empty() ? "" : ", ", entry.line);
    if (failed == 0 && skipped == 0) continue;
    fmt::print("known   {:4}: {}, {} ({}{})\n", failed, name(entry.kind), in_one_line(entry.reason), entry.where(),
               skipped == 0 ? "" : fmt::format(", {} skipped", skipped));
  }
  if (!left_out.empty())
    fmt::print("{}: none of their checks was chosen: the entries at line {}\n", baseline.entries()[0].file, left_out);
}

void print_summary(const Results& results, std::chrono::milliseconds time) {
  std::string text;
  for (const auto& [verdict, count] : results.summary()) {
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  }
  fmt::print("{} {} ({}): {} checks in {:.2f} s: {}\n", results.handshake.name, results.handshake.version,
             results.specification, results.checks.size(), static_cast<double>(time.count()) / 1000.0, text);
}

}  // namespace recvinto::conformance
