#pragma once

#include "kit/subjects/catalogue.h"
#include "runner/options.h"

namespace recvinto::runner {

/// The command `property`: tries the laws on generated scenarios, prints what came of each, and saves what broke one as
/// files for `replay`. Returns the exit status. Throws EarlyEnd, UnknownSpecification, CannotStart and Interrupted.
int try_laws(const Options& options, const kit::Catalogue& catalogue);

/// Every law and its sentence.
void print_laws();

}  // namespace recvinto::runner
