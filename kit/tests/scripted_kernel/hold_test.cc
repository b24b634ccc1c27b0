// Calls that are held: released, overdue, and left behind by the process that made them or held them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <set>

#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = SeenCall::Outcome;

constexpr milliseconds kNever{60'000};
constexpr milliseconds kSoon{20};

class HoldTest : public testing::Test {
 protected:
  void begin(SupervisedChild& child, milliseconds deadline = kNever) {
    child.supervisor().set_deadline(deadline);
    child.supervisor().watch(socket());
    child.supervisor().play(hold_, {}, -1);
    child.begin();
  }
  void send_real_data() const { ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4); }
  [[nodiscard]] int socket() const { return pair_.one.get(); }
  /// The body of a child.
  void receive_once() { receipt_->receive(socket(), MSG_DONTWAIT); }

  Pair pair_ = make_pair(SOCK_DGRAM);
  Shared<Receipt> receipt_;
  const Script hold_{.steps = {hold()}};
};

TEST_F(HoldTest, EndsWhenTheCallIsReleasedToTheKernel) {
  SupervisedChild child([this] { receive_once(); });
  begin(child);
  ASSERT_TRUE(child.supervisor().await_hold());
  send_real_data();
  child.supervisor().release();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->data_bytes().substr(0, 4), "real");
  const CallLog log = child.supervisor().finish();
  ASSERT_THAT(log.calls, SizeIs(1));
  EXPECT_EQ(log.calls[0].outcome, Outcome::kPassed);
  EXPECT_EQ(log.unused_steps, 0U);
  EXPECT_THAT(log.troubles, IsEmpty());
}

TEST_F(HoldTest, EndsAtTheDeadlineWithATrouble) {
  SupervisedChild child([this] { receive_once(); });
  begin(child, kSoon);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->number, ETIMEDOUT);
  const CallLog log = child.supervisor().finish();
  EXPECT_THAT(log.troubles, ElementsAre(HasSubstr("longer than the deadline")));
  ASSERT_THAT(log.calls, SizeIs(1));
  EXPECT_EQ(log.calls[0].outcome, Outcome::kFailed);
  EXPECT_EQ(log.calls[0].result, ETIMEDOUT);
}

TEST_F(HoldTest, IsWaitedForNoLongerThanTheDeadline) {
  SupervisedChild child([this] { receive_once(); });
  child.supervisor().set_deadline(kSoon);
  EXPECT_FALSE(child.supervisor().await_hold()) << "nothing was called";
}

TEST_F(HoldTest, IsNotEndedByAReleaseThatCameBefore) {
  SupervisedChild child([this] { receive_once(); });
  child.supervisor().release();
  begin(child, kSoon);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->number, ETIMEDOUT) << "it was passed on";
}

TEST_F(HoldTest, EndsWithThePlay) {
  SupervisedChild child([this] { receive_once(); });
  begin(child);
  ASSERT_TRUE(child.supervisor().await_hold());
  send_real_data();
  const CallLog log = child.supervisor().finish();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->data_bytes().substr(0, 4), "real");
  ASSERT_THAT(log.calls, SizeIs(1));
  EXPECT_EQ(log.calls[0].outcome, Outcome::kPassed);
}

TEST_F(HoldTest, IsOfOneCallAtATime) {
  const Pair answered = make_pair(SOCK_DGRAM);
  Shared<Receipt> other_receipt;
  SupervisedChild child([&] {
    const pid_t grandchild = fork();
    (grandchild == 0 ? *other_receipt : *receipt_).receive(socket(), MSG_DONTWAIT);
    [[maybe_unused]] const ssize_t told = write(answered.other.get(), "a", 1);
    if (grandchild == 0) _exit(0);
    waitpid(grandchild, nullptr, 0);
  });
  begin(child);
  ASSERT_TRUE(child.supervisor().await_hold());
  pollfd one_of_them{.fd = answered.one.get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&one_of_them, 1, 20'000), 1) << "neither was answered";
  child.supervisor().release();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ((std::set{receipt_->number, other_receipt->number}), (std::set{EBADMSG, EAGAIN}));
  const CallLog log = child.supervisor().finish();
  EXPECT_EQ(log.unscripted, 1U);
  EXPECT_THAT(log.calls, SizeIs(2));
}

TEST_F(HoldTest, IsForgottenWhenTheProcessIsKilled) {
  SupervisedChild child([this] { receive_once(); });
  begin(child);
  ASSERT_TRUE(child.supervisor().await_hold());
  child.kill_and_reap();
  const CallLog log = child.supervisor().finish();
  EXPECT_THAT(log.calls, IsEmpty());
  EXPECT_EQ(log.unused_steps, 1U);
}

TEST_F(HoldTest, EndsWithTheSupervisorWhereTheProcessOutlivesIt) {
  SupervisedChild child([this] { receive_once(); });
  begin(child);
  ASSERT_TRUE(child.supervisor().await_hold());
  child.end_supervision();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->number, ENOSYS);
}

TEST_F(HoldTest, IsOfAGrandchildToo) {
  SupervisedChild child([this] {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      receive_once();
      _exit(0);
    }
    waitpid(grandchild, nullptr, 0);
  });
  begin(child);
  EXPECT_TRUE(child.supervisor().await_hold());
  child.supervisor().release();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->number, EAGAIN);
}

}  // namespace
}  // namespace recvinto::kit
