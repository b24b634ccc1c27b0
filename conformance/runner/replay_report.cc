#include "conformance/runner/replay_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

#include "fixtures/judgement/difference.h"

namespace recvinto::conformance {
namespace {

using nlohmann::json;
using Ending = Performance::Ending;

void print_indented(std::string_view text, std::string_view margin) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    fmt::print("{}{}\n", margin, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void print_head(const Replay& replay) {
  const kit::ScenarioFile& file = replay.file;
  fmt::print("{}: {}, {} steps\n", replay.path.string(), file.scenario.kind.name, file.scenario.steps.size());
  if (!file.law.empty()) fmt::print("  law   {}\n", file.law);
  if (file.seed)
    fmt::print("  seed  {}{}\n", *file.seed, file.case_number ? fmt::format(", case {}", *file.case_number) : "");
  if (!file.note.empty()) {
    fmt::print("  note\n");
    print_indented(file.note, "    ");
  }
  fmt::print("  on    {}\n", replay.performance.title());
}

void print_observation(const kit::Observation& observation) {
  const auto fields = kit::fields_of(observation);
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  for (const auto& [name, value] : fields) fmt::print("         {:<{}}  {}\n", name, width, value);
}

/// After each call what came back.
void print_steps(const Replay& replay) {
  auto observation = replay.performance.observations.begin();
  const auto end = replay.performance.observations.end();
  const std::vector<kit::Step>& steps = replay.file.scenario.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    fmt::print("  {:>4}  {}\n", i + 1, kit::describe(steps[i]));
    if (!std::holds_alternative<kit::step::Finish>(steps[i]) || observation == end) continue;
    print_observation(*observation++);
  }
}

void print_ending(const Performance& performance) {
  if (performance.ending == Ending::kNotPerformed) {
    fmt::print("  not performed on {}: {}\n", performance.title(), performance.reason);
  } else if (performance.ending == Ending::kFailed) {
    fmt::print("  {}: {}\n", performance.title(), performance.reason);
  }
  if (performance.ending != Ending::kDone && !performance.stderr_text.empty()) {
    fmt::print("  its standard error\n");
    print_indented(performance.stderr_text, "    ");
  }
}

void print_differences(const Replay& replay) {
  const auto comparisons = replay.comparisons();
  bool differs = false;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (std::ranges::all_of(comparisons[i], &kit::Comparison::agrees)) continue;
    differs = true;
    fmt::print("  call {} differs\n", i + 1);
    print_indented(kit::table_of(comparisons[i], replay.against->title(), replay.performance.title()), "    ");
  }
  const bool both_done = replay.performance.ending == Ending::kDone && replay.against->ending == Ending::kDone;
  if (both_done && !differs) fmt::print("  nothing differs from {}\n", replay.against->title());
}

std::string_view name(Ending ending) {
  switch (ending) {
    case Ending::kDone:
      return "performed";
    case Ending::kNotPerformed:
      return "not performed";
    case Ending::kFailed:
      return "failed";
  }
  return {};
}

json to_json(const Performance& performance) {
  json observations = json::array();
  for (const kit::Observation& observation : performance.observations) {
    observations.push_back(kit::to_json(observation));
  }
  json object{{"spec", performance.specification},
              {"name", performance.handshake.name},
              {"version", performance.handshake.version},
              {"ending", name(performance.ending)},
              {"observations", std::move(observations)}};
  if (!performance.reason.empty()) object["reason"] = performance.reason;
  if (!performance.stderr_text.empty()) object["stderr"] = performance.stderr_text;
  return object;
}

json to_json(const Replay& replay) {
  json object{{"file", replay.path.string()},
              {"kind", replay.file.scenario.kind.name},
              {"implementation", to_json(replay.performance)}};
  if (replay.wrong) object["wrong"] = *replay.wrong;
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

std::string Performance::title() const {
  if (handshake.name.empty() || !specification.starts_with("exec:")) return specification;
  return fmt::format("{} {}", handshake.name, handshake.version);
}

std::vector<std::vector<kit::Comparison>> Replay::comparisons() const {
  std::vector<std::vector<kit::Comparison>> comparisons;
  if (!against) return comparisons;
  const kit::Capabilities both = performance.handshake.capabilities & against->handshake.capabilities;
  const std::size_t calls = std::min(performance.observations.size(), against->observations.size());
  for (std::size_t i = 0; i < calls; ++i) {
    comparisons.push_back(
        kit::compare(file.scenario.kind, against->observations[i], performance.observations[i], both));
  }
  return comparisons;
}

bool Replay::is_bad() const {
  if (wrong || performance.ending == Ending::kFailed || (against && against->ending == Ending::kFailed)) return true;
  return std::ranges::any_of(comparisons(), [](const std::vector<kit::Comparison>& rows) {
    return !std::ranges::all_of(rows, &kit::Comparison::agrees);
  });
}

bool Replay::is_performed() const {
  return performance.ending != Ending::kNotPerformed && (!against || against->ending != Ending::kNotPerformed);
}

void print(const Replay& replay) {
  print_head(replay);
  print_steps(replay);
  print_ending(replay.performance);
  if (replay.wrong) print_indented(*replay.wrong, "  ");
  if (!replay.against) return;
  print_ending(*replay.against);
  print_differences(replay);
}

json to_json(const std::vector<Replay>& replays) {
  json list = json::array();
  for (const Replay& replay : replays) list.push_back(to_json(replay));
  return {{"schema", 1}, {"replays", std::move(list)}};
}

}  // namespace recvinto::conformance
