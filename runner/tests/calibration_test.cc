// Whose failure it is: the implementation's or the kernel's.

#include "runner/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "runner/result_json.h"

namespace recvinto::runner {
namespace {

using enum kit::Verdict;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

/// Something differs.
kit::Outcome two_differences() {
  return kit::outcome_of(kit::Differences{{"conformance/some_test.cc:7", "msg_flags", "0x8", "0x0"},
                                          {"conformance/some_test.cc:7", "address", "none", "udp"}});
}

class CalibrationTest : public testing::Test {
 protected:
  CalibrationTest() {
    claim_.topic = scripted_.topic = "Topic";
    claim_.requirements = scripted_.requirements = {conformance::every_requirement()[0].slug};
    scripted_.oddity = kit::Oddity{};
  }

  Result& add(const std::string& id, kit::Verdict verdict) {
    Result result;
    result.claim = &claim_;
    result.id = id;
    result.outcome = verdict == kFail ? two_differences() : kit::Outcome{.verdict = verdict};
    results_.checks.push_back(result);
    return results_.checks.back();
  }

  /// The result of a check on the implementation that stands in for the kernel.
  Result there(kit::Outcome outcome) const {
    return {.claim = &claim_, .id = "Topic.A", .outcome = std::move(outcome)};
  }

  conformance::Claim claim_;
  conformance::Claim scripted_;
  Results results_;
};

TEST_F(CalibrationTest, OnlyAPlainFailureIsPerhapsTheKernels) {
  for (const kit::Verdict verdict : {kPass, kSkip, kCrash, kHang, kProtocol, kNotRun})
    add("Topic." + std::string(name(verdict)), verdict);
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
  add("Topic.Fails", kFail);
  EXPECT_THAT(perhaps_the_kernels(results_), ElementsAre("Topic.Fails"));
}

TEST_F(CalibrationTest, AScriptedAnswerIsNotTheKernels) {
  add("Topic.Scripted", kFail).claim = &scripted_;
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
}

TEST_F(CalibrationTest, ARefusalOfWhatIsDeclaredIsNotTheKernels) {
  add("Topic.Refuses", kFail).outcome = kit::ended(kit::Cause::kRefused, "answered \"unsupported\"");
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
}

TEST_F(CalibrationTest, AFailureAsListedIsNotAskedFor) {
  const Known known{.check = "*", .reason = "it is known"};
  add("Topic.Listed", kFail).known = &known;
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
}

TEST_F(CalibrationTest, WhatDiffersThereIsReadFromFacts) {
  EXPECT_EQ(failure_of(there(two_differences())), "msg_flags: expected 0x8, actual 0x0");
  EXPECT_EQ(failure_of(there(kit::outcome_of({{"", "data", "\"a  b\"", "* \"ab\"\n"}}))),
            "data: expected \"a  b\", actual * \"ab\"\n")
      << "whatever is in a value";
  EXPECT_EQ(failure_of(there(kit::outcome_of({{"", "data", std::string(200, 'a'), "b"}}))), "data differs");
}

TEST_F(CalibrationTest, WhatDoesNotDifferThereIsNotTheKernels) {
  for (const kit::Cause cause :
       {kit::Cause::kNone, kit::Cause::kRefused, kit::Cause::kTookMore, kit::Cause::kEnded, kit::Cause::kTimedOut,
        kit::Cause::kMalformedReply, kit::Cause::kHostLacks, kit::Cause::kCannotStart}) {
    EXPECT_EQ(failure_of(there(kit::ended(cause, "?"))), std::nullopt) << name(cause);
  }
}

TEST_F(CalibrationTest, WhatFailsThereTooIsSkippedWithTheReason) {
  add("Topic.Both", kFail);
  add("Topic.Alone", kFail);
  blame_the_kernel(results_, {{"Topic.Both", "nbytes: expected 1, actual 2"}, {"Topic.Other", "?"}}, "raw");
  EXPECT_EQ(results_.checks[0].verdict(), "SKIP");
  EXPECT_TRUE(results_.checks[0].kernel_deviates());
  EXPECT_EQ(results_.checks[0].outcome.reason,
            "this host's kernel: recvmsg(2) itself fails this too: nbytes: expected 1, actual 2");
  EXPECT_EQ(results_.checks[0].outcome.differences, two_differences().differences) << "what differed stays to be read";
  EXPECT_EQ(results_.checks[1].verdict(), "FAIL");
  EXPECT_FALSE(results_.checks[1].kernel_deviates());
}

TEST_F(CalibrationTest, WhatEndedOtherwiseIsNotExcused) {
  add("Topic.Both", kCrash);
  blame_the_kernel(results_, {{"Topic.Both", "?"}}, "raw");
  EXPECT_EQ(results_.checks[0].verdict(), "CRASH");
}

TEST_F(CalibrationTest, TheResultsTellThem) {
  add("Topic.Both", kFail);
  add("Topic.Alone", kFail);
  blame_the_kernel(results_, {{"Topic.Both", "?"}}, "raw");
  EXPECT_EQ(to_json(results_.checks[0])["kernel_deviates"], true);
  EXPECT_FALSE(to_json(results_.checks[1]).contains("kernel_deviates"));
}

}  // namespace
}  // namespace recvinto::runner
