#include "runner/result_files.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "runner/junit.h"
#include "runner/page_data.h"
#include "runner/report_command.h"
#include "runner/result_json.h"
#include "runner/scenarios.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// All but its checks and what follows from them.
json unfinished(const Results& results) {
  json object = head_of(results);
  object["complete"] = false;
  return object;
}

std::string text_before_checks(const Results& results) {
  std::string text = line_of(unfinished(results));
  text.pop_back();  // the brace
  return text + ",\"checks\":[";
}

std::string tail_of(const std::map<std::string, std::size_t>& counts) {
  return fmt::format("\n],\"summary\":{}}}\n", json(counts).dump());
}

constexpr std::string_view kTailOfJUnit = "  </testsuite>\n</testsuites>\n";

std::string head_of_junit(const Results& results) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\">\n  <testsuite name=\"unfinished run\">\n",
      escaped_for_xml(results.specification));
}

}  // namespace

template <typename Write>
bool ResultFiles::attempt(const Write& write) {
  try {
    write();
    return true;
  } catch (const std::system_error& error) {
    if (!std::exchange(has_complained_, true)) {
      std::fflush(stdout);
      fmt::print(stderr, "recvmsg-conformance: {}; the run goes on\n", error.what());
    }
    return false;
  }
}

void ResultFiles::begin(const Results& results) {
  if (!options_.out) return;
  is_empty_ = true;
  counts_.clear();
  for (const auto& [verdict, count] : Results{}.summary()) counts_[word_of(verdict)] = count;
  json_.reset();
  junit_.reset();
  html_.reset();
  attempt([&] {
    json_.emplace(*options_.out / "results.json", text_before_checks(results), tail_of(counts_));
    junit_.emplace(*options_.out / "junit.xml", head_of_junit(results), kTailOfJUnit);
  });
  attempt([&] {
    html_report_.emplace(unfinished(results));
    html_.emplace(*options_.out / "report.html", html_report_->head(), html_report_->tail(counts_));
  });
}

void ResultFiles::add(const Results& results, Result& result) {
  if (options_.out) write_scenario_of(results, result);
  if (options_.record_corpus && !attempt([&] { record_corpus(result, *options_.record_corpus); })) is_lacking_ = true;
  if (result.outcome.verdict == kit::Verdict::kPass) result.outcome.scenario.reset();
  grow(result);
}

void ResultFiles::replace(const Results& results, Result& result) {
  if (!options_.out) return;
  write_scenario_of(results, result);
  begin(results);
  for (const Result& one : results.checks) grow(one);
}

void ResultFiles::write_scenario_of(const Results& results, Result& result) {
  if (!attempt([&] { write_scenario(result, results.handshake, options_); })) is_lacking_ = true;
}

void ResultFiles::grow(const Result& result) {
  if (!json_ || !junit_) return;
  ++counts_[word_of(result.verdict())];
  const json check = to_json(result);
  const std::string entry = fmt::format("{}\n{}", is_empty_ ? "" : ",", line_of(check));
  if (attempt([&] { json_->add(entry, tail_of(counts_)); })) {
    is_empty_ = false;
  } else {
    --counts_[word_of(result.verdict())];
  }
  attempt([&] { junit_->add(to_junit(result), kTailOfJUnit); });
  if (html_) attempt([&] { html_->add(html_report_->entry(check), html_report_->tail(counts_)); });
}

void ResultFiles::finish(Results& results) {
  if (options_.summary || options_.tap) {
    if (!attempt([&] { write_short_reports(options_, {page_data(results)}); })) is_lacking_ = true;
  }
  if (!options_.out) return;
  for (Result& result : results.checks) {
    if (!result.outcome.is_failure()) remove_scenario(result, options_);  // it is the kernel's, as it turned out
  }
  if (!attempt([&] { write_results(results, *options_.out); })) is_lacking_ = true;
  if (!attempt([&] { write_junit(results, *options_.out); })) is_lacking_ = true;
  if (!attempt([&] { write_html_report(results, *options_.out); })) is_lacking_ = true;
}

}  // namespace recvinto::runner
