#pragma once

#include <filesystem>

#include "kit/values/scenario_file.h"

namespace recvinto::kit {

/// Throws UnreadableScenario, whose what() begins with the file's name, and std::system_error.
ScenarioFile read_scenario_file(const std::filesystem::path& file);
/// A reader sees the old file or the whole new one. Throws std::system_error.
void write_scenario_file(const std::filesystem::path& file, const ScenarioFile& contents);

}  // namespace recvinto::kit
