#pragma once

#include <nlohmann/json_fwd.hpp>

#include "kit/performing/outcome.h"

namespace recvinto::kit {

/// The facts of an outcome as every result file has them: `verdict`, `cause`, `summary`, `reason`, `differences`,
/// `stderr`; what is empty is left out, but for the first three. Neither the scenario nor the history.
nlohmann::json to_json(const Outcome& outcome);
nlohmann::json to_json(const Differences& differences);
/// These read that back, and throw nlohmann::json::exception and std::invalid_argument.
Differences differences_from_json(const nlohmann::json& rows);
Outcome outcome_from_json(const nlohmann::json& object);

}  // namespace recvinto::kit
