// A recording repeats what was done, and ends although it finds less than there was then.

#include "bench/property/system_calls.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace recvinto::bench {
namespace {

void receive_one(bool is_sent_by_another_process) {
  raise(SIGSTOP);
  std::array<int, 2> ends{-1, -1};
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data());
  // The calls of another process are not recorded.
  if (is_sent_by_another_process) {
    if (fork() == 0) _exit(sendto(ends[0], "ab", 2, 0, nullptr, 0) == 2 ? 0 : 1);
  } else {
    sendto(ends[0], "ab", 2, 0, nullptr, 0);
  }
  std::array<char, 2> bytes{};
  static_cast<void>(recv(ends[1], bytes.data(), bytes.size(), 0));
  close(ends[0]);
  close(ends[1]);
  raise(SIGSTOP);
}

TEST(Recording, RepeatsWhatWasDone) {
  Recording recording;
  recording.record([] { receive_one(false); });
  EXPECT_EQ(recording.size(), 5U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(recording.replay(), recording.size());
}

TEST(Recording, ACallThatWaitsIsInterrupted) {
  Recording recording;
  recording.record([] { receive_one(true); });
  ASSERT_EQ(recording.size(), 4U);
  EXPECT_EQ(recording.replay(), 3U);
}

}  // namespace
}  // namespace recvinto::bench
