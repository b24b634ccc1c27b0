#include "recvinto/errors.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

namespace recvinto {
namespace {

const std::error_code kKernelsTimeout(ETIMEDOUT, std::system_category());

TEST(ReceiveErrc, TellsItsTimeoutFromTheKernels) {
  EXPECT_EQ(std::error_code(ReceiveErrc::kTimedOut), ReceiveErrc::kTimedOut);
  EXPECT_NE(kKernelsTimeout, ReceiveErrc::kTimedOut);
}

TEST(ReceiveErrc, SharesTheConditionOfTheKernelsTimeout) {
  EXPECT_EQ(std::error_code(ReceiveErrc::kTimedOut), std::errc::timed_out);
  EXPECT_EQ(kKernelsTimeout, std::errc::timed_out);
}

TEST(ReceiveErrc, CountsMisuseAsInvalidArgument) {
  EXPECT_EQ(std::error_code(ReceiveErrc::kNegativeTimeout), std::errc::invalid_argument);
  EXPECT_EQ(std::error_code(ReceiveErrc::kControlMisaligned), std::errc::invalid_argument);
}

TEST(ReceiveErrc, SaysTimedOutAsPythonDoes) {
  EXPECT_EQ(std::error_code(ReceiveErrc::kTimedOut).message(), "timed out");
}

TEST(ReceiveErrc, HasATextForEach) {
  EXPECT_NE(std::error_code(ReceiveErrc::kNegativeTimeout).message().find("negative"), std::string::npos);
  EXPECT_NE(std::error_code(ReceiveErrc::kControlMisaligned).message().find("aligned"), std::string::npos);
}

}  // namespace
}  // namespace recvinto
