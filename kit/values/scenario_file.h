#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kit/values/scenario_json.h"

namespace recvinto::kit {

/// A scenario that is worth being performed again, and where it comes from.
struct ScenarioFile {
  Scenario scenario = {};
  std::string law = {};                           ///< the property that it breaks, if it was found by one
  std::optional<std::uint64_t> seed = {};         ///< what it was generated from
  std::optional<std::uint64_t> case_number = {};  ///< which of the cases of that seed
  std::string note = {};                          ///< for people

  friend bool operator==(const ScenarioFile&, const ScenarioFile&) = default;
};

/// A step a line, as people read and edit it.
std::string text_of(const ScenarioFile& file);
/// Throws UnreadableScenario.
ScenarioFile scenario_file_from(std::string_view text);

}  // namespace recvinto::kit
