// How many threads a process has.

#include "kit/host/thread_count.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <latch>
#include <thread>

namespace recvinto::kit {
namespace {

TEST(ThreadCount, IsOneMoreWithAnotherThread) {
  const std::size_t before = thread_count(getpid());
  EXPECT_GE(before, 1U);
  std::latch end(1);
  std::thread other([&end] { end.wait(); });
  EXPECT_EQ(thread_count(getpid()), before + 1);
  end.count_down();
  other.join();
}

TEST(ThreadCount, IsNoneOfAProcessThatIsNotThere) {
  EXPECT_EQ(thread_count(-1), 0U);
}

}  // namespace
}  // namespace recvinto::kit
