// MSG_PEEK.

#include <sys/socket.h>

#include <algorithm>

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::Step;

constexpr Family kReceiving{.least_sends = 1, .peeks = false, .ends = false, .refusals = false};

Call peeking(Call call) {
  call.flags = call.flags.value_or(0) | MSG_PEEK;
  return call;
}

/// Before each call the same with MSG_PEEK.
std::vector<Scenario> and_with_a_look_before(const Scenario& scenario) {
  Scenario with_looks{scenario.kind, {}};
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<kit::step::Start>(&step)) add_call(with_looks, peeking(start->call));
    with_looks.steps.push_back(step);
  }
  return {scenario, with_looks};
}

Violation looks_changed_nothing(std::span<const Performance> performances, const World& world) {
  const Performance& plain = performances[0];
  const Performance& with_looks = performances[1];
  const bool has_boundaries = plain.scenario.kind.keeps_messages();
  for (std::size_t i = 0; i < plain.answers.size(); ++i) {
    if (Violation violation = unlike_each_other(plain, i, with_looks, 2 * i + 1, world)) {
      return in_call(i, *violation, "after a look");
    }
    // Of a stream a look may see less: it need not go beyond a part with descriptors.
    if (!has_boundaries) continue;
    if (Violation violation = unlike_each_other(with_looks, 2 * i + 1, with_looks, 2 * i, world)) {
      return in_call(i, *violation, "the look");
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Law> peeking_laws() {
  using enum kit::Capability;
  return {
      {.name = "PeekingChangesNothing",
       .sentence = "A call with MSG_PEEK takes nothing away, and of a message sees what the next call receives.",
       .needs = {kFlags},
       .generate = [](Source& source, const World& world) { return any_scenario(kReceiving, source, world); },
       .variants = and_with_a_look_before,
       .judge = looks_changed_nothing,
       .accepts = [](const Scenario& scenario) { return is_of(kReceiving, scenario); },
       .must_show = {"descriptors", "several calls"}},
  };
}

}  // namespace recvinto::property
