#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "property/framework/campaign.h"

namespace recvinto::property {

/// What came of a campaign.
struct CampaignResult {
  std::vector<LawResult> laws = {};  ///< in the plan's order
  /// Why it ended before its end, of verdict NOTRUN: interrupted, or the implementation does not start any more.
  std::optional<kit::Outcome> ended = {};
};

/// Called while a campaign runs, on the calling thread.
struct CampaignObserver {
  /// Several times a second: everything that was found so far.
  std::function<void(const std::vector<LawResult>& laws, std::uint64_t cases)> progress = {};
  /// A law has its counterexample.
  std::function<void(const LawResult& law)> broken = {};
};

/// Tries the plan's cases in `plan.jobs` processes of their own. What ends or hangs one of them is that case's verdict;
/// another process goes on behind the case. What was found is reported as it comes and returned whatever happens.
CampaignResult run(const Plan& plan, const CampaignObserver& observer);

}  // namespace recvinto::property
