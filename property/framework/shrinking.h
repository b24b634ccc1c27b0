#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "kit/performing/outcome.h"
#include "property/framework/law.h"

namespace recvinto::property {

/// When shrinking ends, at the latest.
struct ShrinkLimits {
  std::uint64_t tries = 4000;  ///< simpler scenarios
  std::chrono::milliseconds time{60'000};
};

/// Where each candidate may take a whole deadline.
inline constexpr std::chrono::milliseconds kTimeToShrinkAHang{10'000};

/// The simplest scenario with the same failure, and how it was found.
struct Shrunk {
  kit::Outcome outcome = {};  ///< with its scenario
  std::uint64_t tried = 0;    ///< simpler scenarios
  bool gave_up = false;       ///< at a limit: there may be a simpler one
};

/// The one shrinker. Leaves out and simplifies as long as `judge` finds the *same* failure (kit::is_same_failure), so
/// that it never moves from one bug to another. `failure` has its scenario. Candidates that `makes_sense` refuses are
/// not performed and do not count. A hang is not shrunk for longer than kTimeToShrinkAHang.
Shrunk shrink(kit::Outcome failure, const std::function<bool(const kit::Scenario&)>& makes_sense,
              const std::function<kit::Outcome(const kit::Scenario&)>& judge, const ShrinkLimits& limits);

}  // namespace recvinto::property
