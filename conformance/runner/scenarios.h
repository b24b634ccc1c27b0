#pragma once

#include <filesystem>

#include "conformance/runner/results.h"

namespace recvinto::conformance {

/// Writes what each check did that ended FAIL, CRASH, HANG or PROTOCOL to a file of its own in DIRECTORY/scenarios, for
/// `replay`, and notes that in the result. Throws std::system_error.
void write_scenarios(Results& results, const std::filesystem::path& directory);

}  // namespace recvinto::conformance
