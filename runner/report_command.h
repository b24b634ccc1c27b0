#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "runner/options.h"

namespace recvinto::runner {

/// The command `report`: pages, a matrix, badges and short reports from saved results. Returns the exit status. Throws
/// UnusableResults for a file that is none, EarlyEnd for wrong usage, std::system_error for what cannot be written.
int report(const Options& options);

/// What --summary and --tap ask for. `runs`: page_data() of each. Throws std::system_error.
void write_short_reports(const Options& options, const std::vector<nlohmann::json>& runs);

}  // namespace recvinto::runner
