// Calls that are refused before they receive.

#include <utility>
#include <variant>

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::Step;

constexpr std::size_t kTooMany = 1025;  // one more than IOV_MAX of Linux

bool has_a_call(const Scenario& scenario) {
  return !calls_of(scenario).empty();
}

/// Before the first call one that is refused.
std::vector<Scenario> and_before(const Scenario& scenario, Call refused) {
  Scenario with_refusal{scenario.kind, {}};
  for (const Step& step : scenario.steps) {
    const bool is_first = calls_of(with_refusal).empty();
    if (is_first && std::holds_alternative<kit::step::Start>(step)) add_call(with_refusal, refused);
    with_refusal.steps.push_back(step);
  }
  return {scenario, with_refusal};
}

std::vector<Scenario> and_too_many_buffers_before(const Scenario& scenario) {
  Call refused = calls_of(scenario).at(0);
  refused.buffers = kit::rooms(kTooMany, 1);
  return and_before(scenario, std::move(refused));
}

std::vector<Scenario> and_an_impossible_room_before(const Scenario& scenario) {
  Call refused = calls_of(scenario).at(0);
  refused.ancbufsize = -1 - refused.ancbufsize.value_or(0);
  return and_before(scenario, std::move(refused));
}

Violation refusal_consumed_nothing(std::span<const Performance> performances, const World& world) {
  const Answer& refused = performances[1].answers[0];
  if (!refused.seen.error) return in_call(0, "it is not refused");
  if (Violation violation = touched_outside(refused)) return "the refused call:\n" + *violation;
  for (std::size_t i = 0; i < performances[0].answers.size(); ++i) {
    if (Violation violation = unlike_each_other(performances[0], i, performances[1], i + 1, world)) {
      return in_call(i, "after a refused one: " + *violation);
    }
  }
  return std::nullopt;
}

Scenario any_with_a_call(Source& source, const World& world) {
  static constexpr Family kFamily{
      .least_sends = 1, .most_sends = 2, .most_calls = 2, .peeks = false, .ends = false, .refusals = false};
  for (;;) {
    Scenario scenario = any_scenario(kFamily, source, world);
    if (has_a_call(scenario)) return scenario;
  }
}

}  // namespace

std::vector<Law> refusal_laws() {
  using enum kit::Capability;
  return {
      {.name = "RefusedCallsConsumeNothing",
       .sentence =
           "A call with more buffers than the system takes fails, and the next one receives as if it had not been.",
       .needs = {kScatter},
       .generate = any_with_a_call,
       .variants = and_too_many_buffers_before,
       .judge = refusal_consumed_nothing,
       .accepts = has_a_call,
       .must_show = {"descriptors"}},
      {.name = "ImpossibleRoomConsumesNothing",
       .sentence = "A call with a negative ancbufsize fails, and the next one receives as if it had not been.",
       .needs = {kAncbufsize, kArguments},
       .generate = any_with_a_call,
       .variants = and_an_impossible_room_before,
       .judge = refusal_consumed_nothing,
       .accepts = has_a_call,
       .must_show = {"descriptors"}},
  };
}

}  // namespace recvinto::property
