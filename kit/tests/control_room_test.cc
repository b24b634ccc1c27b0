// How ancillary items fit into so much room.

#include "kit/oracle/control_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kLevel = 41;
constexpr int kType = 50;

std::vector<std::size_t> sizes_of(ControlRoom& room) {
  std::vector<std::size_t> sizes;
  for (const AncillaryItem& item : room.take_items()) sizes.push_back(item.data.size());
  return sizes;
}

TEST(ControlRoom, TakesTheLastItemWithoutItsPadding) {
  for (const Abi& abi : {kAbi64, kAbi32}) {
    ControlRoom room(abi, abi.cmsg_space(5) + abi.cmsg_len(3));
    room.put(kLevel, kType, "abcde");
    room.put(kLevel, kType, "fgh");
    EXPECT_FALSE(room.was_cut());
    EXPECT_THAT(room.take_items(),
                ElementsAre(AncillaryItem{kLevel, kType, "abcde"}, AncillaryItem{kLevel, kType, "fgh"}));
  }
}

TEST(ControlRoom, CutsAnItemAndDropsWhatFollows) {
  ControlRoom room(kAbi64, kAbi64.cmsg_len(2));
  room.put(kLevel, kType, "abcde");
  room.put(kLevel, kType, "fgh");
  EXPECT_TRUE(room.was_cut());
  EXPECT_THAT(room.take_items(), ElementsAre(AncillaryItem{kLevel, kType, "ab"}));
}

TEST(ControlRoom, TakesNothingOfAnItemWhoseHeaderDoesNotFit) {
  ControlRoom room(kAbi64, kAbi64.header() - 1);
  room.put(kLevel, kType, "abcde");
  EXPECT_TRUE(room.was_cut());
  EXPECT_THAT(room.take_items(), IsEmpty());
}

TEST(ControlRoom, TakesWholeDescriptorsAndCountsPaddingAsRoom) {
  for (const Abi& abi : {kAbi64, kAbi32}) {
    ControlRoom room(abi, abi.header() + 11);
    EXPECT_EQ(room.put_rights(3), 2U);
    EXPECT_TRUE(room.was_cut());
    EXPECT_THAT(room.take_items(), ElementsAre(AncillaryItem{SOL_SOCKET, SCM_RIGHTS, Bytes(8, '\xff')}));
  }
}

TEST(ControlRoom, MakesNoItemOfNoDescriptor) {
  ControlRoom room(kAbi64, kAbi64.header() + 3);
  EXPECT_EQ(room.put_rights(1), 0U);
  EXPECT_TRUE(room.was_cut());
  EXPECT_THAT(room.take_items(), IsEmpty());
}

TEST(ControlRoom, HasWhatPaddingLeavesBehindAnItem) {
  ControlRoom room(kAbi64, kAbi64.cmsg_space(12) + kAbi64.cmsg_len(8));
  room.put(kLevel, kType, Bytes(12, 'c'));
  EXPECT_EQ(room.put_rights(3), 2U);
  EXPECT_THAT(sizes_of(room), ElementsAre(12, 8));
}

}  // namespace
}  // namespace recvinto::kit
