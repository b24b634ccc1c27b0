// Control messages as bytes, in the layouts of 64-bit and 32-bit programs.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "kit/scripted_kernel/effects.h"
#include "kit/tests/scripted_kernel/results.h"
#include "kit/values/never_sent.h"

namespace recvinto::kit {
namespace {

constexpr std::span<const int> kNoFiles;

Bytes header64(std::uint64_t length, int level, int type) {
  return bytes_of(length) + bytes_of(level) + bytes_of(type);
}
Bytes header32(std::uint32_t length, int level, int type) {
  return bytes_of(length) + bytes_of(level) + bytes_of(type);
}

answer::Result messages(std::vector<ScriptedMessage> control) {
  return with_control("", std::move(control));
}

TEST(ControlBytes, AreNoneWithoutMessages) {
  EXPECT_EQ(control_bytes(messages({}), kAbi64, kNoFiles), "");
}

TEST(ControlBytes, HaveLengthLevelTypeDataAndPadding) {
  const answer::Result result = messages({{.level = 41, .type = 7, .data = "abc"}});
  EXPECT_EQ(control_bytes(result, kAbi64, kNoFiles), header64(19, 41, 7) + "abc" + never_sent(5));
  EXPECT_EQ(control_bytes(result, kAbi32, kNoFiles), header32(15, 41, 7) + "abc" + never_sent(1));
}

TEST(ControlBytes, AreLaidOutAsThisPlatformsMacrosReadThem) {
  EXPECT_EQ(kNativeAbi.header(), CMSG_LEN(0));
  for (const std::size_t length : {0U, 1U, 4U, 8U, 9U, 17U}) {
    const Bytes bytes = control_bytes(messages({{.data = Bytes(length, 'x')}}), kNativeAbi, kNoFiles);
    EXPECT_EQ(bytes.size(), CMSG_SPACE(length)) << length;
  }
}

TEST(ControlBytes, NeedNoPaddingWhereTheDataIsAligned) {
  EXPECT_EQ(control_bytes(messages({{.type = 1, .data = "abcd"}}), kAbi32, kNoFiles), header32(16, 1, 1) + "abcd");
}

TEST(ControlBytes, LeaveThePaddingOfTheLastAwayWhereToldTo) {
  answer::Result result = messages({{.type = 1, .data = "a"}, {.type = 2, .data = "b"}});
  result.pad_the_last = false;
  result.padding = '\x55';
  EXPECT_EQ(control_bytes(result, kAbi64, kNoFiles),
            header64(17, 1, 1) + "a" + Bytes(7, '\x55') + header64(17, 1, 2) + "b");
}

TEST(ControlBytes, PadTheLastMessageBeforeRawBytes) {
  answer::Result result = messages({{.type = 1, .data = "a"}});
  result.pad_the_last = false;
  result.raw_control = "raw";
  EXPECT_EQ(control_bytes(result, kAbi32, kNoFiles), header32(13, 1, 1) + "a" + never_sent(3) + "raw");
}

TEST(ControlBytes, MayBeRawBytesAlone) {
  answer::Result result;
  result.raw_control = "anything";
  EXPECT_EQ(control_bytes(result, kAbi64, kNoFiles), "anything");
}

TEST(ControlBytes, ClaimTheDataThatTheyAreToldToClaim) {
  const answer::Result result = messages({{.type = 1, .data = "abcd", .claimed_data = 100}});
  EXPECT_EQ(control_bytes(result, kAbi64, kNoFiles), header64(116, 1, 1) + "abcd" + Bytes(4, '\0'));
  EXPECT_EQ(control_bytes(result, kAbi32, kNoFiles), header32(112, 1, 1) + "abcd");
}

TEST(ControlBytes, ClaimTheLengthThatTheyAreToldToClaimCutToTheAbi) {
  const std::uint64_t huge = 0x1'0000'0003;
  const answer::Result result = messages({{.type = 1, .data = "abcdefgh", .claimed_data = 1, .claimed_length = huge}});
  EXPECT_EQ(control_bytes(result, kAbi64, kNoFiles), header64(huge, 1, 1) + "abcdefgh");
  EXPECT_EQ(control_bytes(result, kAbi32, kNoFiles), header32(3, 1, 1) + "abcdefgh");
}

TEST(ControlBytes, HaveThePlantedNumbersBehindTheData) {
  const std::array numbers{5, 6, 7};
  const answer::Result result = messages({{.type = SCM_RIGHTS, .data = "head", .files = 1}, rights(2)});
  EXPECT_EQ(control_bytes(result, kAbi64, numbers), header64(24, SOL_SOCKET, SCM_RIGHTS) + "head" + bytes_of(5) +
                                                        header64(24, SOL_SOCKET, SCM_RIGHTS) + bytes_of(6) +
                                                        bytes_of(7));
}

TEST(ControlBytes, HaveOnlyThePlantedNumbersThatThereAre) {
  const std::array numbers{5};
  EXPECT_EQ(control_bytes(messages({rights(3)}), kAbi32, numbers), header32(16, SOL_SOCKET, SCM_RIGHTS) + bytes_of(5));
}

}  // namespace
}  // namespace recvinto::kit
