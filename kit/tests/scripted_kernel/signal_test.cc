// Signals that a script delivers: in the very call that it says.

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

/// How often the handler had run when each of the calls was over.
struct Course {
  std::array<Receipt, 3> receipts;
  std::array<int, 3> handled{};
};

volatile std::sig_atomic_t handled = 0;

/// What a child goes through that makes three calls.
class SignalTest : public testing::TestWithParam<int> {
 protected:
#if defined(__SANITIZE_THREAD__)
  void SetUp() override { GTEST_SKIP() << "ThreadSanitizer runs handlers when it likes"; }
#endif
  void play(const Script& script) {
    SupervisedChild child([this] {
      struct sigaction action{};
      action.sa_handler = [](int /*signum*/) { handled = handled + 1; };
      action.sa_flags = GetParam();
      sigaction(SIGUSR1, &action, nullptr);
      for (std::size_t i = 0; i < course_->receipts.size(); ++i) {
        course_->receipts.at(i).receive(pair_.one.get());
        course_->handled.at(i) = handled;
      }
    });
    child.supervisor().watch(pair_.one.get());
    child.supervisor().play(script, {}, -1);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    log_ = child.supervisor().finish();
    EXPECT_EQ(log_.unused_steps, 0U);
    EXPECT_EQ(log_.calls.size(), 3U);
  }
  [[nodiscard]] std::vector<int> handled_after() const { return {course_->handled.begin(), course_->handled.end()}; }

  Pair pair_ = make_pair(SOCK_DGRAM);
  Shared<Course> course_;
  CallLog log_;
};

TEST_P(SignalTest, ArrivesInItsStepAndTheHandlerRunsBeforeTheNextCall) {
  play({.steps = {fails(EINTR), interrupted_by(SIGUSR1), gives("abc")}});
  EXPECT_EQ(course_->receipts[0].number, EINTR);
  EXPECT_EQ(course_->receipts[1].number, EINTR);
  EXPECT_EQ(course_->receipts[2].count, 3);
  EXPECT_EQ(handled_after(), (std::vector{0, 1, 1}));
}

TEST_P(SignalTest, ArrivesInEachOfSeveralSteps) {
  play({.steps = times(2, interrupted_by(SIGUSR1), {gives("abc")})});
  EXPECT_EQ(handled_after(), (std::vector{1, 2, 2}));
}

TEST_P(SignalTest, DoesNotTakeDataAway) {
  ScriptStep step = gives("abcdefgh");
  step.signum = SIGUSR1;
  play({.steps = {fails(EINTR), step, gives("x")}});
  EXPECT_EQ(course_->receipts[1].count, 8);
  EXPECT_EQ(course_->receipts[1].data_bytes(), "abcdefgh");
  EXPECT_EQ(handled_after(), (std::vector{0, 1, 1}));
}

INSTANTIATE_TEST_SUITE_P(Actions, SignalTest, testing::Values(0, SA_RESTART),
                         [](const auto& each) { return each.param == 0 ? "Interrupting" : "Restarting"; });

}  // namespace
}  // namespace recvinto::kit
