#pragma once

#include <span>
#include <vector>

#include "fixtures/implementations/capability.h"
#include "fixtures/model/model_world.h"
#include "fixtures/scenario/socket_kind.h"

namespace recvinto::property {

/// What scenarios are generated for: nothing is asked of an implementation that it does not declare.
struct World {
  kit::Capabilities capabilities = {};
  kit::ModelWorld model = {};
  /// Scripts can be played: its receives go through a scripted kernel.
  bool scripts = false;
  /// Pidfds may arrive (SO_PASSPIDFD). Those that nobody reports are counted over a whole process: not where other
  /// calls are on their way in it.
  bool pidfds = false;

  [[nodiscard]] bool can(kit::Capability capability) const { return capabilities.contains(capability); }
  [[nodiscard]] bool can_all(kit::Capabilities needed) const { return (needed - capabilities).empty(); }
};

}  // namespace recvinto::property
