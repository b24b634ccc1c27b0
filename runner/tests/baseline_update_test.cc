// What a baseline makes of a result, and bringing it up to date.

#include "runner/baseline_update.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "runner/results.h"
#include "runner/tests/some_baseline.h"

namespace recvinto::runner {
namespace {

using enum kit::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Two claims on two kinds of socket, judged.
class JudgedTest : public testing::Test {
 protected:
  JudgedTest() {
    required_.topic = "Topic";
    required_.requirements = {first_slug(conformance::Level::kRequired)};
    recommended_ = required_;
    recommended_.requirements = {first_slug(conformance::Level::kRecommended)};
  }

  Result judged(const std::string& id, kit::Verdict verdict, const Baseline& baseline) const {
    Result result;
    result.claim = &required_;
    result.id = id;
    result.outcome.verdict = verdict;
    result.known = baseline.entry_for(id);  // borrowed
    return result;
  }
  Result judged(const std::string& id, kit::Verdict verdict, Baseline&& gone_too_soon) const = delete;

  /// kChecks with these verdicts, one after the other; what has none was not chosen.
  Results judged(const std::vector<kit::Verdict>& verdicts, const Baseline& baseline) const {
    Results results;
    for (std::size_t i = 0; i < verdicts.size(); ++i)
      results.checks.push_back(judged(kChecks[i], verdicts[i], baseline));
    return results;
  }

  UpdatedBaseline update(std::string_view text, const std::vector<kit::Verdict>& verdicts) const {
    const Baseline baseline = baseline_of(text);
    return updated(text, baseline, judged(verdicts, baseline), /*strict=*/false);
  }

  static std::string first_slug(conformance::Level level) {
    for (const conformance::Requirement& requirement : conformance::every_requirement()) {
      if (requirement.level == level) return requirement.slug;
    }
    return "";
  }

