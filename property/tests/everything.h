#pragma once

#include "kit/oracle/model_world.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// An implementation that lacks nothing, on this host, with scripts.
inline World everything() {
  return {.capabilities = {kit::kEveryCapability.begin(), kit::kEveryCapability.end()},
          .model = kit::this_world(),
          .scripts = true,
          .waits = true};
}

}  // namespace recvinto::property
