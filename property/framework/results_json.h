#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "property/framework/campaign.h"

namespace recvinto::property {

/// What came of the laws: for property.json, and between a worker and its parent.
nlohmann::json to_json(const std::vector<LawResult>& results);
/// Of what a worker wrote; in the order of the plan's laws.
std::vector<LawResult> results_from_json(const nlohmann::json& document, const Plan& plan);

}  // namespace recvinto::property
