#pragma once

#include "kit/subjects/catalogue.h"
#include "runner/options.h"

namespace recvinto::runner {

/// The command `replay`: performs each scenario on a fresh stage of the implementation, and of the one that it is held
/// against, and prints what came back. Returns the exit status. Throws UnreadableScenario, EarlyEnd, CannotStart and
/// Interrupted.
int replay(const Options& options, const kit::Catalogue& catalogue);

}  // namespace recvinto::runner
