#pragma once

#include <filesystem>

#include "kit/subjects/catalogue.h"
#include "runner/options.h"

namespace recvinto::runner {

/// The commands `run` and `baseline`. Returns the exit status.
int run(const Options& options, const kit::Catalogue& catalogue);

/// Makes a directory where it is missing. Before anything runs: a run whose results cannot be kept is not worth
/// starting. Throws EarlyEnd.
void prepare_directory(const std::filesystem::path& directory, const char* option);

}  // namespace recvinto::runner
