// What becomes of a check: the verdict, and whose fault it is.

#include "conformance/framework/check.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixtures/implementations/socket_pool.h"
#include "fixtures/implementations/verdict.h"
#include "fixtures/scripted_kernel/play.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Verdict;
using kit::room;
using testing::HasSubstr;

/// An implementation that answers every call with one byte, unless `trouble` has something against it.
class Fake final : public kit::Implementation {
 public:
  std::function<void()> trouble = [] {};
  int times_given_up = 0;

  Fake() { handshake_.capabilities = {kScatter}; }
  [[nodiscard]] const kit::Handshake& handshake() const override { return handshake_; }
  void prepare() override {}
  kit::Supplied supply(const kit::SocketKind& kind, kit::Form form) override { return pool_.take(kind, form); }
  void start(const kit::SocketName& /*socket*/, const kit::Call& call) override { call_ = call; }
  bool has_answer() override { return true; }
  kit::Observation finish() override {
    trouble();
    kit::Observation observation;
    observation.nbytes = 1;
    observation.storages = kit::scattered(call_.buffers, "a");
    return observation;
  }
  void install_handler(int /*signum*/, std::string_view /*handler*/) override {}
  kit::CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& /*lengths*/) override { return {}; }
  void close_descriptors(const std::vector<int>& /*numbers*/) override {}
  bool wait_until_asleep(int /*number*/) override { return true; }
  void send_signal(int /*signum*/) override {}
  void stop_and_continue() override {}
  bool wait_for_answer(std::chrono::milliseconds /*at_most*/) override { return true; }
  void play(const kit::Script& script, std::span<const int> /*files*/, int /*poke*/) override { play_.emplace(script); }
  kit::CallLog finish_play() override { return play_->finish(); }
  bool await_hold() override { return false; }
  void release_hold() override {}
  [[nodiscard]] pid_t pid() const override { return 0; }
  std::string take_stderr() override { return "its last words"; }
  void give_up() override { ++times_given_up; }

 private:
  kit::Handshake handshake_;
  kit::SocketPool pool_;
  kit::Call call_;
  std::optional<kit::Play> play_;
};

class CheckTest : public testing::Test {
 protected:
  CheckTest() { claim_.needs = {kScatter}; }

  void needs(kit::Capabilities capabilities) { claim_.needs = capabilities; }

  /// A check whose claim is a function of it. What a claim calls is protected in Check, and public here.
  template <typename Body>
  class Written final : public Check {
   public:
    explicit Written(Body body) : body_(std::move(body)) {}
    using Check::by_recvmsg;
    using Check::expect;
    using Check::receive;
    using Check::stage;
    using Check::start;

   private:
    void holds() override { body_(*this); }
    Body body_;
  };

  /// How a check with this body ends. What it tells GoogleTest is kept from it.
  template <typename Body>
  Ending ending_of(Body body) {
    Check::judge(implementation_, [this]() -> kit::Implementation& { return implementation_; });
    testing::TestPartResultArray told;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &told);
      Written<Body> check(std::move(body));
      check.configure(claim_, kit::kUnixStream);
      check.TestBody();
    }
    parts_ = told.size();
    return Check::ending();
  }

  Fake implementation_;
  int parts_ = 0;  // how many results GoogleTest was told

 private:
  Claim claim_;
};

constexpr auto kOneByte = [](auto& check) { check.expect(check.receive({.buffers = {room(1)}}), {.data = "a"}); };

TEST_F(CheckTest, PassesWhereTheAnswerIsAsExpected) {
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kPass);
  EXPECT_EQ(parts_, 0);
}

TEST_F(CheckTest, KeepsWhatWasDoneAndWhatTheImplementationWrote) {
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.history.size(), 2U) << "a call and its observation";
  ASSERT_TRUE(ending.scenario);
  EXPECT_EQ(ending.scenario->kind, kit::kUnixStream);
  EXPECT_EQ(ending.stderr_text, "its last words");
}

TEST_F(CheckTest, IsSkippedWithTheCapabilitiesThatAreMissing) {
  needs({kScatter, kRights, kFlags});
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kSkip);
  EXPECT_EQ(ending.reason, "needs flags, rights, which the implementation does not declare");
}

TEST_F(CheckTest, CostsAnImplementationThatFailsItsLife) {
  for (const kit::Verdict verdict : {kCrash, kHang, kProtocol}) {
    implementation_.trouble = [verdict] { throw kit::ImplementationFailure(verdict, "how it went"); };
    implementation_.times_given_up = 0;
    const Ending ending = ending_of(kOneByte);
    EXPECT_EQ(ending.verdict, verdict);
    EXPECT_EQ(ending.reason, "how it went");
    EXPECT_FALSE(ending.suite_is_at_fault);
    EXPECT_EQ(implementation_.times_given_up, 1);
  }
}

