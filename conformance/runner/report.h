#pragma once

#include <chrono>

#include "conformance/runner/results.h"

namespace recvinto::conformance {

/// What was not expected, each with requirement, sentence, citation, expected and actual, and how to run it again; and
/// what passes although the baseline says otherwise.
void print_failures(const Results& results);
/// Why checks were skipped, grouped: one line a reason.
void print_skips(const Results& results);
/// What is the kernel's doing and not the implementation's: one line a check.
void print_kernel_deviations(const Results& results);
/// What was known, one line an entry of the baseline; and which entries say nothing of this run.
void print_known(const Results& results, const Baseline& baseline);
/// One line: "312 checks on CPython 3.11.2: 300 passed, 12 skipped, 0 failed".
void print_summary(const Results& results, std::chrono::milliseconds time);

}  // namespace recvinto::conformance
