#pragma once

#include <filesystem>
#include <string>

#include "conformance/runner/options.h"

namespace recvinto::conformance {

/// The commands `run` and `baseline`. `this_program`: serves what is inside it. Returns the exit status.
int run(const Options& options, const std::string& this_program);

/// Makes a directory where it is missing. Before anything runs: a run whose results cannot be kept is not worth
/// starting. Throws EarlyEnd.
void prepare_directory(const std::filesystem::path& directory, const char* option);

}  // namespace recvinto::conformance
