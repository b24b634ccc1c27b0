#pragma once

#include <nlohmann/json_fwd.hpp>

#include "kit/values/call.h"
#include "kit/values/json_value.h"

namespace recvinto::kit {

/// As the adapter protocol writes a call.
nlohmann::json to_json(const Call& call);
/// The same without the members that are null.
nlohmann::json written(const Call& call);
/// Throws UnreadableScenario. A decoder of the protocol passes over fields that it does not know; this one does not.
Call read_call(const JsonValue& value);

}  // namespace recvinto::kit
