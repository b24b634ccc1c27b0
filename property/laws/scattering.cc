// Where the bytes go.

#include <algorithm>

#include "property/framework/answers.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;

/// Lists that overlap have room for less than they say.
constexpr Family kScattered{.least_sends = 1, .ends = false, .overlaps = false, .refusals = false};

bool is_scattered(const Scenario& scenario) {
  return is_of(kScattered, scenario);
}

Scenario scattered_scenario(Source& source, const World& world) {
  return any_scenario(kScattered, source, world);
}

std::vector<Scenario> with_one_buffer_each(const Scenario& scenario) {
  return {scenario, with_calls(scenario, [](Call& call, std::size_t) {
            if (kit::capacity(call.buffers) != 0) call.buffers = {kit::room(kit::capacity(call.buffers))};
          })};
}

/// The other partition depends on nothing but the scenario, so that it is the same when it is performed again.
std::vector<Scenario> with_other_partitions(const Scenario& scenario) {
  static const World kPlain{.capabilities = {kit::Capability::kScatter, kit::Capability::kEmptyBuffers}};
  return {scenario, with_calls(scenario, [](Call& call, std::size_t number) {
            const std::size_t capacity = kit::capacity(call.buffers);
            Source source(capacity * 1000 + call.buffers.size() + number);
            if (capacity != 0) call.buffers = partition_of(capacity, source, kPlain);
          })};
}

Violation both_receive_the_same(std::span<const Performance> performances, const World& world) {
  return unlike_each_other(performances[0], performances[1], world);
}

Violation nothing_outside_is_touched(std::span<const Performance> performances, const World& /*world*/) {
  const std::vector<Answer>& answers = performances[0].answers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (Violation violation = touched_outside(answers[i])) return in_call(i, *violation);
  }
  return std::nullopt;
}

}  // namespace

std::vector<Law> scattering_laws() {
  using enum kit::Capability;
  return {
      {.name = "ScatteringEqualsOneBufferThenSplitting",
       .sentence = "Several buffers receive what one buffer of their total size receives, split.",
       .needs = {kScatter},
       .generate = scattered_scenario,
       .variants = with_one_buffer_each,
       .judge = both_receive_the_same,
       .accepts = is_scattered,
       .must_show = {"several buffers", "empty buffers", "slices", "data beyond the first buffer"}},
      {.name = "EqualSizePartitionsReceiveTheSame",
       .sentence = "Two lists of buffers with as much room receive the same bytes, and all else is the same.",
       .needs = {kScatter, kEmptyBuffers},
       .generate = scattered_scenario,
       .variants = with_other_partitions,
       .judge = both_receive_the_same,
       .accepts = is_scattered,
       .must_show = {"several buffers", "empty buffers", "slices", "data beyond the first buffer"}},
      {.name = "BytesOutsideTheReceivedDataAreUnchanged",
       .sentence =
           "What the call does not fill keeps what it held: the rest of the buffers, and what is around slices.",
       .generate = [](Source& source, const World& world) { return any_scenario({}, source, world); },
       .judge = nothing_outside_is_touched,
       .must_show = {"room left", "slices", "a failing call"}},
  };
}

}  // namespace recvinto::property
