#pragma once

#include <nlohmann/json_fwd.hpp>

#include "kit/values/observation.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {

nlohmann::json to_json(const Address& address);
nlohmann::json to_json(const CallLog& log);
/// The description of a step, and the fields of the call where the step is one: for reports. scenario_json.h has what
/// can be read back.
nlohmann::json to_json(const Step& step);
/// Every member of an Observation.
nlohmann::json to_json(const Observation& observation);
/// The members that the implementation itself reports: what a reply of the adapter protocol has.
nlohmann::json reply_json(const Observation& observation);

}  // namespace recvinto::kit
