// The outcome of a check: the verdict, and whose fault it is.

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

#include "kit/performing/outcome.h"
#include "kit/scripted_kernel/play.h"
#include "kit/subjects/socket_pool.h"
#include "kit/values/verdict.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Verdict;
using kit::room;
using testing::HasSubstr;

/// An implementation that answers every call with one byte, unless `trouble` has something against it.
class Fake final : public kit::Implementation,
                   public kit::Caller,
                   public kit::SocketSupply,
                   public kit::ProcessWatch,
                   public kit::ScriptPlayer {
 public:
  std::function<void()> trouble = [] {};
  int times_untrusted = 0;
  int times_exhausted = 0;

  Fake() { handshake_.capabilities = {kScatter}; }
  /// What it says of itself.
  [[nodiscard]] kit::Handshake& says() { return handshake_; }
  [[nodiscard]] const kit::Handshake& handshake() const override { return handshake_; }
  void prepare() override {}
  void mark_untrusted() override { ++times_untrusted; }
  std::string take_stderr() override { return "its last words"; }
  [[nodiscard]] kit::Caller& caller() override { return *this; }
  [[nodiscard]] kit::SocketSupply& sockets() override { return *this; }
  [[nodiscard]] kit::ProcessWatch& process() override { return *this; }
  [[nodiscard]] kit::ScriptPlayer* script_player() override { return this; }

  kit::Supplied supply(const kit::SocketKind& kind, kit::Form form) override { return pool_.take(kind, form); }
  void close_descriptors(const std::vector<int>& /*numbers*/) override {}
  void mark_sockets_exhausted() override { ++times_exhausted; }

  int start(const kit::SocketName& /*socket*/, const kit::Call& call) override {
    call_ = call;
    return 0;
  }
  bool has_answer() override { return true; }
  bool wait_for_answer(std::chrono::milliseconds /*at_most*/) override { return true; }
  int first_answered() override { return 0; }
  kit::Observation finish(int /*call*/) override {
    trouble();
    kit::Observation observation;
    observation.nbytes = 1;
    observation.storages = kit::scattered(call_.buffers, "a");
    return observation;
  }
  void install_handler(int /*signum*/, kit::HandlerAction /*action*/) override {}
  kit::CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& /*lengths*/) override { return {}; }

  void play(const kit::Script& script, std::span<const int> /*files*/, int /*poke*/) override { play_.emplace(script); }
  kit::CallLog finish_play() override { return play_->finish(); }

  [[nodiscard]] pid_t pid() const override { return 0; }

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
    using Check::expect_queue;
    using Check::receive;
    using Check::stage;
    using Check::start;

   private:
    void holds() override { body_(*this); }
    Body body_;
  };

  /// The outcome of a check with this body. What it reports to GoogleTest is intercepted.
  template <typename Body>
  kit::Outcome outcome_of(Body body) {
    std::vector<kit::Outcome> taken;
    const Subject subject{.implementation = &implementation_,
                          .scripted = [this]() -> kit::Implementation& { return implementation_; },
                          .take = [&taken](kit::Outcome outcome) { taken.push_back(std::move(outcome)); }};
    testing::TestPartResultArray reported;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &reported);
      Written<Body> check(std::move(body));
      check.configure(claim_, kit::kUnixStream, subject);
      check.TestBody();
    }
    parts_ = reported.size();
    EXPECT_EQ(taken.size(), 1U) << "one outcome a check";
    return taken.at(0);
  }

  Fake implementation_;
  int parts_ = 0;  // how many results were reported to GoogleTest

 private:
  Claim claim_;
};

constexpr auto kOneByte = [](auto& check) { check.expect(check.receive({.buffers = {room(1)}}), {.data = "a"}); };

TEST_F(CheckTest, PassesWhereTheAnswerIsAsExpected) {
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kPass);
  EXPECT_EQ(parts_, 0);
}

TEST_F(CheckTest, MergesBuffersForAnImplementationThatTakesOne) {
  needs({});
  implementation_.says().capabilities = {};
  const kit::Outcome outcome = outcome_of([](auto& check) {
    const kit::Call call{.buffers = {room(2, "xy"), kit::slice(4, 1, 3, "0123")}};
    check.expect(check.receive(call), {.data = "a"});
    check.expect(check.receive(call), {.storages = Storages{"ay", "0123"}, .nbytes = 1});
  });
  EXPECT_EQ(outcome.verdict, kPass) << text_of(outcome.differences);
  ASSERT_TRUE(outcome.scenario);
  EXPECT_EQ(std::get<kit::step::Start>(outcome.scenario->steps.at(0)).call.buffers, std::vector{room(4, "xy12")});
}

