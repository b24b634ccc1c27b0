#pragma once

#include <string>
#include <vector>

#include "runner/baseline.h"
#include "runner/options.h"
#include "runner/results.h"

namespace recvinto::runner {

/// The baseline to use, or to bring up to date if it exists; empty where none is asked for.
/// `checks`: the ids of all. Before anything runs: throws EarlyEnd where the file cannot be read or will not be
/// written, and UnusableBaseline.
Baseline read_baseline(const Options& options, std::vector<std::string> checks);

/// The command `baseline`, after the run: writes what failed. Returns the exit status, for which the failures
/// themselves are no reason to complain.
int write_baseline(const Options& options, const Baseline& baseline, const Results& results);

}  // namespace recvinto::runner
