#pragma once

#include "runner/options.h"

namespace recvinto::runner {

/// The command `init`: writes the template of an adapter to a new or empty folder. Returns the exit status.
int write_template(const Options& options);

}  // namespace recvinto::runner
