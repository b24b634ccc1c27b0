#include "runner/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/host/files.h"
#include "runner/escaping.h"
#include "runner/html_page.h"
#include "runner/page_groups.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

constexpr std::string_view kChecksMark = "\"@checks@\"";
constexpr std::string_view kSummaryMark = "\"@summary@\"";

std::string title_of(const json& results) {
  return fmt::format("{}: recvmsg_into conformance", implementation_name(results));
}

/// `text` is escaped.
std::string element(std::string_view tag, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>\n", tag, text);
}

std::string count_table(const json& summary) {
  std::string rows;
  for (const auto& [verdict, count] : summary.items()) {
    if (count != 0) rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped_for_html(verdict), count.dump());
  }
  return fmt::format("<table>\n{}</table>\n", rows);
}

std::string text_of(const json& difference) {
  return fmt::format("{}: {}\n  expected  {}\n  actual    {}\n", difference.at("where").get<std::string>(),
                     difference.at("field").get<std::string>(), difference.at("expected").get<std::string>(),
                     difference.at("actual").get<std::string>());
}

/// `check`: as the page has it.
std::string failure(const json& check) {
  std::string text;
  const json steps = check.value("steps", json::array());
  for (const json& step : steps) {
    if (step.is_string()) text += step.get<std::string>() + '\n';
  }
  if (const std::string reason = check.value("reason", ""); !reason.empty()) text += reason + '\n';
  for (const json& difference : check.value("differences", json::array())) text += text_of(difference);
  if (const auto known = check.find("baseline"); known != check.end()) {
    text += fmt::format("listed  {}: {}, {}\n", known->at("entry").get<std::string>(),
                        known->at("kind").get<std::string>(), known->at("reason").get<std::string>());
  }
  text += "reproduce  " + check.at("repro").get<std::string>();
  return fmt::format("<details><summary>{} {}</summary><pre>{}</pre></details>\n",
                     escaped_for_html(check.at("verdict").get<std::string>()),
                     escaped_for_html(check.at("id").get<std::string>()), escaped_for_html(text));
}

/// Each under a heading, with its first checks.
std::string listing(const std::vector<PageGroup>& groups) {
  constexpr std::size_t kMostOfAGroup = 10;  // for a quick look; results.json has the others
  std::string text;
  for (const PageGroup& group : groups) {
    const std::size_t count = group.checks.size();
    text += element("h3", fmt::format("{} {}: {}", count, group.verdict, escaped_for_html(group.summary)));
    for (std::size_t i = 0; i < std::min(count, kMostOfAGroup); ++i) text += failure(*group.checks[i]);
    if (count > kMostOfAGroup) text += element("p", fmt::format("... and {} more", count - kMostOfAGroup));
  }
  return text;
}

std::string skips(const json& data) {
  std::map<std::string, std::size_t> reasons;
  for (const json& check : data.at("checks")) {
    if (check.at("verdict") == "SKIP") ++reasons[check.value("reason", "")];
  }
  std::string rows;
  for (const auto& [reason, count] : reasons)
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", count, escaped_for_html(reason));
  return rows.empty() ? "" : element("h2", "Skipped") + element("table", rows);
}

/// What the page shows without scripts: counts, causes and failures, skips.
std::string unscripted(const json& data) {
  std::string text = element("h1", escaped_for_html(title_of(data)));
  text += element("p", escaped_for_html(data.at("implementation").at("spec").get<std::string>()));
  text += count_table(data.at("summary"));
  if (!data.at("complete").get<bool>()) text += element("p", "This run has not ended.");
  text += element("p", escaped_for_html(statement_of(tally_of(data))));
  if (const auto bad = bad_groups(data); !bad.empty()) text += element("h2", "Failures by cause") + listing(bad);
  if (const auto known = known_groups(data); !known.empty()) text += element("h2", "Known failures") + listing(known);
  return text + skips(data);
}

}  // namespace

std::string html_report(const json& data) {
  return run_page({.title = title_of(data), .data = json_for_html(data), .unscripted = unscripted(data)});
}

void write_html_report(const Results& results, const std::filesystem::path& directory) {
  kit::write_whole(directory / "report.html", html_report(page_data(results)));
}

GrowingHtmlReport::GrowingHtmlReport(const json& results) {
  json data = page_head(results);
  data["complete"] = false;
  const std::string head = json_for_html(data);
  const std::string whole =
      run_page({.title = title_of(results),
                .data = fmt::format("{},\"checks\":[{}],\"summary\":{}}}",
                                    std::string_view(head).substr(0, head.size() - 1), kChecksMark, kSummaryMark),
                .unscripted = element("h1", escaped_for_html(title_of(results))) +
                              element("p", "This run has not ended. results.json has what was judged until now.")});
  const std::size_t checks = whole.rfind(kChecksMark);
  head_ = whole.substr(0, checks);
  tail_ = whole.substr(whole.rfind(kSummaryMark) + kSummaryMark.size());
}

std::string GrowingHtmlReport::entry(const json& check) {
  return fmt::format("{}\n{}", std::exchange(is_empty_, false) ? "" : ",", json_for_html(checks_.next(check)));
}

std::string GrowingHtmlReport::tail(const std::map<std::string, std::size_t>& summary) const {
  return fmt::format("],\"summary\":{}{}", json(summary).dump(), tail_);
}

}  // namespace recvinto::runner
