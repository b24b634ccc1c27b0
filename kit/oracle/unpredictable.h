#pragma once

#include <string>

#include "kit/values/verdict.h"

namespace recvinto::kit {

/// The model does not say what the step does, or the stage cannot perform it; what() names the step.
class Unpredictable : public Ended {
 public:
  explicit Unpredictable(const std::string& what) : Ended(Cause::kUnpredictable, what) {}
};

}  // namespace recvinto::kit
