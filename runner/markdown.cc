#include "runner/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "runner/escaping.h"
#include "runner/failure_text.h"
#include "runner/page_data.h"
#include "runner/page_groups.h"
#include "runner/run_comparison.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

constexpr std::size_t kMostGroups = 20;
constexpr std::size_t kMostChecks = 30;
constexpr std::size_t kLongestCell = 300;

std::string first_of(const std::string& text) {
  return shortened(text, kLongestCell);
}

std::string area_table(const json& data) {
  std::map<std::string, std::vector<const json*>> areas;
  for (const json& check : data.at("checks")) {
    const std::string id = check.at("id");
    areas[data.at("topics").value(id.substr(0, id.find('.')), data.at("areas").back().get<std::string>())].push_back(
        &check);
  }
  std::string text = "| area | pass | fail | fail as listed | skipped |\n| --- | ---: | ---: | ---: | ---: |\n";
  for (const json& area : data.at("areas")) {
    const auto checks = areas.find(area.get<std::string>());
    if (checks == areas.end()) continue;
    const Tally tally = tally_of(checks->second);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", escaped_for_markdown(checks->first), tally.passed,
                        tally.bad == 0 ? "0" : fmt::format("**{}**", tally.bad), tally.known, tally.skipped);
  }
  return text;
}

std::string causes_of(const json& data) {
  const std::vector<PageGroup> groups = bad_groups(data);
  if (groups.empty()) return {};
  std::string text = "\nCauses, each with the line that reproduces the first of its checks:\n\n";
  for (std::size_t i = 0; i < std::min(groups.size(), kMostGroups); ++i) {
    const PageGroup& group = groups[i];
    text += fmt::format("- **{} {}** {}\n  {}\n", group.checks.size(), group.verdict,
                        escaped_for_markdown(first_of(group.summary)),
                        markdown_code(group.checks.front()->at("repro").get<std::string>()));
  }
  if (groups.size() > kMostGroups) text += fmt::format("- ... and {} more causes\n", groups.size() - kMostGroups);
  return text;
}

std::string of_one_run(const json& data) {
  std::string statement = statement_of(tally_of(data));
  statement.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(statement.front())));
  return fmt::format("**{}.**{} Judged as {}{}.\n\n{}{}", statement,
                     data.at("complete").get<bool>() ? "" : " The run has not ended, or was killed.",
                     markdown_code(data.at("implementation").at("spec").get<std::string>()),
                     has_merged_buffers(data) ? ", with one buffer in place of several (`--merge-buffers`)" : "",
                     area_table(data), causes_of(data));
}

std::string changes(const char* heading, const std::vector<Change>& changes) {
  if (changes.empty()) return {};
  std::string text = fmt::format("\n{} ({}):\n\n", heading, changes.size());
  for (std::size_t i = 0; i < std::min(changes.size(), kMostChecks); ++i) {
    text += fmt::format("- {}: {} before, {} now\n", markdown_code(changes[i].id), changes[i].before, changes[i].after);
  }
  if (changes.size() > kMostChecks) text += fmt::format("- ... and {} more\n", changes.size() - kMostChecks);
  return text;
}

std::string comparison_of(const RunComparison& comparison, const std::string& before, const std::string& after) {
  std::string text = changes("New failures", comparison.new_failures) + changes("Gone", comparison.gone) +
                     changes("Other changes", comparison.others);
  if (text.empty()) text = "\nNo check has another verdict.\n";
  return fmt::format("\n#### {}, compared with {}\n{}", escaped_for_markdown(after), escaped_for_markdown(before),
                     text);
}

std::string of_several(const std::vector<json>& runs) {
  std::string text =
      "| implementation | pass | fail | fail as listed | skipped |\n| --- | ---: | ---: | ---: | ---: |\n";
  const std::vector<std::string> labels = labels_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Tally tally = tally_of(runs[i]);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", escaped_for_markdown(labels[i]), tally.passed,
                        tally.bad == 0 ? "0" : fmt::format("**{}**", tally.bad), tally.known, tally.skipped);
  }
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (runs.size() != 2 && !is_same_implementation(runs[i - 1], runs[i])) continue;
    text += comparison_of(compare_runs(runs[i - 1], runs[i]), labels[i - 1], labels[i]);
  }
  return text;
}

}  // namespace

std::string escaped_for_markdown(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]#|~^$";  // of Markdown inside a line, and of mathematics
  const std::string line = in_one_line(visible(text));
  std::string escaped;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char letter = line[at];
    if (letter == '<') {
      escaped += "&lt;";
    } else if (letter == '>') {
      escaped += "&gt;";
    } else if (letter == '&') {
      escaped += "&amp;";
    } else if (letter == '@' ||
               (letter == ':' && line.compare(at, 3, "://") == 0)) {  // which would make a mention, or a link
      escaped += fmt::format("&#{};", static_cast<int>(letter));
    } else {
      if (kSpecial.find(letter) != std::string_view::npos) escaped += '\\';
      escaped += letter == '\t' ? ' ' : letter;
    }
  }
  return escaped;
}

std::string markdown_code(std::string_view text) {
  const std::string line = in_one_line(visible(text));
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char letter : line) {
    run = letter == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool needs_blanks = line.empty() || line.front() == '`' || line.back() == '`';
  return needs_blanks ? fmt::format("{0} {1} {0}", fence, line) : fmt::format("{0}{1}{0}", fence, line);
}

std::string markdown_summary(const std::vector<json>& runs) {
  if (runs.size() == 1) {
    return fmt::format("### recvmsg\\_into: {}\n\n{}\n", escaped_for_markdown(implementation_name(runs[0])),
                       of_one_run(runs[0]));
  }
  return "### recvmsg\\_into: conformance of implementations\n\n" + of_several(runs) + "\n";
}

}  // namespace recvinto::runner
