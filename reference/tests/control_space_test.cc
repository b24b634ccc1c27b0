#include "recvinto/control_space.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace recvinto {
namespace {

constexpr std::size_t kSwept = 4096;
constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();

static_assert(cmsg_len(0) == kControlHeaderSize, "a constant expression can size an array");

TEST(ControlSpace, AgreesWithTheMacrosOfThePlatform) {
  for (std::size_t size = 0; size <= kSwept; ++size) {
    ASSERT_EQ(cmsg_len(size), CMSG_LEN(size)) << size;
    ASSERT_EQ(cmsg_space(size), CMSG_SPACE(size)) << size;
  }
}

// RFC 3542, sections 5.3 and 5.2: the length is without padding behind the data, the space with it.
TEST(ControlSpace, SpaceIsTheLengthRoundedUpToTheAlignment) {
  for (std::size_t size = 0; size <= kSwept; ++size) {
    const std::size_t length = cmsg_len(size).value();
    const std::size_t space = cmsg_space(size).value();
    ASSERT_EQ(length - kControlHeaderSize, size);
    ASSERT_EQ(space % kControlAlignment, 0u) << size;
    ASSERT_GE(space, length) << size;
    ASSERT_LT(space - length, kControlAlignment) << size;
  }
}

TEST(ControlSpace, RefusesALengthThatASocklenCannotHold) {
  EXPECT_EQ(cmsg_len(kControlSizeMax - kControlHeaderSize), kControlSizeMax);
  for (const std::size_t size : {kControlSizeMax - kControlHeaderSize + 1, kControlSizeMax, kHuge - 1, kHuge}) {
    EXPECT_EQ(cmsg_len(size), std::nullopt) << size;
  }
}

TEST(ControlSpace, RefusesASpaceThatASocklenCannotHold) {
  const std::size_t largest = kControlSizeMax / kControlAlignment * kControlAlignment;
  EXPECT_EQ(cmsg_space(largest - kControlHeaderSize), largest);
  for (const std::size_t size : {largest - kControlHeaderSize + 1, kControlSizeMax, kHuge - 1, kHuge}) {
    EXPECT_EQ(cmsg_space(size), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace recvinto
