#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "property/framework/campaign.h"

namespace recvinto::property {

/// What came of the laws: for property.json, and between a worker and its parent.
nlohmann::json to_json(const std::vector<LawResult>& results);
nlohmann::json to_json(const LawResult& result);
/// Of what a worker wrote of a law of the plan. Throws std::exception where it is none.
LawResult law_result_from_json(const nlohmann::json& object, const Plan& plan);

}  // namespace recvinto::property
