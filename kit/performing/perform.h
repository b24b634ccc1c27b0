#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kit/performing/stage.h"
#include "kit/values/capability.h"
#include "kit/values/observation.h"
#include "kit/values/scenario.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

/// A step that cannot be done, here or anywhere: a sender that there is not, an option that is refused, ...
class CannotPerform : public Ended {
 public:
  /// what(): "step 3 (sender 1 sends "abc"): WHY", the first being step 1.
  CannotPerform(std::size_t step, const std::string& what) : Ended(Cause::kCannotPerform, what), step_(step) {}
  /// Counts from 0.
  [[nodiscard]] std::size_t step() const { return step_; }

 private:
  std::size_t step_;
};

/// Does what the scenario says on a stage on which nothing has been done yet, of the scenario's kind. Returns the
/// result of each of its calls. A call that the scenario does not finish is pending at the end.
///
/// Throws CannotPerform, and every Ended of the stage as it is. What was done until then is in the stage's history.
std::vector<Observation> perform(Stage& stage, const Scenario& scenario);
/// One step; an observation is added where it ends a call. Throws what the stage throws.
void perform(Stage& stage, const Step& step, std::vector<Observation>& observations);

/// What an implementation must be able to express for all calls and signals of the scenario to be asked of it.
Capabilities needed_for(const Scenario& scenario);
/// Whether a scripted kernel is needed.
bool is_scripted(const Scenario& scenario);

}  // namespace recvinto::kit
