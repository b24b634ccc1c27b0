#pragma once

#include <cstddef>

#include "fuzz/support/check.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// StepBudget turns an endless loop into a finding at once. Engines notice one by the time it takes, which on a busy
/// machine accuses the innocent, and costs a second where this costs a step.
class StepBudget {
 public:
  explicit StepBudget(std::size_t steps) : left_(steps) {}

  void spend() {
    FUZZ_CHECK(left_ != 0, "a loop goes on for longer than there can be anything to do");
    --left_;
  }

 private:
  std::size_t left_;
};

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
