#include "kit/values/capability.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "kit/values/call.h"

namespace recvinto::kit {
namespace {

using enum Capability;
using std::chrono::milliseconds;

TEST(CapabilityNames, AreReadBack) {
  for (const Capability capability : kEveryCapability) {
    EXPECT_EQ(capability_named(name(capability)), capability) << name(capability);
  }
}

TEST(CapabilityNames, AreAllDifferent) {
  std::set<std::string_view> names;
  for (const Capability capability : kEveryCapability) names.insert(name(capability));
  EXPECT_EQ(names.size(), kEveryCapability.size());
}

TEST(CapabilityNames, HaveNoNeighbours) {
  for (const char* wrong : {"", "?", "Scatter", "scatter ", "scatte", "timeouts"}) {
    EXPECT_EQ(capability_named(wrong), std::nullopt) << wrong;
  }
}

TEST(CapabilityNames, AreJoinedByCommas) {
  EXPECT_EQ(joined_names({}), "");
  EXPECT_EQ(joined_names({kFlags}), "flags");
  EXPECT_EQ(joined_names({kFlags, kScatter}), "scatter, flags");
}

TEST(NeededForACall, IsNothingForABlockingCallOnOneBuffer) {
  EXPECT_EQ(needed_for(Call{.buffers = {room(8)}}), Capabilities{});
  EXPECT_EQ(needed_for(Call{.buffers = {slice(8, 2, 5)}}), Capabilities{});
}

TEST(NeededForACall, IsWhatTheListOfBuffersAsksFor) {
  EXPECT_EQ(needed_for(Call{.buffers = {}}), Capabilities{kNoBuffers});
  EXPECT_EQ(needed_for(Call{.buffers = rooms(2, 3)}), Capabilities{kScatter});
  EXPECT_EQ(needed_for(Call{.buffers = {room(0)}}), Capabilities{kEmptyBuffers});
  EXPECT_EQ(needed_for(Call{.buffers = {slice(4, 2, 2)}}), Capabilities{kEmptyBuffers});
  EXPECT_EQ(needed_for(Call{.buffers = {room(4), part_of(0, 1, 2)}}), (Capabilities{kScatter, kOverlap}));
}

TEST(NeededForACall, IsWhatItsArgumentsAskForEvenWhenTheyAreZero) {
  EXPECT_EQ(needed_for(Call{.buffers = {room(8)}, .ancbufsize = 0}), Capabilities{kAncbufsize});
  EXPECT_EQ(needed_for(Call{.buffers = {room(8)}, .flags = 0}), Capabilities{kFlags});
}

TEST(NeededForACall, TellsNotWaitingFromGivingUp) {
  EXPECT_EQ(needed_for(Call{.buffers = {room(8)}, .timeout = milliseconds(0)}), Capabilities{kNonblocking});
  EXPECT_EQ(needed_for(Call{.buffers = {room(8)}, .timeout = milliseconds(1)}), Capabilities{kTimeout});
}

}  // namespace
}  // namespace recvinto::kit
