#pragma once

#include <chrono>

#include "runner/options.h"
#include "runner/results.h"

namespace recvinto::runner {

/// What was not expected, grouped by cause: the first check of each in full, the others by name, as far as a few
/// screens have room, or all in full (`is_verbose`). Where most checks end as if the adapter were broken, that comes
/// first. What passes although the baseline says otherwise comes last. `is_written`: results.json has it all.
void print_failures(const Results& results, bool is_verbose, bool is_written);
/// Why checks were skipped: the words that the handshake lacks, each with the number of checks that it would bring;
/// then one line for each other reason, those of this host apart. `is_verbose`: one line for each set of words, too.
void print_skips(const Results& results, bool is_verbose);
/// What is the kernel's doing and not the implementation's: one line a check.
void print_kernel_deviations(const Results& results);
/// What was known, one line an entry of the baseline; and which entries say nothing of this run.
void print_known(const Results& results, const Baseline& baseline);
/// Where something failed, in one line where to see it all.
void print_what_next(const Results& results, const Options& options);
/// One line: "312 checks on CPython 3.11.2: 300 passed, 12 skipped, 0 failed".
void print_summary(const Results& results, std::chrono::milliseconds time);

}  // namespace recvinto::runner
