#include "kit/values/merged_call.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace recvinto::kit {
namespace {

TEST(MergedCall, HasTheRoomAndTheBytesOfAllBuffers) {
  const Call call{.buffers = {room(3, "ab"), slice(6, 1, 4, "012345"), room(0), room(2, "x")}};
  const std::optional<Call> one = merged(call);
  ASSERT_TRUE(one);
  ASSERT_EQ(one->buffers.size(), 1U);
  EXPECT_EQ(capacity(one->buffers), capacity(call.buffers));
  EXPECT_EQ(storages_before(one->buffers), std::vector<Bytes>{"aba123xx"});
  EXPECT_EQ(merged_storage(call, scattered(call.buffers, "ABCDE")), scattered(one->buffers, "ABCDE").at(0));
}

TEST(MergedCall, KeepsTheOtherArguments) {
  const Call call{.buffers = rooms(2, 3), .ancbufsize = 64, .flags = 2, .timeout = std::chrono::milliseconds(5)};
  Call expected = call;
  expected.buffers = {room(6)};
  EXPECT_EQ(merged(call), expected);
}

TEST(MergedCall, MayBeOfEmptyBuffers) {
  EXPECT_EQ(merged({.buffers = rooms(3, 0)}), (Call{.buffers = {room(0)}}));
}

TEST(MergedCall, IsNoneWhereItWouldBeAnotherCall) {
  EXPECT_EQ(merged({.buffers = {}}), std::nullopt);
  EXPECT_EQ(merged({.buffers = {room(3)}}), std::nullopt);
  EXPECT_EQ(merged({.buffers = {room(4), part_of(0, 1, 2)}}), std::nullopt);
  EXPECT_EQ(merged({.buffers = {room(4), sparse(4)}}), std::nullopt);
  EXPECT_EQ(merged({.buffers = {inaccessible(4), room(4)}}), std::nullopt);
  EXPECT_EQ(merged({.buffers = rooms(2, 3), .form = "as_tuple"}), std::nullopt);
}

TEST(MergedCall, StoragesOfAnotherCallAreRejected) {
  const Call call{.buffers = {room(2), slice(6, 1, 4)}};
  EXPECT_EQ(merged_storage(call, {"ab", "012345"}), "ab123");
  EXPECT_THROW(merged_storage(call, {"ab"}), std::invalid_argument);
  EXPECT_THROW(merged_storage(call, {"ab", "012"}), std::invalid_argument);
}

}  // namespace
}  // namespace recvinto::kit
