// What the model of the receive queue says.

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

Violation every_call_is_predicted(std::span<const Performance> performances, const World& world) {
  return unlike_the_model(performances[0], world);
}

/// Everything else but what `keep` leaves is forgotten.
template <typename Keep>
auto only(Keep keep) {
  return [keep](std::span<const Performance> performances, const World& world) -> Violation {
    std::vector<kit::Expected> expected = predicted(performances[0], world);
    for (kit::Expected& one : expected) {
      if (one.failure) {
        one = kit::Expected{.failure = one.failure};
      } else {
        one = keep(one);
      }
    }
    return unlike(performances[0].answers, expected);
  };
}

}  // namespace

std::vector<Law> model_laws() {
  using enum kit::Capability;
  return {
      {.name = "EveryCallMatchesTheModel",
       .sentence =
           "Data, ancillary data, flags, address and error of every call are what the model of the queue predicts.",
       .generate = [](Source& source, const World& world) { return any_scenario({}, source, world); },
       .judge = every_call_is_predicted,
       .must_show = {"several buffers", "overlapping buffers", "no buffers", "too many buffers", "cut data",
                     "cut items", "descriptors", "credentials", "a peek", "a timeout", "the end", "a failing call",
                     "several senders"}},
      {.name = "MsgFlagsMatchTheModel",
       .sentence = "The flags reported are those that the data and items cut, and nothing else, call for.",
       .needs = {kMsgFlags},
       .generate =
           [](Source& source, const World& world) {
             static constexpr Family kFamily{.least_sends = 1, .finds_nothing = false, .refusals = false};
             return any_scenario(kFamily, source, world);
           },
       .judge = only([](const kit::Expected& expected) { return kit::Expected{.msg_flags = expected.msg_flags}; }),
       .must_show = {"cut data", "cut items", "other flags"}},
      {.name = "AddressMatchesTheSender",
       .sentence = "Of several senders the address names the one whose data came.",
       .needs = {kAddress},
       .generate =
           [](Source& source, const World& world) {
             static constexpr Family kFamily{.kinds = kit::kDatagramKinds,
                                             .least_sends = 2,
                                             .most_sends = 6,
                                             .most_calls = 6,
                                             .descriptors = false,
                                             .finds_nothing = false,
                                             .refusals = false};
             return any_scenario(kFamily, source, world);
           },
       .judge = only([](const kit::Expected& expected) { return kit::Expected{.address = expected.address}; }),
       .must_show = {"several senders", "several calls"}},
  };
}

}  // namespace recvinto::property
