#include "runner/failure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace recvinto::runner {
namespace {

std::string text_of(const Known& known) {
  return fmt::format("  listed       {} as {}: {}, {}\n", known.where(), known.verdict_words(), name(known.kind),
                     in_one_line(known.reason));
}

/// The first and the last of them: a check may repeat itself a thousand times.
std::string text_of_steps(const kit::Scenario& scenario) {
  constexpr std::size_t kFirst = 12;
  constexpr std::size_t kLast = 24;
  std::vector<const kit::Step*> steps;
  for (const kit::Step& step : scenario.steps) {
    if (!std::holds_alternative<kit::step::Finish>(step)) steps.push_back(&step);
  }
  std::string text = steps.empty() ? "" : "  what was done\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == kFirst && steps.size() > kFirst + kLast) {
      text += fmt::format("    ... {} more ...\n", steps.size() - kFirst - kLast);
      i = steps.size() - kLast;
    }
    text += fmt::format("    {}\n", kit::describe(*steps[i]));
  }
  return text;
}

std::string text_of_differences(const kit::Differences& differences, Detail detail) {
  constexpr std::size_t kMost = 24;
  if (detail == Detail::kAll || differences.size() <= kMost) return indented(kit::text_of(differences), "  ");
  const kit::Differences first(differences.begin(), differences.begin() + kMost);
  return indented(kit::text_of(first), "  ") + fmt::format("  ... {} more differences\n", differences.size() - kMost);
}

/// What came back from the last call, so that what agrees with the expectations can be seen, too.
std::string text_of_last_call(const Result& result, Detail detail) {
  constexpr std::size_t kMostFields = 16;
  constexpr std::size_t kLongest = 160;
  const std::size_t shown = detail == Detail::kAll ? result.last_seen.size() : kMostFields;
  std::string text = result.last_seen.empty() ? "" : "  what came back from the last call\n";
  for (std::size_t i = 0; i < std::min(result.last_seen.size(), shown); ++i) {
    const auto& [field, value] = result.last_seen[i];
    text += fmt::format("    {:<11}  {}", field, value.substr(0, kLongest));
    text += value.size() > kLongest ? fmt::format(" [{} more]\n", value.size() - kLongest) : "\n";
  }
  if (result.last_seen.size() > shown) text += fmt::format("    ... {} more\n", result.last_seen.size() - shown);
  return text;
}

/// Its end: a trace says there what it is about.
std::string text_of_stderr(const std::string& written, Detail detail) {
  constexpr std::size_t kMostLines = 20;
  if (written.empty()) return {};
  std::size_t begin = detail == Detail::kAll ? 0 : written.size();
  for (std::size_t lines = 0; begin > 0 && lines <= kMostLines; --begin) {
    if (written[begin - 1] == '\n' && begin != written.size() && ++lines == kMostLines) break;
  }
  return fmt::format("  its standard error{}\n{}", begin == 0 ? "" : ", the end of it",
                     indented(written.substr(begin), "    "));
}

}  // namespace

std::string indented(std::string_view text, std::string_view margin) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) result += fmt::format("{}{}\n", margin, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string text_of_failure(const Result& result, Detail detail) {
  std::string text = fmt::format("\n{}  {}\n", result.verdict(), result.id);
  for (const std::string& slug : result.claim->requirements) {
    const conformance::Requirement& requirement = conformance::requirement_named(slug);
    text += fmt::format("  requirement  {} ({}): {}\n", slug, name(requirement.level), requirement.sentence);
    text += fmt::format("  citation     {}\n               {}\n", requirement.citation, requirement.url);
  }
  if (result.known != nullptr) text += text_of(*result.known);
  if (result.outcome.scenario) text += text_of_steps(*result.outcome.scenario);
  text += indented(result.outcome.reason, "  ");
  text += text_of_differences(result.outcome.differences, detail);
  text += text_of_last_call(result, detail);
  text += text_of_stderr(result.outcome.stderr_text, detail);
  text += fmt::format("  reproduce    {}\n", result.repro);
  if (!result.replay.empty()) text += fmt::format("  replay       {}\n", result.replay);
  return text;
}

std::string text_of_unexpected_pass(const Result& result) {
  return fmt::format(
      "\n{}  {}\n{}"
      "  what to do   remove the entry, or narrow it to what still fails: 'baseline --write FILE' does both\n"
      "  reproduce    {}\n",
      result.verdict(), result.id, text_of(*result.known), result.repro);
}

}  // namespace recvinto::runner
