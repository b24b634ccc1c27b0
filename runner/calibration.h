#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/results.h"

namespace recvinto::runner {

// Whose failure is it: the implementation's, or that of the kernel under it? What failed unexpectedly is judged once
// more on what stands in for the kernel: `raw`, recvmsg(2) itself. What fails there too cannot be judged on this host.
// That costs a second run of those checks, and nothing where nothing failed.

/// The checks whose failure may be the kernel's (may_be_the_kernels()) and is not listed.
std::vector<std::string> perhaps_the_kernels(const Results& results);

/// Of a check on what stands in for the kernel: what differed first, in one line, where something did.
std::optional<std::string> failure_of(const Result& result);

/// Skips those of perhaps_the_kernels() that are among `failures`.
void blame_the_kernel(Results& results, const std::map<std::string, std::string>& failures,
                      const std::string& specification);

}  // namespace recvinto::runner
