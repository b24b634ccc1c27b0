#include "kit/host/processor_time.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "kit/host/wait_until.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;

/// A child that does what `work` does, until it is ended.
class Child {
 public:
  explicit Child(void (*work)()) : pid_(fork()) {
    if (pid_ != 0) return;
    for (;;) work();
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] milliseconds time() const {
    return std::chrono::floor<milliseconds>(processor_time(pid_).value_or(std::chrono::nanoseconds(-1)));
  }

 private:
  pid_t pid_;
};

TEST(ProcessorTime, IsThatOfAProcessThatIsBusy) {
  const Child busy([] {});
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

}  // namespace
}  // namespace recvinto::kit
