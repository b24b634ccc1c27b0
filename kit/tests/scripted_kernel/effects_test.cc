// What a result does to a call's memory, and which calls are refused before any.

#include "kit/scripted_kernel/effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <climits>
#include <string>
#include <utility>
#include <vector>

#include "kit/tests/scripted_kernel/results.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SeenCall call_with(std::vector<SeenCall::Extent> buffers) {
  SeenCall call;
  call.buffers = std::move(buffers);
  return call;
}

/// Address and bytes of each patch.
std::vector<std::pair<std::uint64_t, std::string>> patches_of(const Effects& effects) {
  std::vector<std::pair<std::uint64_t, std::string>> patches;
  for (const Patch& patch : effects.patches) {
    patches.emplace_back(patch.address, std::string(patch.bytes.begin(), patch.bytes.end()));
  }
  return patches;
}

answer::Result data_only(Bytes data) {
  return with_control(std::move(data), {});
}

const Bytes kNoControl;

TEST(Effects, ScatterTheDataInOrderPastEmptyBuffers) {
  const answer::Result result = data_only("abcdef");
  const Effects effects = effects_of(result, call_with({{100, 2}, {200, 0}, {300, 3}, {400, 9}, {500, 9}}), kNoControl);
  EXPECT_THAT(patches_of(effects),
              ElementsAre(testing::Pair(100, "ab"), testing::Pair(300, "cde"), testing::Pair(400, "f")));
  EXPECT_EQ(effects.returned, 6);
}

TEST(Effects, StoreAndCountOnlyWhatThereIsRoomFor) {
  const answer::Result result = data_only("abcdef");
  const Effects effects = effects_of(result, call_with({{100, 2}, {200, 1}}), kNoControl);
  EXPECT_THAT(patches_of(effects), ElementsAre(testing::Pair(100, "ab"), testing::Pair(200, "c")));
  EXPECT_EQ(effects.returned, 3);
}

TEST(Effects, StoreNothingWithoutBuffers) {
  const answer::Result result = data_only("abc");
  const Effects effects = effects_of(result, call_with({}), kNoControl);
  EXPECT_THAT(effects.patches, IsEmpty());
  EXPECT_EQ(effects.returned, 0);
}

TEST(Effects, CutControlDataToItsRoom) {
  SeenCall call;
  call.control = 700;
  call.controllen = 5;
  const Bytes control = "12345678";
  const Effects effects = effects_of({}, call, control);
  EXPECT_THAT(patches_of(effects), ElementsAre(testing::Pair(700, "12345")));
  EXPECT_EQ(effects.controllen, 5U);
}

TEST(Effects, StoreNoControlDataAtNull) {
  SeenCall call;
  call.controllen = 64;  // as a caller may pass it
  const Bytes control = "12345678";
  const Effects effects = effects_of({}, call, control);
  EXPECT_THAT(effects.patches, IsEmpty());
  EXPECT_EQ(effects.controllen, 0U);
}

TEST(Effects, CutAnAddressToItsRoomButTellItsLength) {
  SeenCall call;
  call.name = 800;
  call.namelen = 4;
  answer::Result result;
  result.address = "address";
  const Effects effects = effects_of(result, call, kNoControl);
  EXPECT_THAT(patches_of(effects), ElementsAre(testing::Pair(800, "addr")));
  EXPECT_EQ(effects.namelen, 7U);
}

TEST(Effects, StoreNoAddressAtNull) {
  SeenCall call;
  call.namelen = 128;
  answer::Result result;
  result.address = "address";
  EXPECT_THAT(effects_of(result, call, kNoControl).patches, IsEmpty());
}

TEST(Effects, TellALengthOfNothingWhereThereIsNoAddress) {
  SeenCall call;
  call.name = 800;
  call.namelen = 128;
  const Effects effects = effects_of({}, call, kNoControl);
  EXPECT_THAT(effects.patches, IsEmpty());
  EXPECT_EQ(effects.namelen, 0U);
}

