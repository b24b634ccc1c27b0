#include "recvinto/fitting.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace recvinto {
namespace {

TEST(Fitting, IsTheNumberWhereThatFits) {
  const int count = Fitting(1024);
  const socklen_t length = Fitting(4096);
  const std::size_t size = Fitting(SIZE_MAX);
  EXPECT_EQ(count, 1024);
  EXPECT_EQ(length, 4096U);
  EXPECT_EQ(size, SIZE_MAX);
}

// Never a small number in place of a large one: 2^32 + 16 bytes of room are not 16.
TEST(Fitting, IsTheLargestNumberWhereItDoesNot) {
  const int count = Fitting(std::size_t{1} << 31);
  const std::uint32_t length = Fitting((std::size_t{1} << 32) + 16);
  EXPECT_EQ(count, std::numeric_limits<int>::max());
  EXPECT_EQ(length, std::numeric_limits<std::uint32_t>::max());
}

}  // namespace
}  // namespace recvinto
