// Who performs which check.

#include "runner/tickets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace recvinto::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TicketsTest, AreOfTheChosenInTheirOrder) {
  Tickets tickets(4, 1);
  EXPECT_THAT(tickets.chosen(), IsEmpty());
  tickets.choose(2);
  tickets.choose(0);
  EXPECT_THAT(tickets.chosen(), ElementsAre(2, 0));
}

TEST(TicketsTest, AreTakenOnceInEachRound) {
  Tickets tickets(2, 2);
  EXPECT_FALSE(tickets.take(1, 0, 0)) << "it is not offered";
  tickets.offer({1});
  EXPECT_TRUE(tickets.take(1, 0, 0));
  EXPECT_FALSE(tickets.take(1, 0, 1));
  EXPECT_FALSE(tickets.take(0, 0, 1)) << "it is not offered";
  EXPECT_TRUE(tickets.take(1, 1, 1));
  EXPECT_FALSE(tickets.take(1, 0, 0)) << "that round is over";
  EXPECT_FALSE(tickets.has_left(2));
  EXPECT_TRUE(tickets.has_left(3));
}

TEST(TicketsTest, TellWhereAWorkerIs) {
  Tickets tickets(8, 2);
  tickets.offer({5});
  EXPECT_EQ(tickets.place(1), std::nullopt);
  tickets.take(5, 0, 1);
  EXPECT_EQ(tickets.place(1), (Tickets::Place{.check = 5, .round = 0}));
  EXPECT_EQ(tickets.place(0), std::nullopt);
  EXPECT_FALSE(tickets.take(5, 0, 0));
  EXPECT_EQ(tickets.place(0), std::nullopt) << "it got none";
  tickets.leave(1);
  EXPECT_EQ(tickets.place(1), std::nullopt);
}

TEST(TicketsTest, AreNotTakenWhenTheyAreStopped) {
  Tickets tickets(1, 1);
  tickets.offer({0});
  tickets.stop();
  EXPECT_FALSE(tickets.take(0, 0, 0));
  tickets.offer({0});
  EXPECT_TRUE(tickets.take(0, 0, 0)) << "of another pass";
}

TEST(TicketsTest, AreSharedByProcesses) {
  constexpr std::size_t kChecks = 2000;
  constexpr unsigned kWorkers = 4;
  Tickets tickets(kChecks, kWorkers);
  std::vector<std::size_t> all(kChecks);
  for (std::size_t i = 0; i < kChecks; ++i) all[i] = i;
  tickets.offer(all);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  for (unsigned worker = 0; worker < kWorkers; ++worker) {
    if (fork() != 0) continue;
    for (std::size_t i = 0; i < kChecks; ++i) {
      if (tickets.take(i, 0, worker) && write(ends[1], &i, sizeof i) != sizeof i) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  std::vector<std::size_t> times(kChecks);
  for (std::size_t taken = 0; read(ends[0], &taken, sizeof taken) == sizeof taken;) ++times.at(taken);
  close(ends[0]);
  for (unsigned worker = 0; worker < kWorkers; ++worker) wait(nullptr);
  EXPECT_THAT(times, testing::Each(1U));
}

}  // namespace
}  // namespace recvinto::runner
