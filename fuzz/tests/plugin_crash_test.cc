// The preparations for reporting a crash in a plug-in. implementations_test.py tests the report itself.

#include "fuzz/support/plugin_crash.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstddef>

namespace recvinto::fuzz {
namespace {

// Names of variants of many types, laid out there part by part, want more than the 32 KiB that a sanitizer takes.
constexpr std::size_t kRoomOfAReport = 512U << 10U;

TEST(PluginCrash, LeavesASanitizerRoomForItsReportOfASignal) {
  tell_plugin_crashes({"plugin:of-some-name.so"});
  stack_t stack{};
  ASSERT_EQ(sigaltstack(nullptr, &stack), 0);
  EXPECT_FALSE(stack.ss_flags & SS_DISABLE);
  EXPECT_GE(stack.ss_size, kRoomOfAReport);
}

}  // namespace
}  // namespace recvinto::fuzz
