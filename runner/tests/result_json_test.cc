// Results as JSON, written and read.

#include "runner/result_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace recvinto::runner {
namespace {

using nlohmann::json;
using testing::IsEmpty;

kit::Outcome failure() {
  kit::Observation seen;
  seen.nbytes = 3;
  seen.storages = {"abc"};
  kit::Outcome outcome = kit::outcome_of(kit::Differences{
      {"conformance/some_test.cc:7", "error", "no error", "EAGAIN", "error EAGAIN where none was expected"},
      {"conformance/some_test.cc:9", "nbytes", "3", "4"}});
  outcome.scenario = kit::Scenario{.kind = kit::kUdp4, .steps = {kit::step::Send{.data = "abc"}}};
  outcome.history = {outcome.scenario->steps[0], seen};
  outcome.stderr_text = "a trace";
  return outcome;
}

/// Of a check that there is.
Result result_with(kit::Outcome outcome, const Keep& keep = {}) {
  const conformance::Claim& claim = conformance::every_claim().front();
  Result result = result_of(claim, claim.id(claim.kinds.front()), std::move(outcome), keep);
  result.time = std::chrono::milliseconds(7);
  result.repro = "the line";
  return result;
}

/// By way of a line, as between processes.
Result sent(const Result& result) {
  return result_from_json(json::parse(line_of(to_message(result))));
}

TEST(ResultJsonTest, AResultGoesFromProcessToProcessWhole) {
  Result result = result_with(failure());
  result.last_error = kit::Error{.type = "BlockingIOError", .number = 11, .message = "later"};
  result.scenario = "scenarios/x.json";
  result.replay = "another line";
  const Result read = sent(result);
  EXPECT_EQ(read.claim, result.claim);
  EXPECT_EQ(read.id, result.id);
  EXPECT_EQ(read.outcome.verdict, kit::Verdict::kFail);
  EXPECT_EQ(read.outcome.cause, kit::Cause::kDiffers);
  EXPECT_EQ(read.outcome.differences, result.outcome.differences);
  EXPECT_EQ(read.outcome.scenario, result.outcome.scenario);
  EXPECT_EQ(read.outcome.stderr_text, "a trace");
  EXPECT_EQ(read.observation, result.observation);
  EXPECT_EQ(read.last_seen, result.last_seen);
  EXPECT_EQ(read.time, result.time);
  EXPECT_EQ(line_of(to_message(read)), line_of(to_message(result)));
}

TEST(ResultJsonTest, EveryCauseComesBack) {
  for (int i = 0; i < kit::kCauses; ++i) {
    const auto cause = static_cast<kit::Cause>(i);
    const Result read = sent(result_with(kit::ended(cause, "a reason\nin two lines")));
    EXPECT_EQ(read.outcome.cause, cause);
    EXPECT_EQ(read.outcome.verdict, kit::verdict_of(cause));
    EXPECT_EQ(read.outcome.reason, "a reason\nin two lines");
  }
}

TEST(ResultJsonTest, WhatIsNoUtf8DoesNotBreakTheLine) {
  const Result read = sent(result_with(kit::ended(kit::Cause::kMalformedReply, "not JSON: \xff\n|")));
  EXPECT_EQ(read.outcome.reason, "not JSON: \xEF\xBF\xBD\n|");
  EXPECT_THAT(line_of(to_message(read)), testing::Not(testing::HasSubstr("\n")));
}

TEST(ResultJsonTest, OfWhatPassedOnlyWhatIsAskedForIsKept) {
  kit::Outcome passed = failure();
  passed.verdict = kit::Verdict::kPass;
  passed.cause = kit::Cause::kNone;
  passed.differences = {};
  const Result small = result_with(passed);
  EXPECT_THAT(small.observation, IsEmpty());
  EXPECT_THAT(small.last_seen, IsEmpty());
  EXPECT_FALSE(small.outcome.scenario);
  EXPECT_FALSE(to_json(small).contains("observation"));
  EXPECT_EQ(to_json(result_with(passed, {.observations = true}))["observation"]["steps"].size(), 2U);
  EXPECT_TRUE(sent(result_with(passed, {.scenarios = true})).outcome.scenario);
}

TEST(ResultJsonTest, WhatIsNoResultIsRefused) {
  EXPECT_ANY_THROW(result_from_json(json::object()));
  json message = to_message(result_with(failure()));
  message["cause"] = "whatever";
  EXPECT_THROW(result_from_json(message), std::invalid_argument);
  message["cause"] = "differs";
  message["id"] = "No.SuchCheck/udp4";
  EXPECT_THROW(result_from_json(message), std::out_of_range);
}

}  // namespace
}  // namespace recvinto::runner
