#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>

#include "kit/values/scenario.h"

// A scenario as JSON, for files: what was done once can be done again, by another program on another machine. The form
// is described by scenario.schema.json; bytes are lower-case hexadecimal, times are in milliseconds, and a field that
// has its default is left out.

namespace recvinto::kit {

/// JSON that is no scenario. what() begins with the place as a JSON pointer (RFC 6901), and says what is allowed there:
/// "/steps/3/call/buffers/0/size: is -1; what is allowed is an integer from 0 to 18446744073709551615".
class UnreadableScenario : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Bytes that the ordinary storages of one call may have in all. Others may have any size: they do not exist.
inline constexpr std::size_t kMostOrdinaryBytes = std::size_t{1} << 30U;

nlohmann::json to_json(const Scenario& scenario);
/// Throws UnreadableScenario.
Scenario scenario_from_json(const nlohmann::json& document);

class JsonValue;
/// The same of a part of a document.
Scenario read_scenario(const JsonValue& value);

}  // namespace recvinto::kit
