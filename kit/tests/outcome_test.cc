// One exception, one verdict.

#include "kit/performing/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "kit/oracle/unpredictable.h"
#include "kit/performing/perform.h"

namespace recvinto::kit {
namespace {

using testing::HasSubstr;

template <typename Error>
Outcome of(const Error& error, const Circumstances& circumstances = {}) {
  return outcome_of(std::make_exception_ptr(error), circumstances);
}

std::system_error system(int number) {
  return {number, std::generic_category(), "bind"};
}

TEST(OutcomeTest, EveryCauseHasOneVerdictAndOneName) {
  for (int i = 0; i < kCauses; ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_EQ(cause_named(name(cause)), cause);
    EXPECT_EQ(verdict_named(name(verdict_of(cause))), verdict_of(cause));
  }
  EXPECT_THROW(cause_named("whatever"), std::invalid_argument);
  EXPECT_THROW(verdict_named("pass"), std::invalid_argument);
}

TEST(OutcomeTest, AnExceptionHasTheVerdictOfItsCause) {
  EXPECT_EQ(of(ImplementationFailure(Verdict::kCrash, "")).cause, Cause::kEnded);
  EXPECT_EQ(of(ImplementationFailure(Verdict::kHang, "")).cause, Cause::kTimedOut);
  EXPECT_EQ(of(ImplementationFailure(Verdict::kProtocol, "")).cause, Cause::kMalformedReply);
  EXPECT_EQ(of(ImplementationFailure(Verdict::kNotRun, "")).cause, Cause::kCannotStart);
  EXPECT_EQ(of(Unsupported("flags")).verdict, Verdict::kFail);
  EXPECT_THAT(of(Unsupported("flags")).reason, HasSubstr("answered \"unsupported\": flags"));
  EXPECT_EQ(of(EnvironmentLacks("no udp6")).verdict, Verdict::kSkip);
  EXPECT_EQ(of(EnvironmentLacks("no udp6")).reason, "this host: no udp6");
  EXPECT_EQ(of(CannotStart("")).cause, Cause::kCannotStart);
  EXPECT_EQ(of(Interrupted("")).cause, Cause::kInterrupted);
  EXPECT_EQ(of(Unpredictable("")).cause, Cause::kUnpredictable);
  EXPECT_EQ(of(CannotPerform(2, "step 3")).cause, Cause::kCannotPerform);
}

TEST(OutcomeTest, AnythingElseIsTheSuitesFaultUnlessTheScenarioWasGiven) {
  EXPECT_TRUE(of(std::logic_error("no expectation")).is_suite_fault());
  EXPECT_TRUE(outcome_of(std::make_exception_ptr(7)).is_suite_fault());
  EXPECT_EQ(of(std::out_of_range("sender 9"), {.is_given = true}).cause, Cause::kCannotPerform);
}

TEST(OutcomeTest, ASystemErrorIsTheHostsTheImplementationsOrTheSuites) {
  for (const int number : {EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENFILE, ENOBUFS, ENOMEM})
    EXPECT_EQ(of(system(number)).cause, Cause::kHostLacks) << number;
  EXPECT_TRUE(of(system(EBADF)).is_suite_fault());
  EXPECT_EQ(of(system(EBADF), {.shares_descriptors = true}).cause, Cause::kTookMore);
  EXPECT_EQ(of(system(EBADF), {.is_given = true}).cause, Cause::kCannotPerform);
  EXPECT_EQ(of(TookMore("2 bytes are left")).verdict, Verdict::kFail);
}

TEST(OutcomeTest, DifferencesAreAFailure) {
  EXPECT_EQ(outcome_of(Differences{}).verdict, Verdict::kPass);
  const Outcome outcome = outcome_of(Differences{{.field = "nbytes", .expected = "3", .actual = "4"}});
  EXPECT_EQ(outcome.verdict, Verdict::kFail);
  EXPECT_EQ(summary_of(outcome), "nbytes: expected 3, actual 4");
  EXPECT_TRUE(may_be_the_kernels(outcome, /*is_scripted=*/false));
  EXPECT_FALSE(may_be_the_kernels(outcome, /*is_scripted=*/true));
  EXPECT_FALSE(may_be_the_kernels(ended(Cause::kRefused, ""), /*is_scripted=*/false));
}

TEST(OutcomeTest, TheSameFailureHasTheSameCauseAndField) {
  const auto differs = [](const std::string& field) { return outcome_of(Differences{{.field = field}}); };
  EXPECT_TRUE(is_same_failure(differs("nbytes"), differs("nbytes")));
  EXPECT_FALSE(is_same_failure(differs("nbytes"), differs("ancdata")));
  EXPECT_FALSE(is_same_failure(differs("nbytes"), ended(Cause::kEnded, "SIGSEGV")));
  EXPECT_TRUE(is_same_failure(ended(Cause::kEnded, "SIGSEGV"), ended(Cause::kEnded, "SIGABRT")));
}

TEST(DifferencesTest, AnErrorIsSummarizedWithoutItsMessage) {
  const Call call{.buffers = {room(4)}};
  Observation seen;
  seen.storages = storages_before(call.buffers);
  seen.error = Error{.type = "BlockingIOError", .number = EAGAIN, .message = "fd 207"};
  EXPECT_EQ(summary_of(differences_in(compare(call, seen, {.data = "abcd"}))),
            "error EAGAIN (BlockingIOError) where none was expected");
  EXPECT_EQ(summary_of(differences_in(compare(call, seen, {.failure = os_error(EBADF)}))),
            "error EAGAIN (BlockingIOError) where EBADF was expected");
}

TEST(DifferencesTest, LongValuesAreShownWhereTheyDiffer) {
  const std::string alike(1000, 'a');
  const std::string text = text_of({{.field = "data", .expected = alike + "b" + alike, .actual = alike + "c" + alike}});
  EXPECT_LT(text.size(), 400U);
  EXPECT_THAT(text, HasSubstr("b"));
  EXPECT_THAT(text, HasSubstr("c"));
}

TEST(DifferencesTest, PlacesAddUp) {
  const Differences found = located({{.where = "the look", .field = "nbytes"}, {.field = "data"}}, "call 2");
  EXPECT_EQ(found[0].where, "call 2: the look");
  EXPECT_EQ(found[1].where, "call 2");
}

}  // namespace
}  // namespace recvinto::kit
