#pragma once

#include <functional>
#include <vector>

#include "property/framework/campaign.h"

namespace recvinto::property {

/// Tries the plan's cases in `plan.jobs` processes of their own: what ends or hangs one of them is found out and told
/// as that case's verdict, and the rest is tried again without it. `progress` is called now and then with the cases
/// tried so far.
///
/// Throws CannotStart, UnknownSpecification, Interrupted, and ImplementationFailure of the verdict NOTRUN.
std::vector<LawResult> run(const Plan& plan, const std::function<void(std::uint64_t cases)>& progress);

}  // namespace recvinto::property
