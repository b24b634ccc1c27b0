// What was received before: on the same socket, on another one, in the same process.

#include <algorithm>
#include <utility>
#include <variant>

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Scenario;
using kit::Step;
namespace step = kit::step;

/// A scenario in two parts: a history, and behind step::Drain what must not depend on it.
struct Parts {
  std::vector<Step> common = {};  ///< what makes the socket what it is: senders, options
  std::vector<Step> before = {};
  std::vector<Step> after = {};
  std::size_t files_before = 0;
};

bool makes_the_socket(const Step& step) {
  return std::holds_alternative<step::AddSender>(step) || std::holds_alternative<step::SetOption>(step);
}

bool is_drain(const Step& step) {
  return std::holds_alternative<step::Drain>(step);
}

Parts parts_of(const Scenario& scenario) {
  Parts parts;
  const auto first = std::ranges::find_if_not(scenario.steps, makes_the_socket);
  const auto drain = std::ranges::find_if(scenario.steps, is_drain);
  parts.common.assign(scenario.steps.begin(), std::min(first, drain));
  parts.before.assign(std::min(first, drain), drain);
  if (drain != scenario.steps.end()) parts.after.assign(drain + 1, scenario.steps.end());
  for (const Step& step : parts.before) parts.files_before += files_sent_by(step);
  return parts;
}

Scenario joined(const kit::SocketKind& kind, const std::vector<Step>& first, const std::vector<Step>& second) {
  Scenario scenario{kind, first};
  scenario.steps.insert(scenario.steps.end(), second.begin(), second.end());
  return scenario;
}

/// Behind its history; without one, where the calls before are its own; and behind the history of another socket.
std::vector<Scenario> behind_histories(const Scenario& scenario) {
  const Parts parts = parts_of(scenario);
  const Scenario after = joined(scenario.kind, parts.common, parts.after);
  return {scenario, after, joined(scenario.kind, parts.common, parts.before), after};
}

/// The calls behind the history, as if no file had been sent before.
Performance behind_its_history(const Performance& whole) {
  const Parts parts = parts_of(whole.scenario);
  const std::size_t calls = calls_of({whole.scenario.kind, parts.before}).size();
  Performance rest{.scenario = whole.scenario, .answers = {}, .world = whole.world};
  for (std::size_t i = calls; i < whole.answers.size(); ++i) {
    rest.answers.push_back(whole.answers[i]);
    for (kit::ReceivedDescriptor& descriptor : rest.answers.back().seen.descriptors) {
      if (descriptor.file) *descriptor.file -= std::min(*descriptor.file, parts.files_before);
    }
  }
  return rest;
}

Violation history_changed_nothing(std::span<const Performance> performances, const World& world) {
  const Performance rest = behind_its_history(performances[0]);
  if (Violation violation = unlike_each_other(performances[1], rest, world)) {
    return kit::located(*std::move(violation), "behind a history of its socket");
  }
  if (Violation violation = unlike_each_other(performances[1], performances[3], world)) {
    return kit::located(*std::move(violation), "behind a history of another socket");
  }
  return std::nullopt;
}

/// One Drain, a call before and behind it, and nothing that both parts would need to have in common.
bool has_a_history(const Scenario& scenario) {
  if (std::ranges::count_if(scenario.steps, is_drain) != 1) return false;
  const Parts parts = parts_of(scenario);
  return !calls_of({scenario.kind, parts.before}).empty() && !calls_of({scenario.kind, parts.after}).empty() &&
         std::ranges::none_of(parts.before, makes_the_socket) && std::ranges::none_of(parts.after, makes_the_socket);
}

/// What it sends to a socket of its own, and receives.
constexpr Family kSent{.most_sends = 3, .most_calls = 2, .history = true};

}  // namespace

std::vector<Law> history_laws() {
  return {
      {.name = "HistoryChangesNothing",
       .sentence = "What a call returns does not depend on what was received before, on the same socket or on another.",
       .generate = [](Source& source, const World& world) { return any_scenario(kSent, source, world); },
       .variants = behind_histories,
       .judge = history_changed_nothing,
       .accepts = [](const Scenario& scenario) { return is_of(kSent, scenario) && has_a_history(scenario); },
       .must_show = {"several calls", "descriptors", "credentials", "cut items", "cut data", "a peek", "a failing call",
                     "several senders", "the end"}},
  };
}

}  // namespace recvinto::property
