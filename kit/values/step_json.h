#pragma once

#include <nlohmann/json_fwd.hpp>

#include "kit/values/scenario.h"

// A single step as it is written in scenario files (scenario_json.h).

namespace recvinto::kit {

nlohmann::json step_to_json(const Step& step);
/// Throws UnreadableScenario.
Step step_from_json(const nlohmann::json& document);

}  // namespace recvinto::kit
