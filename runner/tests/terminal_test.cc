// What a run prints.

#include "runner/terminal.h"

#include <gtest/gtest.h>

namespace recvinto::runner {
namespace {

using namespace std::chrono_literals;

TEST(TerminalTest, VerdictsOfFailuresAtTheBeginningOfALineAreColored) {
  EXPECT_EQ(with_colors("\nFAIL  Topic.Claim/udp4\n"), "\n\x1b[1;31mFAIL\x1b[0m  Topic.Claim/udp4\n");
  EXPECT_EQ(with_colors("12 CRASH: it ended\n  3 HANG: it hung"),
            "\x1b[1;31m12 CRASH\x1b[0m: it ended\n\x1b[1;31m  3 HANG\x1b[0m: it hung");
  for (const char* text : {"", "\n", "FAILURE", "a FAIL  b", "FAIL", "PASS  x\n", "  what was done\n    FAILS: x\n"})
    EXPECT_EQ(with_colors(text), text);
}

TEST(TerminalTest, TheTimeThatIsLeftIsSaidWhenItCanBeEstimated) {
  EXPECT_EQ(progress_line(0, 10, 0, 5000ms, "Topic"), "0/10 checks, 0 failed  Topic");
  EXPECT_EQ(progress_line(5, 10, 1, 1999ms, "Topic"), "5/10 checks, 1 failed  Topic");
  EXPECT_EQ(progress_line(5, 10, 1, 8000ms, "Topic"), "5/10 checks, 1 failed, 8 s left  Topic");
  EXPECT_EQ(progress_line(1, 101, 1, 6000ms, "Topic"), "1/101 checks, 1 failed, 10 min left  Topic");
  EXPECT_EQ(progress_line(10, 10, 1, 8000ms, "Topic"), "10/10 checks, 1 failed  Topic");
}

}  // namespace
}  // namespace recvinto::runner
