// Calls that are refused before they receive.

#include <sys/socket.h>

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

/// More buffers than the system takes.
void have_too_many_buffers(Call& call, Source& /*source*/) {
  call.buffers = kit::rooms(kTooMany, 1);
}

void have_an_impossible_argument(Call& call, Source& source) {
  if (source.once_in(2)) {
    call.ancbufsize = any_impossible_room(source);
    // Less room may do, and then what is there must not be gone.
    if (*call.ancbufsize >= kBeyondMemory) call.flags = call.flags.value_or(0) | MSG_PEEK;
  } else {
    call.flags = call.flags.value_or(0) + any_impossible_flags(source);
  }
}

/// Before the first call the same with something that is refused: what, depends on nothing but the scenario, so that it
/// is the same when it is performed again.
auto and_refused_before(void (*spoil)(Call&, Source&)) {
  return [spoil](const Scenario& scenario) -> std::vector<Scenario> {
    Scenario with_refusal{scenario.kind, {}};
    bool is_refused = false;
    for (const Step& step : scenario.steps) {
      const auto* start = std::get_if<kit::step::Start>(&step);
      if (start != nullptr && !std::exchange(is_refused, true)) {
        Source source(kit::capacity(start->call.buffers) * 1000 + with_refusal.steps.size());
        Call refused = start->call;
        spoil(refused, source);
        add_call(with_refusal, std::move(refused));
      }
      with_refusal.steps.push_back(step);
    }
    return {scenario, with_refusal};
  };
}

/// Room beyond all memory is no argument that cannot be, but in Python: there may be success with less.
bool may_be_taken(const Call& call, const World& world) {
  return !world.model.refuses_room_beyond_int && world.model.abi != kit::kAbi32 &&
         call.ancbufsize.value_or(0) >= kBeyondMemory;
}

Violation refusal_consumed_nothing(std::span<const Performance> performances, const World& world) {
  if (performances[0].answers.empty()) return std::nullopt;
  const Answer& refused = performances[1].answers[0];
  if (!refused.seen.error && !may_be_taken(refused.call, world)) {
    return in_call(0, difference("error", "an error, for the arguments are impossible", "no error"),
                   kit::describe(refused.call));
  }
  if (Violation violation = touched_outside(refused)) return in_call(0, *violation, "the refused one");
  for (std::size_t i = 0; i < performances[0].answers.size(); ++i) {
    if (Violation violation = unlike_each_other(performances[0], i, performances[1], i + 1, world)) {
      return in_call(i, *violation, "after a refused one");
    }
  }
  return std::nullopt;
}

constexpr Family kSomethingToReceive{
    .least_sends = 1, .most_sends = 2, .most_calls = 2, .peeks = false, .ends = false, .refusals = false};

Scenario something_to_receive(Source& source, const World& world) {
  return any_scenario(kSomethingToReceive, source, world);
}

bool has_something_to_receive(const Scenario& scenario) {
  return is_of(kSomethingToReceive, scenario);
}

}  // namespace

std::vector<Law> refusal_laws() {
  using enum kit::Capability;
  return {
      {.name = "RejectedCallsConsumeNothing",
       .sentence =
           "A call with more buffers than the system takes fails, and the next one receives as if it had not been.",
       .needs = {kScatter},
       .generate = something_to_receive,
       .variants = and_refused_before(have_too_many_buffers),
       .judge = refusal_consumed_nothing,
       .accepts = has_something_to_receive,
       .must_show = {"descriptors"}},
      {.name = "InvalidArgumentsConsumeNothing",
       .sentence =
           "A call with an ancbufsize or flags that cannot be fails, and the next one receives as if it had not "
           "been.",
       .needs = {kArguments, kAncbufsize, kFlags},
       .generate = something_to_receive,
       .variants = and_refused_before(have_an_impossible_argument),
       .judge = refusal_consumed_nothing,
       .accepts = has_something_to_receive,
       .must_show = {"descriptors"}},
  };
}

}  // namespace recvinto::property
