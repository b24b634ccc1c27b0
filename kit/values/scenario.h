#pragma once

#include <vector>

#include "kit/values/socket_kind.h"
#include "kit/values/step.h"

namespace recvinto::kit {

// A scenario is call(s) plus everything around them, as plain data. The stage records one while it performs it, so
// every check can say exactly what it did, and what was done once can be done again.

struct Scenario {
  SocketKind kind;
  std::vector<Step> steps;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace recvinto::kit
