// Which check a process ended for.

#include "runner/alone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runner/result_json.h"
#include "runner/tests/some_baseline.h"

namespace recvinto::runner {
namespace {

using enum kit::Verdict;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::string kDamages = "link = \"https://example.org/1\"\ndamages_process = true";

class AloneTest : public testing::Test {
 protected:
  AloneTest() { claim_.requirements = {conformance::every_requirement()[0].slug}; }

  [[nodiscard]] Result result(std::string id, kit::Cause cause, std::vector<std::string> before = {}) const {
    return {.claim = &claim_,
            .id = std::move(id),
            .outcome = cause == kit::Cause::kNone ? kit::Outcome{} : kit::ended(cause, "the process was ended"),
            .before = std::move(before)};
  }
  [[nodiscard]] Result crash(std::vector<std::string> before = {"Topic.One/udp4", "Topic.One/tcp4"}) const {
    return result("Topic.Two/udp4", kit::Cause::kEnded, std::move(before));
  }
  [[nodiscard]] Result alone(kit::Cause cause = kit::Cause::kNone) const { return result("Topic.Two/udp4", cause); }

  conformance::Claim claim_;
  Baseline damaging_ = baseline_of(good_but("link = \"https://example.org/1\"", kDamages));
  Baseline harmless_ = baseline_of(kGood);
};

TEST_F(AloneTest, WhatEndedBehindOthersIsJudgedAlone) {
  const Known listed{.check = "*", .verdicts = {kCrash}, .reason = "it is known"};
  Result known = crash();
  known.known = &listed;
  Results results;
  results.checks = {crash(), crash({}), known, result("Topic.Hangs", kit::Cause::kTimedOut, {"Topic.One/udp4"}),
                    result("Topic.Passes", kit::Cause::kNone, {"Topic.One/udp4"})};
  EXPECT_THAT(crashed_behind_others(results), ElementsAre("Topic.Two/udp4"));
}

TEST_F(AloneTest, ManyEndsAreNotAllJudgedAlone) {
  Results results;
  results.checks.assign(100, crash());
  EXPECT_THAT(crashed_behind_others(results), SizeIs(32));
}

TEST_F(AloneTest, AnEndThatDoesNotRecurSaysWhatCameBefore) {
  Result found = crash({"A.A/udp4", "A.B/udp4", "A.C/udp4", "A.D/udp4", "A.E/udp4"});
  note_alone(found, alone(), harmless_);
  EXPECT_EQ(found.verdict(), "CRASH") << "the process did end";
  EXPECT_EQ(found.alone, kPass);
  EXPECT_EQ(found.outcome.reason,
            "the process was ended\ndoes not recur alone: in a process of its own the check is PASS; the process had "
            "performed 5 checks, the last of them A.B/udp4, A.C/udp4, A.D/udp4, A.E/udp4");
  EXPECT_EQ(summary_of(found.outcome), "the process was ended") << "it is grouped with the others";
  EXPECT_EQ(to_json(found).at("alone"), "PASS");
  EXPECT_FALSE(to_json(found).contains("damaged_by"));
}

TEST_F(AloneTest, AnEndThatRecursIsTheChecks) {
  for (const Baseline* baseline : {&harmless_, &damaging_}) {
    Result found = crash();
    note_alone(found, alone(kit::Cause::kEnded), *baseline);
    EXPECT_EQ(found.verdict(), "CRASH");
    EXPECT_THAT(found.outcome.reason, EndsWith("it ends so too"));
    EXPECT_EQ(found.damaged_by, nullptr);
  }
}

TEST_F(AloneTest, AnEndBehindWhatDamagesTheProcessIsChargedToThat) {
  Result found = crash();
  found.repro = "a line";
  note_alone(found, alone(), damaging_);
  EXPECT_EQ(found.verdict(), "PASS");
  EXPECT_THAT(found.outcome.reason, IsEmpty());
  EXPECT_EQ(found.repro, "a line");
  ASSERT_NE(found.damaged_by, nullptr);
  EXPECT_THAT(to_json(found).at("damaged_by").at("entry").get<std::string>(), StartsWith("file.toml:"));
}

TEST_F(AloneTest, WhatDoesNotDamageTheProcessIsNotChargedWithItsEnd) {
  Result found = crash({"Topic.Two/tcp4"});  // which is listed, by an entry that says nothing of damage
  note_alone(found, alone(), damaging_);
  EXPECT_EQ(found.verdict(), "CRASH");
}

TEST_F(AloneTest, WhatFailsAloneFailsBehindDamageToo) {
  Result found = crash();
  found.known = damaging_.entry_for("Topic.Two/tcp4");
  note_alone(found, alone(kit::Cause::kTimedOut), damaging_);
  EXPECT_EQ(found.verdict(), "HANG");
  EXPECT_EQ(found.known, damaging_.entry_for("Topic.Two/tcp4"));
}

TEST_F(AloneTest, WhatCameBeforeGoesFromProcessToProcess) {
  claim_.topic = "Topic";
  Result found = result(conformance::every_claim()[0].topic + "." + conformance::every_claim()[0].name + "/udp4",
                        kit::Cause::kEnded, {"Topic.One/udp4"});
  EXPECT_THAT(result_from_json(to_message(found)).before, ElementsAre("Topic.One/udp4"));
}

}  // namespace
}  // namespace recvinto::runner