TEST_F(CheckTest, IsNotRunWhereTheImplementationCannotBeStartedAgain) {
  implementation_.trouble = [] { throw kit::CannotStart("gone"); };
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kNotRun);
  EXPECT_EQ(ending.reason, "gone");
  EXPECT_FALSE(ending.suite_is_at_fault);
}

TEST_F(CheckTest, IsNotRunWhereTheRunIsInterrupted) {
  implementation_.trouble = [] { throw kit::Interrupted("interrupted"); };
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kNotRun);
  EXPECT_FALSE(ending.suite_is_at_fault);
  EXPECT_EQ(implementation_.times_given_up, 0) << "it has done nothing wrong";
}

TEST_F(CheckTest, FailsWhereWhatIsDeclaredIsRefused) {
  implementation_.trouble = [] { throw kit::Unsupported("scatter"); };
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kFail);
  EXPECT_THAT(ending.reason, HasSubstr("answered \"unsupported\": scatter"));
}

TEST_F(CheckTest, IsSkippedOnAHostThatLacksWhatItNeeds) {
  implementation_.trouble = [] { throw kit::EnvironmentLacks("no such thing"); };
  const Ending ending = ending_of(kOneByte);
  EXPECT_EQ(ending.verdict, kSkip);
  EXPECT_EQ(ending.reason, "this host: no such thing");
}

TEST_F(CheckTest, IsTheSuitesFaultWhereAnythingElseGoesWrong) {
  implementation_.trouble = [] { throw std::system_error(EMFILE, std::system_category(), "socket"); };
  const Ending ending = ending_of(kOneByte);
  EXPECT_TRUE(ending.suite_is_at_fault);
  EXPECT_EQ(ending.verdict, kNotRun) << "it must not count against the implementation";
  EXPECT_EQ(implementation_.times_given_up, 1);
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimComparesNothing) {
  const Ending ending = ending_of([](auto& check) { check.receive({.buffers = {room(1)}}); });
  EXPECT_TRUE(ending.suite_is_at_fault);
  EXPECT_THAT(ending.reason, HasSubstr("the claim compares nothing"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimLeavesACallUnfinished) {
  const Ending ending = ending_of([](auto& check) {
    kOneByte(check);
    check.start({.buffers = {room(1)}});
  });
  EXPECT_TRUE(ending.suite_is_at_fault);
  EXPECT_THAT(ending.reason, HasSubstr("does not finish the call that it started"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimAsksForMoreThanItDeclares) {
  const Ending ending = ending_of([](auto& check) { check.receive({.buffers = {room(1)}, .flags = 0}); });
  EXPECT_TRUE(ending.suite_is_at_fault);
  EXPECT_THAT(ending.reason, HasSubstr("asks for flags and does not declare"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimLooksAtMoreThanItDeclares) {
  const Ending ending = ending_of(
      [](auto& check) { check.expect(check.receive({.buffers = {room(1)}}), {.data = "a", .msg_flags = 0}); });
  EXPECT_TRUE(ending.suite_is_at_fault);
  EXPECT_THAT(ending.reason, HasSubstr("looks at msg_flags and does not declare"));
}

// O_NONBLOCK is shared by all who have the socket, and an implementation may rely on it.
TEST_F(CheckTest, LeavesTheSocketsModeAsItWasWhenItAsksTheSystem) {
  std::vector<int> modes;
  ending_of([&](auto& check) {
    const int receiver = check.stage().receiver();
    for (const auto timeout : {std::optional<std::chrono::milliseconds>(0), {}}) {
      fcntl(receiver, F_SETFL, timeout ? 0 : O_NONBLOCK);  // the other mode than that of the call
      check.stage().send("a");
      check.by_recvmsg({.buffers = {room(1)}, .timeout = timeout});
      modes.push_back(fcntl(receiver, F_GETFL) & O_NONBLOCK);
    }
    kOneByte(check);
  });
  EXPECT_THAT(modes, testing::ElementsAre(0, O_NONBLOCK));
}

TEST_F(CheckTest, TellsGoogleTestOfEachDifference) {
  ending_of([](auto& check) {
    const Answer answer = check.receive({.buffers = {room(1)}});
    check.expect(answer, {.data = "a"});
    check.expect(answer, {.data = "b"});
    check.expect(answer, {.nbytes = 2});
  });
  EXPECT_EQ(parts_, 2);
}

}  // namespace
}  // namespace recvinto::conformance
