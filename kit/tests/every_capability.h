#pragma once

#include "kit/values/capability.h"

namespace recvinto::kit {

/// Of an implementation that lacks nothing.
inline const Capabilities kAllCapabilities{kEveryCapability.begin(), kEveryCapability.end()};

}  // namespace recvinto::kit