TEST_F(CheckTest, MergesBuffersOfTheSuitesOwnCallsToo) {
  needs({});
  implementation_.says().capabilities = {};
  const kit::Outcome outcome = outcome_of([](auto& check) {
    check.stage().send("a");
    const kit::Call call{.buffers = kit::rooms(2, 2)};
    const kit::Observation bare = check.by_recvmsg(call);
    check.expect(check.receive(call), {.storages = bare.storages, .nbytes = bare.nbytes});
  });
  EXPECT_EQ(outcome.verdict, kPass) << text_of(outcome.differences);
}

TEST_F(CheckTest, MergesNothingWhereTheImplementationScatters) {
  needs({});
  const kit::Call call{.buffers = kit::rooms(2, 2)};
  const kit::Outcome outcome = outcome_of([&](auto& check) { check.expect(check.receive(call), {.data = "a"}); });
  EXPECT_EQ(outcome.verdict, kPass) << text_of(outcome.differences);
  ASSERT_TRUE(outcome.scenario);
  EXPECT_EQ(std::get<kit::step::Start>(outcome.scenario->steps.at(0)).call, call);
}

TEST_F(CheckTest, IsSkippedForAClaimAboutSeveralBuffers) {
  implementation_.says().capabilities = {};
  EXPECT_EQ(outcome_of(kOneByte).cause, kit::Cause::kNotDeclared);
}

TEST_F(CheckTest, IsSkippedOnSocketsThatTheImplementationCannotBeGiven) {
  implementation_.says().sockets = std::vector{kit::kUdp4};
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.cause, kit::Cause::kNotDeclared);
  EXPECT_EQ(outcome.reason, "the implementation can be given no socket of kind unix_stream");
}

TEST_F(CheckTest, AsksForTimeoutsThatTheImplementationHas) {
  needs({kTimeout});
  implementation_.says().capabilities = {kTimeout};
  implementation_.says().timeout_resolution = std::chrono::milliseconds(1000);
  const kit::Outcome outcome = outcome_of([](auto& check) {
    check.expect(check.receive({.buffers = {room(1)}, .timeout = std::chrono::milliseconds(40)}), {.data = "a"});
  });
  ASSERT_TRUE(outcome.scenario);
  EXPECT_EQ(std::get<kit::step::Start>(outcome.scenario->steps.at(0)).call.timeout, std::chrono::seconds(1));
}

TEST_F(CheckTest, IsAboutItemsOfKindsThatAreReported) {
  Claim claim;
  internal::apply(claim, Needs{{kAncillary}});
  internal::apply(claim, reporting({"credentials", "ip_ttl"}));
  const auto missing = [&](kit::Capabilities capabilities, kit::ItemKinds items, const kit::SocketKind& kind) {
    kit::Handshake handshake;
    handshake.capabilities = capabilities;
    handshake.items = std::move(items);
    return missing_for(claim, kind, handshake);
  };
  const kit::ItemKind credentials = *kit::item_kind_named("credentials");
  EXPECT_THAT(missing({kAncillary, kAllItems}, {}, kit::kUdp4), testing::IsEmpty());
  EXPECT_THAT(missing({kAncillary}, {}, kit::kUdp4), testing::ElementsAre("all_items"));
  EXPECT_THAT(missing({}, {credentials}, kit::kUdp4), testing::ElementsAre("ancillary", "items ip_ttl"));
  EXPECT_THAT(missing({kAncillary}, {credentials}, kit::kUdp6), testing::IsEmpty()) << "which has no item of IPv4";
  EXPECT_THROW(internal::apply(claim, reporting({"cred"})), std::invalid_argument);
}

TEST_F(CheckTest, KeepsWhatWasDoneAndWhatTheImplementationWrote) {
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.history.size(), 2U) << "a call and its observation";
  ASSERT_TRUE(outcome.scenario);
  EXPECT_EQ(outcome.scenario->kind, kit::kUnixStream);
  EXPECT_EQ(outcome.stderr_text, "its last words");
}

