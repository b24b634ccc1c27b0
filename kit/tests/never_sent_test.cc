#include "kit/values/never_sent.h"

#include <gtest/gtest.h>

namespace recvinto::kit {
namespace {

TEST(NeverSent, IsRepeatedUpToAnyLength) {
  EXPECT_EQ(never_sent(0), "");
  EXPECT_EQ(never_sent(3), "~No");
  EXPECT_EQ(never_sent(19), "~NoTsEnd~NoTsEnd~No");
}

TEST(NeverSent, IsFoundWhereverItIsBegun) {
  for (std::size_t begin = 0; begin < 8; ++begin) {
    EXPECT_TRUE(has_never_sent("xx" + never_sent(16).substr(begin, 4) + "xx")) << begin;
    EXPECT_FALSE(has_never_sent("xx" + never_sent(16).substr(begin, 3) + "xx")) << begin;
  }
}

TEST(NeverSent, IsFoundBehindItsOwnBeginning) {
  EXPECT_TRUE(has_never_sent("~~No~NoT"));
  EXPECT_TRUE(has_never_sent("NoNoTs"));
  EXPECT_FALSE(has_never_sent("~N~No~NoNoT"));
  EXPECT_FALSE(has_never_sent(""));
}

}  // namespace
}  // namespace recvinto::kit