TEST(Effects, LieWhereTheScriptSaysSoButStayInTheRoom) {
  SeenCall call = call_with({{100, 3}});
  call.name = 800;
  call.namelen = 2;
  call.control = 700;
  call.controllen = 1;
  answer::Result result = data_only("abcd");
  result.address = "address";
  result.returned = 99;
  result.msg_controllen = 98;
  result.msg_namelen = 97;
  result.msg_flags = MSG_TRUNC;
  const Bytes control = "12345678";
  const Effects effects = effects_of(result, call, control);
  EXPECT_THAT(patches_of(effects),
              ElementsAre(testing::Pair(100, "abc"), testing::Pair(700, "1"), testing::Pair(800, "ad")));
  EXPECT_EQ(effects.returned, 99);
  EXPECT_EQ(effects.controllen, 98U);
  EXPECT_EQ(effects.namelen, 97U);
  EXPECT_EQ(effects.msg_flags, MSG_TRUNC);
}

TEST(FilesWithRoom, AreThoseWhoseNumbersFitWhole) {
  const answer::Result result = with_control("", {{.data = "x"}, rights(2), rights(1)});
  const auto count = [&](std::uint64_t room, const Abi& abi) {
    SeenCall call;
    call.control = 700;
    call.controllen = room;
    return files_with_room(result, call, abi);
  };
  EXPECT_EQ(count(0, kAbi64), 0U);
  EXPECT_EQ(count(24 + 16 + 3, kAbi64), 0U);
  EXPECT_EQ(count(24 + 16 + 4, kAbi64), 1U);
  EXPECT_EQ(count(24 + 16 + 8, kAbi64), 2U);
  EXPECT_EQ(count(24 + 24 + 16 + 3, kAbi64), 2U);
  EXPECT_EQ(count(24 + 24 + 16 + 4, kAbi64), 3U);
  EXPECT_EQ(count(16 + 12 + 3, kAbi32), 0U);
  EXPECT_EQ(count(16 + 12 + 4, kAbi32), 1U);
  EXPECT_EQ(count(1000, kAbi32), 3U);
}

TEST(FilesWithRoom, AreNoneAtNull) {
  SeenCall call;
  call.controllen = 64;
  EXPECT_EQ(files_with_room(with_control("", {rights(2)}), call, kAbi64), 0U);
}

TEST(Refusal, IsNoneOfAnOrdinaryCall) {
  SeenCall call = call_with({{100, 3}, {0, 0}});
  call.name = 800;
  call.namelen = 128;
  call.flags = MSG_PEEK | MSG_CMSG_CLOEXEC;
  EXPECT_EQ(refusal_of(call, kAbi64), 0);
  EXPECT_EQ(refusal_of(call, kAbi32), 0);
}

TEST(Refusal, IsOfMoreBuffersThanTheLimit) {
  EXPECT_EQ(refusal_of(call_with(std::vector<SeenCall::Extent>(1024)), kAbi64), 0);
  EXPECT_EQ(refusal_of(call_with(std::vector<SeenCall::Extent>(1025)), kAbi64), EMSGSIZE);
}

TEST(Refusal, IsOfALengthThatIsNegativeInThatAbi) {
  EXPECT_EQ(refusal_of(call_with({{100, INT64_MAX}}), kAbi64), 0);
  EXPECT_EQ(refusal_of(call_with({{100, 1}, {100, std::uint64_t{INT64_MAX} + 1}}), kAbi64), EINVAL);
  EXPECT_EQ(refusal_of(call_with({{100, INT32_MAX}}), kAbi32), 0);
  EXPECT_EQ(refusal_of(call_with({{100, std::uint64_t{INT32_MAX} + 1}}), kAbi32), EINVAL);
}

TEST(Refusal, IsOfANegativeRoomForAName) {
  SeenCall call;
  call.namelen = std::uint32_t{INT_MAX} + 1;
  EXPECT_EQ(refusal_of(call, kAbi64), 0) << "it is not read without a name";
  call.name = 800;
  EXPECT_EQ(refusal_of(call, kAbi64), EINVAL);
}

TEST(Refusal, IsOfTheFlagThatBelongsToTheKernel) {
  SeenCall call;
  call.flags = INT_MIN;
  EXPECT_EQ(refusal_of(call, kAbi64), EINVAL);
  EXPECT_EQ(refusal_of(call, kAbi32), 0) << "which sets it for them";
}

TEST(Refusal, PutsTheNumberOfBuffersBeforeTheirLengths) {
  std::vector<SeenCall::Extent> buffers(1025);
  buffers[0].length = UINT64_MAX;
  EXPECT_EQ(refusal_of(call_with(buffers), kAbi64), EMSGSIZE);
}

}  // namespace
}  // namespace recvinto::kit
