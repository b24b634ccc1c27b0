#pragma once

#include "kit/subjects/catalogue.h"
#include "runner/options.h"

namespace recvinto::runner {

/// Examines the adapter of options.implementation step by step: is it the adapter that is wrong, or what it adapts?
/// Prints what each step found and what to do about it. Returns the exit status.
int examine(const Options& options, const kit::Catalogue& catalogue);

}  // namespace recvinto::runner
