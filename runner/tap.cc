#include "runner/tap.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runner/escaping.h"
#include "runner/failure_text.h"
#include "runner/page_data.h"
#include "runner/page_groups.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;
using namespace nlohmann::literals;

/// In double quotes, as JSON and YAML have it.
std::string quoted(const std::string& text) {
  return json(visible(text)).dump();
}

std::string diagnostics(const json& check, std::string_view margin) {
  std::string text = fmt::format("{0}  ---\n{0}  verdict: {1}\n{0}  level: {2}\n", margin,
                                 check.at("verdict").get<std::string>(), check.at("level").get<std::string>());
  if (const std::string summary = check.value("summary", ""); !summary.empty())
    text += fmt::format("{}  message: {}\n", margin, quoted(summary));
  if (const std::string reason = check.value("reason", ""); !reason.empty() && reason != check.value("summary", ""))
    text += fmt::format("{}  reason: {}\n", margin, quoted(reason));
  const json differences = check.value("differences", json::array());
  if (!differences.empty()) text += fmt::format("{}  differences:\n", margin);
  for (const json& difference : differences) {
    std::string_view mark = "- ";
    for (const char* field : {"where", "field", "expected", "actual"}) {
      text += fmt::format("{}    {}{}: {}\n", margin, mark, field, quoted(difference.at(field)));
      mark = "  ";
    }
  }
  if (const auto known = check.find("baseline"); known != check.end())
    text += fmt::format("{}  listed: {}\n", margin, quoted(known->at("entry")));
  return text + fmt::format("{0}  reproduce: {1}\n{0}  ...\n", margin, quoted(check.at("repro")));
}

std::string test_point(const json& check, std::size_t number, std::string_view margin) {
  const std::string verdict = check.at("verdict");
  const std::string id = escaped_for_tap(check.at("id").get<std::string>());
  if (verdict == "PASS") return fmt::format("{}ok {} - {}\n", margin, number, id);
  if (verdict == "SKIP")
    return fmt::format("{}ok {} - {} # SKIP {}\n", margin, number, id, escaped_for_tap(check.value("reason", "")));
  std::string line = fmt::format("{}not ok {} - {}", margin, number, id);
  if (verdict == "XFAIL") line += " # TODO " + escaped_for_tap(check.value("/baseline/reason"_json_pointer, ""));
  return line + '\n' + diagnostics(check, margin);
}

std::string test_points(const json& data, std::string_view margin) {
  const json& checks = data.at("checks");
  std::string text = fmt::format("{}1..{}\n", margin, checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) text += test_point(checks[i], i + 1, margin);
  if (!data.at("complete").get<bool>()) {
    // Of a subtest it would end all others.
    text += fmt::format("{}{} The run has not ended, or was killed.\n", margin, margin.empty() ? "Bail out!" : "#");
  }
  return text;
}

}  // namespace

std::string escaped_for_tap(std::string_view text) {
  std::string escaped;
  for (const char letter : in_one_line(visible(text))) {
    if (letter == '\\' || letter == '#') escaped += '\\';
    escaped += letter == '\t' ? ' ' : letter;
  }
  return escaped;
}

std::string tap_of(const std::vector<json>& runs) {
  std::string text = "TAP version 14\n";
  if (runs.size() == 1) return text + test_points(runs[0], "");
  text += fmt::format("1..{}\n", runs.size());
  const std::vector<std::string> labels = labels_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = escaped_for_tap(labels[i]);
    text += fmt::format("# Subtest: {}\n{}{}ok {} - {}\n", name, test_points(runs[i], "    "),
                        tally_of(runs[i]).bad == 0 && runs[i].at("complete").get<bool>() ? "" : "not ", i + 1, name);
  }
  return text;
}

}  // namespace recvinto::runner
