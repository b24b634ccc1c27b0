#include "recvinto/unique_fd.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

#include "sockets.h"

namespace recvinto {
namespace {

using testing::is_open;
using testing::open_null;

TEST(UniqueFd, ClosesItsDescriptorAtTheEnd) {
  int number = -1;
  {
    const UniqueFd fd = open_null();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, OwnsNothingByDefault) {
  const UniqueFd none;
  EXPECT_FALSE(none);
  EXPECT_LT(none.get(), 0);
}

TEST(UniqueFd, HoldsDescriptorZeroForADescriptor) {
  UniqueFd zero(0);
  EXPECT_TRUE(zero);
  EXPECT_EQ(zero.release(), 0);
  EXPECT_FALSE(zero);
}

TEST(UniqueFd, MovingLeavesOneOwner) {
  UniqueFd one = open_null();
  const int number = one.get();
  const UniqueFd other = std::move(one);
  EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): that is the claim
  EXPECT_EQ(other.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, AssigningClosesThePreviousDescriptor) {
  UniqueFd fd = open_null();
  const int previous = fd.get();
  UniqueFd next = open_null();
  const int number = next.get();
  fd = std::move(next);
  EXPECT_FALSE(is_open(previous));
  EXPECT_EQ(fd.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, AReleasedDescriptorStaysOpen) {
  UniqueFd fd = open_null();
  const UniqueFd other(fd.release());
  fd.reset();
  EXPECT_TRUE(is_open(other.get()));
}

TEST(UniqueFd, ClosingLeavesErrnoAsItWas) {
  UniqueFd never_open(1 << 30);
  errno = ENOTSOCK;
  never_open.reset();
  EXPECT_EQ(errno, ENOTSOCK);
}

}  // namespace
}  // namespace recvinto
