#pragma once

#include <bitset>
#include <span>
#include <string_view>

#include "property/framework/law.h"

namespace recvinto::property {

/// What a case can show, so that a report can say what its law was tried on.
enum class Feature {
  kNoBuffers,
  kSeveralBuffers,
  kEmptyBuffers,
  kSlices,
  kOverlap,
  kTooManyBuffers,
  kBeyondTheFirst,
  kRoomLeft,
  kSeveralCalls,
  kSeveralSends,
  kSeveralSenders,
  kFailure,
  kCutData,
  kItems,
  kCutItems,
  kDescriptors,
  kManyDescriptors,
  kOwnSocket,
  kCredentials,
  kPeek,
  kTimeout,
  kOtherFlags,
  kEnd,
  kScriptedItems,
  kScriptedDescriptors,
  kWrongLengths,
  kInterruption,
};
inline constexpr std::size_t kFeatures = static_cast<std::size_t>(Feature::kInterruption) + 1;
using Features = std::bitset<kFeatures>;

/// "several buffers": the words of Law::must_show.
std::string_view name(Feature feature);

/// Of a scenario as it was performed.
Features features_of(const Performance& performance);

}  // namespace recvinto::property
