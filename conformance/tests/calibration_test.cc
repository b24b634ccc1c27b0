// Whose failure it is: the implementation's or the kernel's.

#include "conformance/runner/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace recvinto::conformance {
namespace {

using enum kit::Verdict;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kMessage =
    "conformance/some_test.cc:7:\n\n"
    "              expected  actual\n"
    "  nbytes      3         3\n"
    "* msg_flags   0x8       0x0\n"
    "* address     none      udp\n";

class CalibrationTest : public testing::Test {
 protected:
  CalibrationTest() {
    claim_.topic = scripted_.topic = "Topic";
    claim_.requirements = scripted_.requirements = {every_requirement()[0].slug};
    scripted_.oddity = kit::Oddity{};
  }

  Result& add(const std::string& id, kit::Verdict verdict) {
    Result result;
    result.claim = &claim_;
    result.id = id;
    result.ending.verdict = verdict;
    if (verdict == kFail) result.message = kMessage;
    results_.checks.push_back(result);
    return results_.checks.back();
  }

  static json told(const std::string& id, const std::string& verdict, std::string_view message = kMessage) {
    return {{"checks", {{{"id", id}, {"verdict", verdict}, {"message", message}}}}};
  }

  Claim claim_;
  Claim scripted_;
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
  add("Topic.Refuses", kFail).ending.reason = "answered \"unsupported\"";
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
}

TEST_F(CalibrationTest, AFailureAsListedIsNotAskedFor) {
  const Known known{.check = "*", .reason = "it is known"};
  add("Topic.Listed", kFail).known = &known;
  EXPECT_THAT(perhaps_the_kernels(results_), IsEmpty());
}

TEST_F(CalibrationTest, TheFirstDifferenceIsTold) {
  EXPECT_THAT(failures_in(told("Topic.A", "FAIL")),
              ElementsAre(Pair("Topic.A", "msg_flags: expected 0x8, actual 0x0")));
  EXPECT_THAT(failures_in(told("Topic.A", "FAIL", "* the call  waits  has returned\n")),
              ElementsAre(Pair("Topic.A", "the call: expected waits, actual has returned")));
  EXPECT_THAT(failures_in(told("Topic.A", "FAIL", "* data  \"a  b\"  \"ab\"\n")),
              ElementsAre(Pair("Topic.A", "data | \"a | b\" | \"ab\"")))
      << "blanks in a value";
  EXPECT_THAT(failures_in(told("Topic.A", "FAIL", "it went wrong\n")), ElementsAre(Pair("Topic.A", "it fails")));
}

TEST_F(CalibrationTest, WhatDoesNotFailThereIsNotTheKernels) {
  for (const char* verdict : {"PASS", "SKIP", "CRASH", "HANG", "PROTOCOL", "NOTRUN"}) {
    EXPECT_THAT(failures_in(told("Topic.A", verdict)), IsEmpty()) << verdict;
  }
}

TEST_F(CalibrationTest, WhatFailsThereTooIsSkippedWithTheReason) {
  add("Topic.Both", kFail);
  add("Topic.Alone", kFail);
  blame_the_kernel(results_, {{"Topic.Both", "nbytes: expected 1, actual 2"}, {"Topic.Other", "?"}}, "raw");
  EXPECT_EQ(results_.checks[0].verdict(), "SKIP");
  EXPECT_TRUE(results_.checks[0].kernel_deviates);
  EXPECT_EQ(results_.checks[0].ending.reason,
            "this host's kernel: recvmsg(2) itself fails this too: nbytes: expected 1, actual 2");
  EXPECT_EQ(results_.checks[0].message, kMessage) << "what differed stays to be read";
  EXPECT_EQ(results_.checks[1].verdict(), "FAIL");
  EXPECT_FALSE(results_.checks[1].kernel_deviates);
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
  const json object = to_json(results_);
  EXPECT_EQ(object["checks"][0]["kernel_deviates"], true);
  EXPECT_FALSE(object["checks"][1].contains("kernel_deviates"));
}

}  // namespace
}  // namespace recvinto::conformance