  conformance::Claim required_;
  conformance::Claim recommended_;
};

TEST_F(JudgedTest, AFailureAsListedIsExpected) {
  const Baseline baseline = baseline_of(kGood);
  for (const Result& result : {judged("Topic.One/udp4", kFail, baseline), judged("Topic.Two/tcp4", kCrash, baseline)}) {
    EXPECT_EQ(result.verdict(), "XFAIL");
    EXPECT_FALSE(result.is_bad());
    EXPECT_FALSE(result.counts(/*strict=*/true));
  }
}

TEST_F(JudgedTest, EachOfSeveralVerdictsIsExpected) {
  const std::string text = good_but(R"(verdict = "CRASH")", R"(verdict = ["FAIL", "CRASH"])");
  const Baseline baseline = baseline_of(text);
  EXPECT_EQ(judged("Topic.Two/tcp4", kFail, baseline).verdict(), "XFAIL");
  EXPECT_EQ(judged("Topic.Two/tcp4", kCrash, baseline).verdict(), "XFAIL");
  EXPECT_EQ(judged("Topic.Two/tcp4", kHang, baseline).verdict(), "HANG");
  for (const kit::Verdict verdict : {kFail, kCrash}) EXPECT_EQ(update(text, {kFail, kFail, kPass, verdict}).text, text);
}

TEST_F(JudgedTest, APassThatIsListedBesideAFailureIsExpected) {
  const std::string text = good_but(R"(verdict = "CRASH")", R"(verdict = ["PASS", "CRASH"])");
  const Baseline baseline = baseline_of(text);
  EXPECT_EQ(judged("Topic.Two/tcp4", kPass, baseline).verdict(), "PASS");
  EXPECT_EQ(judged("Topic.Two/tcp4", kCrash, baseline).verdict(), "XFAIL");
  EXPECT_EQ(judged("Topic.Two/tcp4", kFail, baseline).verdict(), "FAIL");
  for (const kit::Verdict verdict : {kPass, kCrash}) EXPECT_EQ(update(text, {kFail, kFail, kPass, verdict}).text, text);
}

TEST_F(JudgedTest, AnotherFailureThanListedCountsAtAnyLevel) {
  const Baseline baseline = baseline_of(kGood);
  Result result = judged("Topic.One/udp4", kCrash, baseline);
  EXPECT_EQ(result.verdict(), "CRASH");
  EXPECT_TRUE(result.counts(/*strict=*/false));
  result.claim = &recommended_;
  EXPECT_TRUE(result.counts(/*strict=*/false));
  EXPECT_EQ(judged("Topic.Two/tcp4", kFail, baseline).verdict(), "FAIL");
}

TEST_F(JudgedTest, APassThoughListedIsToldAndIsNoFailure) {
  const Baseline baseline = baseline_of(kGood);
  const Result result = judged("Topic.One/udp4", kPass, baseline);
  EXPECT_EQ(result.verdict(), "XPASS");
  EXPECT_TRUE(result.passed_though_listed());
  EXPECT_FALSE(result.is_bad());
}

TEST_F(JudgedTest, ASkipThoughListedIsASkip) {
  const Baseline baseline = baseline_of(kGood);
  const Result result = judged("Topic.One/udp4", kSkip, baseline);
  EXPECT_EQ(result.verdict(), "SKIP");
  EXPECT_FALSE(result.is_bad());
}

TEST_F(JudgedTest, WhatIsRecommendedAndNotListedCountsOnlyWhenAsked) {
  const Baseline baseline = baseline_of(kGood);
  Result result = judged("Topic.Two/udp4", kFail, baseline);
  result.claim = &recommended_;
  EXPECT_TRUE(result.is_bad());
  EXPECT_FALSE(result.counts(/*strict=*/false));
  EXPECT_TRUE(result.counts(/*strict=*/true));
}

TEST_F(JudgedTest, TheSummaryCountsEachVerdict) {
  const Baseline baseline = baseline_of(kGood);
  std::string told;
  for (const auto& [verdict, count] : judged({kFail, kPass, kFail, kCrash}, baseline).summary())
    told += fmt::format("{} {} ", verdict, count);
  EXPECT_EQ(told, "PASS 0 FAIL 1 SKIP 0 CRASH 0 HANG 0 PROTOCOL 0 NOTRUN 0 XFAIL 2 XPASS 1 ");
}

TEST_F(JudgedTest, ABaselineThatHoldsStaysAsItIs) {
  for (const auto& verdicts : {std::vector{kFail, kFail, kPass, kCrash}, std::vector{kSkip, kFail, kPass, kNotRun},
                               std::vector{kFail}, std::vector<kit::Verdict>{}}) {
    const UpdatedBaseline update = this->update(kGood, verdicts);
    EXPECT_EQ(update.text, kGood);
    EXPECT_THAT(update.changes, IsEmpty());
  }
}

TEST_F(JudgedTest, AnEntryThatPassesGoesWithItsCommentAndTheOthersStay) {
  const UpdatedBaseline first = update(kGood, {kPass, kPass, kPass, kCrash});
  EXPECT_EQ(first.text, "# What is known.\n\n" + std::string(kGood.substr(kGood.rfind("[[known]]"))));
  EXPECT_THAT(first.changes, ElementsAre("removed \"Topic.One/*\" (file.toml:4): Topic.One/udp4, Topic.One/tcp4 "
                                         "passes now"));
  const UpdatedBaseline last = update(kGood, {kFail, kFail, kPass, kPass});
  EXPECT_EQ(last.text, kGood.substr(0, kGood.rfind("[[known]]")));
}

TEST_F(JudgedTest, AnEntryOfWhichOneCheckPassesIsNarrowed) {
  const UpdatedBaseline update = this->update(kGood, {kPass, kFail, kPass, kCrash});
  EXPECT_EQ(update.text, good_but("\"Topic.One/*\"", "\"Topic.One/tcp4\""));
  EXPECT_THAT(update.changes, ElementsAre("narrowed \"Topic.One/*\" (file.toml:4): Topic.One/udp4 passes now"));
}

TEST_F(JudgedTest, AnEntryThatIsNarrowedToSeveralIsRepeatedAndItsCommentIsNot) {
  const std::string text = "# why\n[[known]]\ncheck = \"Topic.*\"\nkind = \"bug\"\nreason = \"r\"\n";
  const std::string rest = "\nkind = \"bug\"\nreason = \"r\"\n";
  EXPECT_EQ(update(text, {kFail, kFail, kPass, kFail}).text,
            "# why\n[[known]]\ncheck = \"Topic.One/*\"" + rest + "\n[[known]]\ncheck = \"Topic.Two/tcp4\"" + rest);
}

TEST_F(JudgedTest, AnEntryForNoCheckGoes) {
  const UpdatedBaseline update =
      this->update(good_but("Topic.Two/tcp4", "Topic.Three/*"), {kFail, kFail, kPass, kPass});
  EXPECT_EQ(update.text, kGood.substr(0, kGood.rfind("[[known]]")));
  EXPECT_THAT(update.changes, ElementsAre(HasSubstr("no such check")));
}

TEST_F(JudgedTest, ANewFailureComesLastToBeExplained) {
  const std::string added = update(kGood, {kFail, kFail, kHang, kCrash}).text;
  ASSERT_THAT(added,
              StartsWith(std::string(kGood) + "\n# " + first_slug(conformance::Level::kRequired) + " (required): "));
  EXPECT_TRUE(
      added.ends_with("[[known]]\ncheck = \"Topic.Two/udp4\"\nkind = \"deviation\"\nverdict = \"HANG\"\n"
                      "reason = \"to be explained\"\n"))
      << added;
  EXPECT_EQ(baseline_of(added).entries().size(), 3U) << "it can be read again";
}

TEST_F(JudgedTest, AFailureThatIsAnotherNowIsToBeExplainedAnew) {
  const UpdatedBaseline update = this->update(kGood, {kFail, kCrash, kPass, kCrash});
  EXPECT_THAT(update.changes, ElementsAre("narrowed \"Topic.One/*\" (file.toml:4): Topic.One/tcp4 fails otherwise",
                                          "added \"Topic.One/tcp4\": CRASH, to be explained"));
  const Baseline baseline = baseline_of(update.text);
  EXPECT_EQ(baseline.entry_for("Topic.One/udp4")->verdicts, std::vector{kFail});
  EXPECT_EQ(baseline.entry_for("Topic.One/tcp4")->verdicts, std::vector{kCrash});
}

TEST_F(JudgedTest, AnEmptyBaselineIsMadeOfWhatFails) {
  const Baseline baseline = baseline_of(update("", {kFail, kFail, kFail, kPass}).text);
  ASSERT_EQ(baseline.entries().size(), 2U);
  EXPECT_EQ(baseline.entries()[0].check, "Topic.One/*") << "all kinds of it fail";
  EXPECT_EQ(baseline.entries()[1].check, "Topic.Two/udp4");
}

TEST_F(JudgedTest, WhatIsNotJudgedAndWhatDoesNotCountIsNotAdded) {
  EXPECT_EQ(update("", {kSkip, kNotRun, kPass}).text, "");
  const Baseline baseline = baseline_of("");
  Results results = judged({kFail, kPass}, baseline);
  results.checks[0].claim = &recommended_;
  EXPECT_EQ(updated("", baseline, results, /*strict=*/false).text, "");
  EXPECT_THAT(updated("", baseline, results, /*strict=*/true).text, HasSubstr("Topic.One/udp4"));
}

TEST_F(JudgedTest, AFileWithoutALastNewlineGetsOne) {
  EXPECT_THAT(update("# none", {kFail, kFail}).text, StartsWith("# none\n\n# "));
}

}  // namespace
}  // namespace recvinto::runner
