// What failures have in common.

#include "runner/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "runner/failure_text.h"

namespace recvinto::runner {
namespace {

using kit::Cause;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

kit::Outcome differs(const std::string& field, const std::string& summary = {}) {
  return kit::outcome_of(kit::Differences{{"some_test.cc:7", field, "1", "2", summary}});
}

class CausesTest : public testing::Test {
 protected:
  CausesTest() { claim_.topic = "Topic"; }

  Result& add(kit::Outcome outcome) {
    Result result{.claim = &claim_, .id = "Topic.C" + std::to_string(results_.checks.size()) + "/udp4"};
    result.outcome = std::move(outcome);
    results_.checks.push_back(std::move(result));
    return results_.checks.back();
  }
  void add(std::size_t count, const kit::Outcome& outcome) {
    for (std::size_t i = 0; i < count; ++i) add(outcome);
  }
  /// Of what the last call returned.
  void add_error(std::size_t count, const std::string& type, std::optional<int> number) {
    for (std::size_t i = 0; i < count; ++i) {
      add(differs("error")).last_error = kit::Error{.type = type, .number = number, .message = "?"};
    }
  }
  std::vector<std::string> groups() {
    std::vector<std::string> lines;
    for (const Group& group : groups_of_failures(results_)) {
      lines.push_back(std::to_string(group.results.size()) + " " + std::string(name(group.verdict)) + ": " +
                      group.summary);
    }
    return lines;
  }

  conformance::Claim claim_;
  Results results_;
};

TEST_F(CausesTest, FailuresAreGroupedByVerdictAndSummaryTheLargestFirst) {
  add(2, differs("nbytes"));
  add(3, differs("error", "error EAGAIN (BlockingIOError) where none was expected"));
  add(1, kit::ended(Cause::kEnded, "the process was ended by SIGSEGV"));
  add(2, differs("flags"));
  add(9, kit::ended(Cause::kNotReached, "not reached"));
  add(5, kit::Outcome{});
  EXPECT_THAT(groups(), ElementsAre("3 FAIL: error EAGAIN (BlockingIOError) where none was expected",
                                    "2 FAIL: flags: expected 1, actual 2", "2 FAIL: nbytes: expected 1, actual 2",
                                    "1 CRASH: the process was ended by SIGSEGV", "9 NOTRUN: not reached"));
}

TEST_F(CausesTest, NumbersInAReasonMakeNoOtherCause) {
  add(kit::ended(Cause::kMalformedReply, "the reply has id 9, but the request's was 10"));
  add(kit::ended(Cause::kMalformedReply, "the reply has id 10, but the request's was 11"));
  EXPECT_THAT(groups(), ElementsAre("2 PROTOCOL: the reply has id 9, but the request's was 10"));
}

TEST_F(CausesTest, WhatIsListedIsNoFailure) {
  const Known known{.check = "*", .reason = "it is known"};
  add(differs("nbytes")).known = &known;
  EXPECT_THAT(groups(), IsEmpty());
}

TEST_F(CausesTest, AnUnknownErrorInMostChecksIsPerhapsTheAdapters) {
  add_error(11, "AttributeError", std::nullopt);
  add(10, kit::Outcome{});
  add(90, kit::ended(Cause::kNotDeclared, "needs flags"));
  const auto suspicion = suspicion_of(results_);
  ASSERT_TRUE(suspicion);
  EXPECT_EQ(suspicion->how, "AttributeError");
  EXPECT_EQ(suspicion->first, results_.checks.data());
  EXPECT_EQ(std::pair(suspicion->count, suspicion->performed), std::pair(std::size_t{11}, std::size_t{21}));
  add(1, kit::Outcome{});
  EXPECT_FALSE(suspicion_of(results_)) << "half of them are not most";
}

TEST_F(CausesTest, ErrorsThatTheProtocolKnowsAreTheImplementations) {
  for (const char* type :
       {"TimeoutError", "ValueError", "OverflowError", "TypeError", "HandlerError", "RuntimeWarning"})
    add_error(20, type, std::nullopt);
  add_error(200, "Whatever", 5);
  EXPECT_FALSE(suspicion_of(results_));
}

TEST_F(CausesTest, AFewChecksAreNotEnoughToSuspectTheAdapter) {
  add_error(9, "AttributeError", std::nullopt);
  EXPECT_FALSE(suspicion_of(results_));
}

TEST_F(CausesTest, OneCauseOfMostCrashesIsPerhapsTheAdapters) {
  add(20, kit::ended(Cause::kMalformedReply, "has id 1, but the request's was 2"));
  add(3, kit::Outcome{});
  ASSERT_TRUE(suspicion_of(results_));
  EXPECT_EQ(suspicion_of(results_)->how, "PROTOCOL: has id 1, but the request's was 2");
}

TEST_F(CausesTest, ScatteringIsBrokenWhereMostChecksAboutItFail) {
  add(50, differs("data"));
  EXPECT_FALSE(broken_scattering(results_)) << "these are not about several buffers";
  claim_.needs = {kit::Capability::kScatter};
  results_.checks.resize(21);
  for (std::size_t i = 11; i < 21; ++i) results_.checks[i].outcome = {};
  results_.checks.push_back(results_.checks[20]);
  results_.checks[21].outcome = kit::ended(Cause::kNotDeclared, "needs flags");
  const auto broken = broken_scattering(results_);
  ASSERT_TRUE(broken);
  EXPECT_EQ(std::pair(broken->failed, broken->performed), std::pair(std::size_t{11}, std::size_t{21}));
  results_.checks[0].outcome = {};
  EXPECT_FALSE(broken_scattering(results_)) << "half of them are not most";
  results_.checks.resize(9);
  EXPECT_FALSE(broken_scattering(results_)) << "a few are not enough";
}

TEST_F(CausesTest, AFailureIsShownAsFarAsAScreenHasRoom) {
  kit::Differences differences;
  for (int i = 0; i < 50; ++i) differences.push_back({"some_test.cc:7", "field " + std::to_string(i), "1", "2"});
  Result& result = add(kit::outcome_of(differences));
  for (int i = 0; i < 100; ++i) result.outcome.stderr_text += "line " + std::to_string(i) + "\n";
  result.last_seen = {{"nbytes", "3"}, {"buffer 0", std::string(400, 'x')}};
  const std::string text = text_of_failure(result, Detail::kEssential);
  EXPECT_THAT(text, HasSubstr("field 23 "));
  EXPECT_THAT(text, Not(HasSubstr("field 24 ")));
  EXPECT_THAT(text, HasSubstr("... 26 more differences\n"));
  EXPECT_THAT(text, HasSubstr("what came back from the last call\n    nbytes       3\n"));
  EXPECT_THAT(text, HasSubstr(" [240 more]\n"));
  EXPECT_THAT(text, HasSubstr("standard error, the end of it\n    line 80\n"));
  EXPECT_THAT(text, HasSubstr("    line 99\n"));
  const std::string whole = text_of_failure(result, Detail::kAll);
  EXPECT_THAT(whole, HasSubstr("field 49 "));
  EXPECT_THAT(whole, HasSubstr("standard error\n    line 0\n"));
}

}  // namespace
}  // namespace recvinto::runner
