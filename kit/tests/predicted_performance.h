#pragma once

#include <vector>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/subjects/implementation.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {

/// What came of a scenario, and what was to come of it.
struct Performance {
  std::vector<Answer> answers;
  std::vector<Expected> expected;
};

/// Performs it on the implementation, and predicts it with the addresses that it then had.
Performance perform_and_predict(Implementation& implementation, const Scenario& scenario, ModelWorld world);

}  // namespace recvinto::kit
