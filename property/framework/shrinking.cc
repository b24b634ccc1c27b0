#include "property/framework/shrinking.h"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>

#include "property/framework/simpler.h"

namespace recvinto::property {

Shrunk shrink(kit::Outcome failure, const std::function<bool(const kit::Scenario&)>& makes_sense,
              const std::function<kit::Outcome(const kit::Scenario&)>& judge, const ShrinkLimits& limits) {
  const bool is_hang = failure.cause == kit::Cause::kTimedOut;
  const auto end =
      std::chrono::steady_clock::now() + (is_hang ? std::min(limits.time, kTimeToShrinkAHang) : limits.time);
  Shrunk shrunk{.outcome = std::move(failure)};
  for (bool is_simpler = true; is_simpler && !shrunk.gave_up;) {
    is_simpler = false;
    rc::Seq<kit::Scenario> candidates = simpler(*shrunk.outcome.scenario);
    while (auto candidate = candidates.next()) {
      if (!makes_sense(*candidate)) continue;
      if (shrunk.tried == limits.tries || std::chrono::steady_clock::now() >= end) {
        shrunk.gave_up = true;
        break;
      }
      ++shrunk.tried;
      kit::Outcome outcome;
      try {
        outcome = judge(*candidate);
      } catch (const kit::Ended&) {  // interrupted, or it does not start any more: what was found is kept
        shrunk.gave_up = true;
        break;
      }
      if (!kit::is_same_failure(outcome, shrunk.outcome)) continue;
      outcome.scenario = *std::move(candidate);
      shrunk.outcome = std::move(outcome);
      is_simpler = true;
      break;
    }
  }
  return shrunk;
}

}  // namespace recvinto::property
