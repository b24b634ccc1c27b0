#include "kit/host/processor_time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "kit/host/proc_file.h"
#include "kit/host/processor_use.h"
#include "kit/host/wait_until.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;

void be_busy() {
  static volatile int counted = 0;  // a loop without any effect need not be one
  counted = counted + 1;
}

/// A child that does what `work` does, until it is ended.
class Child {
 public:
  explicit Child(void (*work)() = be_busy) : pid_(fork()) {
    if (pid_ != 0) return;
    for (;;) work();
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] milliseconds time() const {
    return std::chrono::floor<milliseconds>(processor_time(pid_).value_or(std::chrono::nanoseconds(-1)));
  }

 private:
  pid_t pid_;
};

TEST(ProcessorTime, IsThatOfAProcessThatIsBusy) {
  const Child busy(be_busy);
  const Child idle([] { pause(); });
  EXPECT_TRUE(wait_until([&] { return busy.time() > milliseconds(50); }));
  EXPECT_GE(idle.time(), milliseconds(0));
  EXPECT_LT(idle.time(), milliseconds(40));
}

TEST(ProcessorTime, IsNoneOfAProcessThatHasEnded) {
  const pid_t ended = fork();
  if (ended == 0) _exit(0);
  waitpid(ended, nullptr, 0);
  EXPECT_EQ(processor_time(ended), std::nullopt);
}

/// One of the processors that this process may use.
cpu_set_t a_single_processor() {
  cpu_set_t allowed, one;
  sched_getaffinity(0, sizeof allowed, &allowed);
  CPU_ZERO(&one);
  int number = 0;
  while (!CPU_ISSET(number, &allowed)) ++number;
  CPU_SET(number, &one);
  return one;
}

TEST(ProcessorUse, IsAllThatIsLeftToABusyProcessHoweverManyWantItsProcessor) {
  if (access("/proc/self/schedstat", R_OK) != 0) GTEST_SKIP() << "this host does not show /proc/PID/schedstat";
  const cpu_set_t processor = a_single_processor();
  const std::vector<Child> all(4);
  for (const Child& one : all) ASSERT_EQ(sched_setaffinity(one.pid(), sizeof processor, &processor), 0);
  const ProcessorUse use(all[0].pid());
  std::optional<ProcessorUse::Since> since;
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(wait_until([&] { return (since = use.since()) && since->not_queued > milliseconds(100); }));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, milliseconds(150)) << "it has had the processor for itself";
  EXPECT_GT(since->running,
            since->not_queued - milliseconds(20));  // what it runs shows at the next tick, at the latest
}

TEST(ProcessorUse, IsNothingOfAProcessThatSleeps) {
  const Child idle([] { pause(); });
  const std::string state = fmt::format("/proc/{}/status", idle.pid());
  ASSERT_TRUE(wait_until([&] { return value_of(content_of(state), "State:").starts_with("S"); }));
  const ProcessorUse use(idle.pid());
  std::optional<ProcessorUse::Since> since;
  ASSERT_TRUE(wait_until([&] { return (since = use.since()) && since->not_queued > milliseconds(50); }));
  EXPECT_EQ(since->running, milliseconds(0));
}

TEST(ProcessorUse, IsNoneOfAProcessThatHasEnded) {
  std::optional<ProcessorUse> use;
  {
    const Child busy(be_busy);
    use.emplace(busy.pid());
    EXPECT_TRUE(use->since());
  }
  EXPECT_FALSE(use->since());
}

}  // namespace
}  // namespace recvinto::kit