TEST_F(CheckTest, IsSkippedWithTheCapabilitiesThatAreMissing) {
  needs({kScatter, kRights, kFlags});
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kSkip);
  EXPECT_EQ(outcome.cause, kit::Cause::kNotDeclared);
  EXPECT_EQ(outcome.reason, "needs flags, rights, which the implementation does not declare");
}

TEST_F(CheckTest, CostsAnImplementationThatFailsItsLife) {
  for (const kit::Verdict verdict : {kCrash, kHang, kProtocol}) {
    implementation_.trouble = [verdict] { throw kit::ImplementationFailure(verdict, "how it went"); };
    implementation_.times_untrusted = 0;
    const kit::Outcome outcome = outcome_of(kOneByte);
    EXPECT_EQ(outcome.verdict, verdict);
    EXPECT_EQ(outcome.reason, "how it went");
    EXPECT_FALSE(outcome.is_suite_fault());
    EXPECT_EQ(implementation_.times_untrusted, 1);
  }
}

TEST_F(CheckTest, IsNotRunWhereTheImplementationCannotBeStartedAgain) {
  implementation_.trouble = [] { throw kit::CannotStart("gone"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kNotRun);
  EXPECT_EQ(outcome.reason, "gone");
  EXPECT_FALSE(outcome.is_suite_fault());
}

TEST_F(CheckTest, IsNotRunWhereTheRunIsInterrupted) {
  implementation_.trouble = [] { throw kit::Interrupted("interrupted"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kNotRun);
  EXPECT_FALSE(outcome.is_suite_fault());
  EXPECT_EQ(outcome.cause, kit::Cause::kInterrupted);
  EXPECT_EQ(implementation_.times_untrusted, 0) << "it has done nothing wrong";
}

TEST_F(CheckTest, FailsWhereWhatIsDeclaredIsRefused) {
  implementation_.trouble = [] { throw kit::Unsupported("scatter"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kFail);
  EXPECT_EQ(outcome.cause, kit::Cause::kRefused);
  EXPECT_THAT(outcome.reason, HasSubstr("answered \"unsupported\": scatter"));
}

TEST_F(CheckTest, IsSkippedOnAHostThatLacksWhatItNeeds) {
  implementation_.trouble = [] { throw kit::EnvironmentLacks("no such thing"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.verdict, kSkip);
  EXPECT_EQ(outcome.reason, "this host: no such thing");
}

TEST_F(CheckTest, IsTheSuitesFaultWhereAnythingElseGoesWrong) {
  implementation_.trouble = [] { throw std::system_error(EBADF, std::system_category(), "socket"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_TRUE(outcome.is_suite_fault());
  EXPECT_EQ(outcome.verdict, kNotRun) << "it must not count against the implementation";
  EXPECT_EQ(implementation_.times_exhausted, 1) << "whatever was left behind";
  EXPECT_EQ(implementation_.times_untrusted, 0) << "nor do ten of them end the run";
}

TEST_F(CheckTest, IsSkippedWhereTheHostRunsOutOfDescriptors) {
  implementation_.trouble = [] { throw std::system_error(EMFILE, std::system_category(), "socket"); };
  const kit::Outcome outcome = outcome_of(kOneByte);
  EXPECT_EQ(outcome.cause, kit::Cause::kHostLacks);
}

TEST_F(CheckTest, KeepsTheDifferencesWhereTheImplementationFailsLater) {
  for (const kit::Verdict verdict : {kCrash, kHang, kProtocol}) {
    const kit::Outcome outcome = outcome_of([&](auto& check) {
      check.expect(check.receive({.buffers = {room(1)}}), {.data = "b"});
      throw kit::ImplementationFailure(verdict, "how it went");
    });
    EXPECT_EQ(outcome.verdict, verdict);
    EXPECT_EQ(outcome.reason, "how it went");
    EXPECT_EQ(summary_of(outcome), "how it went");
    EXPECT_EQ(outcome.differences.size(), 1U);
  }
}

TEST_F(CheckTest, FailsWhereWhatEndsItProvesNothing) {
  const auto differs_and = [this](auto end) {
    return outcome_of([&](auto& check) {
      check.expect(check.receive({.buffers = {room(1)}}), {.data = "b"});
      end();
    });
  };
  EXPECT_EQ(differs_and([] { throw kit::EnvironmentLacks("no such thing"); }).cause, kit::Cause::kDiffers);
  EXPECT_EQ(differs_and([] { throw kit::Interrupted("interrupted"); }).cause, kit::Cause::kDiffers);
  const kit::Outcome suite = differs_and([] { throw std::logic_error("a claim's"); });
  EXPECT_TRUE(suite.is_suite_fault());
  EXPECT_EQ(suite.differences.size(), 1U);
}

TEST_F(CheckTest, EndsWhereTheQueueIsNotAsExpected) {
  bool went_on = false;
  const kit::Outcome outcome = outcome_of([&](auto& check) {
    check.stage().send("ab");
    check.expect_queue({{"a"}});
    went_on = true;
  });
  EXPECT_FALSE(went_on) << "a call would wait for what is not there";
  EXPECT_EQ(outcome.cause, kit::Cause::kDiffers);
  ASSERT_EQ(outcome.differences.size(), 1U);
  EXPECT_EQ(outcome.differences[0].field, "left in the queue");
  EXPECT_EQ(outcome.differences[0].expected, "\"a\"");
  EXPECT_EQ(outcome.differences[0].actual, "\"ab\"");
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimComparesNothing) {
  const kit::Outcome outcome = outcome_of([](auto& check) { check.receive({.buffers = {room(1)}}); });
  EXPECT_TRUE(outcome.is_suite_fault());
  EXPECT_THAT(outcome.reason, HasSubstr("the claim compares nothing"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimLeavesACallUnfinished) {
  const kit::Outcome outcome = outcome_of([](auto& check) {
    kOneByte(check);
    check.start({.buffers = {room(1)}});
  });
  EXPECT_TRUE(outcome.is_suite_fault());
  EXPECT_THAT(outcome.reason, HasSubstr("does not finish the call that it started"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimAsksForMoreThanItDeclares) {
  const kit::Outcome outcome = outcome_of([](auto& check) { check.receive({.buffers = {room(1)}, .flags = 0}); });
  EXPECT_TRUE(outcome.is_suite_fault());
  EXPECT_THAT(outcome.reason, HasSubstr("asks for flags and does not declare"));
}

TEST_F(CheckTest, IsTheSuitesFaultWhereTheClaimLooksAtMoreThanItDeclares) {
  const kit::Outcome outcome = outcome_of(
      [](auto& check) { check.expect(check.receive({.buffers = {room(1)}}), {.data = "a", .msg_flags = 0}); });
  EXPECT_TRUE(outcome.is_suite_fault());
  EXPECT_THAT(outcome.reason, HasSubstr("looks at msg_flags and does not declare"));
}

// O_NONBLOCK is shared by all who have the socket, and an implementation may rely on it.
TEST_F(CheckTest, LeavesTheSocketsModeAsItWasWhenItAsksTheSystem) {
  std::vector<int> modes;
  outcome_of([&](auto& check) {
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

TEST_F(CheckTest, KeepsEachDifferenceWithItsPlace) {
  const kit::Outcome outcome = outcome_of([](auto& check) {
    const Answer answer = check.receive({.buffers = {room(1)}});
    check.expect(answer, {.data = "a"});
    check.expect(answer, {.data = "b"});
    check.expect(answer, {.nbytes = 2});
  });
  EXPECT_EQ(outcome.verdict, kFail);
  EXPECT_EQ(outcome.cause, kit::Cause::kDiffers);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(parts_, 2) << "what was reported to GoogleTest";
  ASSERT_EQ(outcome.differences.size(), 2U);
  EXPECT_THAT(outcome.differences[0].where, testing::MatchesRegex("conformance/tests/check_test.cc:[0-9]+"));
  EXPECT_NE(outcome.differences[0].where, outcome.differences[1].where);
  EXPECT_EQ(outcome.differences[0].field, "buffer 0");
  EXPECT_EQ(outcome.differences[1].field, "nbytes");
  EXPECT_EQ(outcome.differences[1].expected, "2");
  EXPECT_EQ(outcome.differences[1].actual, "1");
}

}  // namespace
}  // namespace recvinto::conformance
