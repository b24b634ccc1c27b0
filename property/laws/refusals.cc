// Calls that are refused before they receive.

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

/// Before each call the same with more buffers than the system takes.
std::vector<Scenario> and_refused_before(const Scenario& scenario) {
  Scenario with_refusals{scenario.kind, {}};
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<kit::step::Start>(&step)) {
      Call refused = start->call;
      refused.buffers = kit::rooms(kTooMany, 1);
      add_call(with_refusals, std::move(refused));
    }
    with_refusals.steps.push_back(step);
  }
  return {scenario, with_refusals};
}

Violation refusals_consumed_nothing(std::span<const Performance> performances, const World& world) {
  for (std::size_t i = 0; i < performances[0].answers.size(); ++i) {
    const kit::Answer& refused = performances[1].answers[2 * i];
    if (!refused.seen.error) return in_call(i, "1025 buffers are taken");
    if (Violation violation = touched_outside(refused)) return in_call(i, "the refused one:\n" + *violation);
    const kit::Answer& after = performances[1].answers[2 * i + 1];
    if (Violation violation = unlike_each_other(performances[0].answers[i], after, world)) {
      return in_call(i, "after a refused one: " + *violation);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Law> refusal_laws() {
  using enum kit::Capability;
  return {
      {.name = "RefusedCallsConsumeNothing",
       .sentence = "A call with more buffers than the system takes fails, and the next one receives as if it had not been.",
       .needs = {kScatter},
       .generate =
           [](Source& source, const World& world) {
             static constexpr Family kFamily{
                 .least_sends = 1, .most_sends = 2, .most_calls = 2, .peeks = false, .ends = false, .refusals = false};
             return any_scenario(kFamily, source, world);
           },
       .variants = and_refused_before,
       .judge = refusals_consumed_nothing,
       .must_show = {"descriptors"}},
  };
}

}  // namespace recvinto::property
