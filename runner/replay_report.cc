#include "runner/replay_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

#include "kit/oracle/difference.h"
#include "kit/performing/outcome_json.h"
#include "kit/values/observation_json.h"
#include "runner/failure_text.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

void print_head(const Replay& replay) {
  const kit::ScenarioFile& file = replay.file;
  fmt::print("{}: {}, {} steps\n", replay.path.string(), file.scenario.kind.name, file.scenario.steps.size());
  if (!file.law.empty()) fmt::print("  law   {}\n", file.law);
  if (file.seed)
    fmt::print("  seed  {}{}\n", *file.seed, file.case_number ? fmt::format(", case {}", *file.case_number) : "");
  if (!file.note.empty()) {
    fmt::print("  note\n");
    fmt::print("{}", indented(file.note, "    "));
  }
  fmt::print("  on    {}\n", replay.implementation.title());
}

void print_observation(const kit::Observation& observation) {
  const auto fields = kit::fields_of(observation);
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  for (const auto& [name, value] : fields) fmt::print("         {:<{}}  {}\n", name, width, value);
}

/// After each call what came back.
void print_steps(const Replay& replay) {
  const std::vector<kit::Observation> observations = replay.implementation.observations();
  auto observation = observations.begin();
  const std::vector<kit::Step>& steps = replay.file.scenario.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    fmt::print("  {:>4}  {}\n", i + 1, kit::describe(steps[i]));
    if (!std::holds_alternative<kit::step::Finish>(steps[i]) || observation == observations.end()) continue;
    print_observation(*observation++);
  }
}

void print_outcome(const Replayed& replayed) {
  const kit::Outcome& outcome = replayed.outcome;
  if (outcome.is_failure() && outcome.cause != kit::Cause::kDiffers) {
    fmt::print("  {}: {}: {}\n", replayed.title(), kit::name(outcome.verdict), outcome.reason);
  } else if (!replayed.is_performed()) {
    fmt::print("  not performed on {}: {}\n", replayed.title(), outcome.reason);
  } else if (outcome.verdict != kit::Verdict::kPass && outcome.cause != kit::Cause::kDiffers) {
    fmt::print("  not judged: {}\n", outcome.reason);
  }
  if (!replayed.is_performed() && !outcome.stderr_text.empty()) {
    fmt::print("  its standard error\n");
    fmt::print("{}", indented(outcome.stderr_text, "    "));
  }
}

void print_differences(const Replay& replay) {
  const auto comparisons = replay.comparisons();
  bool differs = false;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (std::ranges::all_of(comparisons[i], &kit::Comparison::agrees)) continue;
    differs = true;
    fmt::print("  call {} differs\n", i + 1);
    fmt::print("{}",
               indented(kit::table_of(comparisons[i], replay.against->title(), replay.implementation.title()), "    "));
  }
  if (replay.is_performed() && replay.against->is_performed() && !differs)
    fmt::print("  nothing differs from {}\n", replay.against->title());
}

json to_json(const Replayed& replayed) {
  json observations = json::array();
  for (const kit::Observation& observation : replayed.observations()) observations.push_back(kit::to_json(observation));
  json object = kit::to_json(replayed.outcome);
  object["spec"] = replayed.specification;
  object["name"] = replayed.handshake.name;
  object["version"] = replayed.handshake.version;
  object["observations"] = std::move(observations);
  return object;
}

json to_json(const Replay& replay) {
  json object{{"file", replay.path.string()},
              {"kind", replay.file.scenario.kind.name},
              {"implementation", to_json(replay.implementation)}};
  if (!replay.sentence.empty()) object["law"] = replay.sentence;
  if (!replay.against) return object;
  object["against"] = to_json(*replay.against);
  json& differences = object["differences"] = json::array();
  const auto comparisons = replay.comparisons();
  for (std::size_t call = 0; call < comparisons.size(); ++call) {
    for (const kit::Comparison& row : comparisons[call]) {
      if (row.agrees) continue;
      differences.push_back(
          {{"call", call}, {"field", row.field}, {"implementation", row.actual}, {"against", row.expected}});
    }
  }
  return object;
}

}  // namespace

std::string Replayed::title() const {
  const bool says_who = !specification.starts_with("exec:") && !specification.starts_with("python");
  if (handshake.name.empty() || says_who) return specification;
  return fmt::format("{} {}", handshake.name, handshake.version);
}

std::vector<kit::Observation> Replayed::observations() const {
  std::vector<kit::Observation> observations;
  for (const kit::Stage::Event& event : outcome.history) {
    if (const auto* seen = std::get_if<kit::Observation>(&event)) observations.push_back(*seen);
  }
  return observations;
}

bool Replayed::is_performed() const {
  using enum kit::Cause;
  const kit::Cause cause = outcome.cause;
  return cause == kNone || cause == kDiffers || cause == kKernelDeviates ||
         (cause == kUnpredictable && !outcome.history.empty());
}

std::vector<std::vector<kit::Comparison>> Replay::comparisons() const {
  std::vector<std::vector<kit::Comparison>> comparisons;
  if (!against) return comparisons;
  const kit::Capabilities both = implementation.handshake.capabilities & against->handshake.capabilities;
  const std::vector<kit::Observation> ours = implementation.observations();
  const std::vector<kit::Observation> theirs = against->observations();
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    comparisons.push_back(kit::compare(file.scenario.kind, theirs[i], ours[i], both));
  }
  return comparisons;
}

bool Replay::is_bad() const {
  const auto counts = [](const Replayed& replayed) {
    return replayed.outcome.is_failure() || replayed.outcome.verdict == kit::Verdict::kNotRun;
  };
  if (counts(implementation) || (against && counts(*against))) return true;
  return std::ranges::any_of(comparisons(), [](const std::vector<kit::Comparison>& rows) {
    return !std::ranges::all_of(rows, &kit::Comparison::agrees);
  });
}

bool Replay::is_performed() const {
  return implementation.is_performed() && (!against || against->is_performed());
}

void print(const Replay& replay) {
  print_head(replay);
  print_steps(replay);
  print_outcome(replay.implementation);
  if (replay.implementation.outcome.cause == kit::Cause::kDiffers) {
    if (!replay.sentence.empty()) fmt::print("  {}\n", replay.sentence);
    fmt::print("{}", indented(kit::text_of(replay.implementation.outcome.differences), "  "));
  }
  if (!replay.against) return;
  print_outcome(*replay.against);
  print_differences(replay);
}

json to_json(const std::vector<Replay>& replays) {
  json list = json::array();
  for (const Replay& replay : replays) list.push_back(to_json(replay));
  return {{"schema", 2}, {"replays", std::move(list)}};
}

}  // namespace recvinto::runner
