#pragma once

#include <cstdint>

#include "kit/values/capability.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {

/// What random scenarios are made of.
struct RandomScenarios {
  Capabilities capabilities;  ///< of the implementation whose calls they have
  bool waits = true;          ///< whether some calls wait until something happens
  bool scripts = false;       ///< whether some calls are answered by a script
};

/// A scenario of a few steps that the model of the receive queue can predict; the same one for the same seed.
Scenario random_scenario(const SocketKind& kind, std::uint64_t seed, const RandomScenarios& what);

}  // namespace recvinto::kit
