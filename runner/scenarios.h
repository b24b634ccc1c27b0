#pragma once

#include <filesystem>

#include "runner/options.h"
#include "runner/results.h"

namespace recvinto::runner {

/// Writes what a check did that ended FAIL, CRASH, HANG or PROTOCOL to a file of its own in `scenarios` below
/// options.out, for `replay`, and notes that in the result. Throws std::system_error.
void write_scenario(Result& result, const kit::Handshake& handshake, const Options& options);
/// Removes that file, if there is one.
void remove_scenario(Result& result, const Options& options);

/// Writes what a check did, however it ended, to a file of its own in the directory: a corpus for fuzzers. Without
/// notes, so that the same is written for any implementation. Throws std::system_error.
void record_corpus(const Result& result, const std::filesystem::path& directory);

}  // namespace recvinto::runner
