#include "runner/results.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "kit/oracle/difference.h"
#include "kit/values/observation_json.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// Bytes of JSON that are kept unasked; the file of the scenario has the rest.
constexpr std::size_t kMostObservation = std::size_t{256} * 1024;

constexpr std::string_view kXFail = "XFAIL";
constexpr std::string_view kXPass = "XPASS";

/// What was done, and what was seen after each call.
std::string observation_of(const kit::Outcome& outcome) {
  json facts{{"kind", outcome.scenario->kind.name}, {"steps", json::array()}};
  for (const kit::Stage::Event& event : outcome.history) {
    facts["steps"].push_back(std::visit([](const auto& what) { return kit::to_json(what); }, event));
  }
  return facts.dump(-1, ' ', false, json::error_handler_t::replace);
}

const kit::Observation* last_observation_in(const std::vector<kit::Stage::Event>& history) {
  for (auto event = history.rbegin(); event != history.rend(); ++event) {
    if (const auto* seen = std::get_if<kit::Observation>(&*event)) return seen;
  }
  return nullptr;
}

}  // namespace

Result result_of(const conformance::Claim& claim, const std::string& id, kit::Outcome outcome, const Keep& keep) {
  Result result{.claim = &claim, .id = id};
  const bool passed = outcome.verdict == kit::Verdict::kPass;
  if (outcome.scenario && (keep.observations || !passed)) result.observation = observation_of(outcome);
  if (!keep.observations && result.observation.size() > kMostObservation) result.observation = {};
  if (const kit::Observation* seen = last_observation_in(outcome.history); seen != nullptr && !passed) {
    result.last_seen = kit::fields_of(*seen);
    result.last_error = seen->error;
  }
  outcome.history = {};
  if (passed && !keep.scenarios) outcome.scenario.reset();
  result.outcome = std::move(outcome);
  return result;
}

bool Result::failed_as_listed() const {
  return outcome.verdict != kit::Verdict::kPass && known != nullptr && known->lists(outcome.verdict);
}

bool Result::passed_though_listed() const {
  return outcome.verdict == kit::Verdict::kPass && known != nullptr && !known->lists(kit::Verdict::kPass);
}

std::string_view Result::verdict() const {
  if (failed_as_listed()) return kXFail;
  if (passed_though_listed()) return kXPass;
  return name(outcome.verdict);
}

bool Result::is_bad() const {
  return outcome.verdict != kit::Verdict::kPass && outcome.verdict != kit::Verdict::kSkip && !failed_as_listed();
}

bool Result::counts(bool strict) const {
  return is_bad() && (strict || known != nullptr || claim->level() != conformance::Level::kRecommended);
}

std::vector<std::pair<std::string_view, std::size_t>> Results::summary() const {
  using enum kit::Verdict;
  std::vector<std::pair<std::string_view, std::size_t>> counts;
  for (const kit::Verdict verdict : {kPass, kFail, kSkip, kCrash, kHang, kProtocol, kNotRun})
    counts.emplace_back(name(verdict), 0);
  counts.emplace_back(kXFail, 0);
  counts.emplace_back(kXPass, 0);
  for (const Result& result : checks)
    ++std::ranges::find(counts, result.verdict(), [](const auto& count) { return count.first; })->second;
  return counts;
}

}  // namespace recvinto::runner
