// Baselines: reading them, and what they match.

#include "runner/baseline.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "runner/tests/some_baseline.h"

namespace recvinto::runner {
namespace {

using enum kit::Verdict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

template <typename Function>
std::string complaint_of(Function function) {
  try {
    function();
  } catch (const UnusableBaseline& error) {
    return error.what();
  }
  return "no complaint";
}

std::string complaint_about(std::string_view text) {
  return complaint_of([&] { parse_baseline(text, "some/file.toml"); });
}

TEST(Glob, MatchesAsGoogleTestDoes) {
  EXPECT_TRUE(matches("Topic.One/udp4", "Topic.One/udp4"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "anything"));
  EXPECT_TRUE(matches("To*/udp4", "Topic.One/udp4"));
  EXPECT_TRUE(matches("*One*", "Topic.One/udp4"));
  EXPECT_TRUE(matches("*/udp?", "Topic.One/udp4"));
  EXPECT_TRUE(matches("*o*4", "Topic.One/udp4")) << "the star takes more where it has to";
  EXPECT_TRUE(matches("**4", "Topic.One/udp4"));
  EXPECT_FALSE(matches("", "Topic.One/udp4"));
  EXPECT_FALSE(matches("Topic.One/udp", "Topic.One/udp4"));
  EXPECT_FALSE(matches("Topic.One/udp4?", "Topic.One/udp4"));
  EXPECT_FALSE(matches("Topic?One", "Topic.One/udp4"));
  EXPECT_FALSE(matches("*udp6", "Topic.One/udp4"));
  EXPECT_FALSE(matches("topic.*", "Topic.One/udp4"));
}

TEST(BaselineFile, TellsTheBytesOfACheckWithLettersOfSeveral) {
  const std::string line = "check = \"Ünïx*\"";
  const Known entry = parse_baseline("# für später\n[[known]]\nkind = \"bug\"\nreason = \"a\"\n" + line, "file").at(0);
  EXPECT_EQ(entry.check_line, 5);
  const auto begin = static_cast<std::size_t>(entry.check_begin) - 1;
  EXPECT_EQ(line.substr(begin, static_cast<std::size_t>(entry.check_end - entry.check_begin)), "\"Ünïx*\"");
}

TEST(BaselineFile, IsReadWhole) {
  const std::vector<Known> known = parse_baseline(kGood, "some/file.toml");
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].check, "Topic.One/*");
  EXPECT_EQ(known[0].kind, KnownKind::kBug);
  EXPECT_THAT(known[0].verdicts, ElementsAre(kFail)) << "unless it is said otherwise";
  EXPECT_EQ(known[0].reason, "it was always so");
  EXPECT_EQ(known[0].link, "https://example.org/1");
  EXPECT_EQ(known[0].where(), "some/file.toml:4");
  EXPECT_EQ(known[1].kind, KnownKind::kDeviation);
  EXPECT_THAT(known[1].verdicts, ElementsAre(kCrash));
  EXPECT_EQ(known[1].link, "");
  EXPECT_EQ(known[1].where(), "some/file.toml:10");
}

TEST(BaselineFile, MayListSeveralVerdicts) {
  const std::string text = good_but(R"(verdict = "CRASH")", R"(verdict = ["FAIL", "CRASH"])");
  EXPECT_THAT(parse_baseline(text, "f").at(1).verdicts, ElementsAre(kFail, kCrash));
  EXPECT_EQ(parse_baseline(text, "f").at(1).verdict_words(), "FAIL or CRASH");
  const auto complaint = [](std::string_view verdicts) { return complaint_about(good_but(R"("CRASH")", verdicts)); };
  EXPECT_THAT(parse_baseline(good_but(R"("CRASH")", R"(["FAIL", "PASS"])"), "f").at(1).verdicts,
              ElementsAre(kFail, kit::Verdict::kPass));
  EXPECT_THAT(complaint(R"(["PASS"])"), HasSubstr("PASS is listed beside a failure only"));
  EXPECT_THAT(complaint("[]"), HasSubstr("the list of verdicts is empty"));
  EXPECT_THAT(complaint(R"(["FAIL", "FAIL"])"), HasSubstr("the verdict is listed twice"));
  EXPECT_THAT(complaint(R"(["FAIL", "SKIP"])"), HasSubstr("the verdict is none of FAIL"));
  EXPECT_THAT(complaint("3"), HasSubstr("the verdict is none of FAIL"));
}

TEST(BaselineFile, MaySayThatACheckDamagesItsProcess) {
  const auto with = [](std::string_view value) {
    return good_but("link = \"https://example.org/1\"", fmt::format("damages_process = {}", value));
  };
  EXPECT_FALSE(parse_baseline(kGood, "f").at(0).damages_process);
  EXPECT_TRUE(parse_baseline(with("true"), "f").at(0).damages_process);
  EXPECT_FALSE(parse_baseline(with("false"), "f").at(0).damages_process);
  EXPECT_THAT(complaint_about(with("\"yes\"")), HasSubstr(":8: \"damages_process\" is true or false"));
}

TEST(BaselineFile, MayBeEmpty) {
  EXPECT_THAT(parse_baseline("", "f"), IsEmpty());
  EXPECT_THAT(parse_baseline("# nothing is known\n", "f"), IsEmpty());
}

TEST(BaselineFile, KnowsEveryKindAndVerdict) {
  for (const KnownKind kind : {KnownKind::kBug, KnownKind::kDeviation, KnownKind::kPlatform}) {
    EXPECT_EQ(parse_baseline(good_but("bug", name(kind)), "f")[0].kind, kind) << name(kind);
  }
  for (const kit::Verdict verdict : {kFail, kCrash, kHang, kProtocol}) {
    EXPECT_EQ(parse_baseline(good_but("CRASH", name(verdict)), "f")[1].verdicts, std::vector{verdict}) << name(verdict);
  }
}

TEST(BaselineFile, ThatIsWrongIsRefusedWithFileAndLine) {
  EXPECT_EQ(complaint_about(good_but("\"bug\"", "\"fault\"")),
            "some/file.toml:6: the kind is none of bug, deviation, platform");
  for (const char* no_verdict : {"PASS", "SKIP", "NOTRUN", "XFAIL", "crash"}) {
    EXPECT_EQ(complaint_about(good_but("CRASH", no_verdict)),
              "some/file.toml:13: the verdict is none of FAIL, CRASH, HANG, PROTOCOL");
  }
  EXPECT_EQ(complaint_about(good_but("link", "url")),
            "some/file.toml:8: \"url\" is no key of an entry; there are check, kind, verdict, field, reason, "
            "link, damages_process");
  EXPECT_EQ(complaint_about(good_but("\"it was always so\"", "\"\"")),
            "some/file.toml:7: \"reason\" wants a text that is not empty");
  EXPECT_EQ(complaint_about(good_but("\"bug\"", "7")), "some/file.toml:6: \"kind\" wants a text that is not empty");
  EXPECT_THAT(complaint_about(good_but("# What is known.", "version = 2")),
              StartsWith("some/file.toml:1: \"version\" has no place here"));
  EXPECT_THAT(complaint_about(good_but("\"bug\"", "bug")), StartsWith("some/file.toml:6: this is no TOML: "));
  EXPECT_THAT(complaint_about(good_but("kind = \"bug\"", "check = \"again\"")), StartsWith("some/file.toml:6: "));
}

TEST(BaselineFile, WithoutAKeyIsRefusedByItsName) {
  EXPECT_THAT(complaint_about("[[known]]\nkind = \"bug\"\nreason = \"r\"\n"),
              StartsWith("some/file.toml:1: this entry has no \"check\": add "));
  EXPECT_THAT(complaint_about("[[known]]\ncheck = \"c\"\nreason = \"r\"\n"),
              StartsWith("some/file.toml:1: this entry has no \"kind\": add one of bug, "));
  EXPECT_THAT(complaint_about("[[known]]\ncheck = \"c\"\nkind = \"bug\"\n"),
              StartsWith("some/file.toml:1: this entry has no \"reason\": add "));
}

TEST(BaselineFile, OfAnotherShapeIsRefused) {
  for (const char* text : {"known = 1", "[known]\ncheck = \"c\"", "known = [1]",
                           "known = [{check = \"c\", kind = \"bug\", reason = \"r\"}]"}) {
    EXPECT_EQ(complaint_about(text), "some/file.toml:1: write each entry as a [[known]] of its own") << text;
  }
  EXPECT_THAT(complaint_about("[[known]]\ncheck = \"\"\"\nc\"\"\"\nkind = \"bug\"\nreason = \"r\"\n"),
              HasSubstr("on one line"));
}

TEST(Baseline, KnowsTheEntryOfACheck) {
  const Baseline baseline = baseline_of(kGood);
  EXPECT_NO_THROW(baseline.require_usable());
  EXPECT_EQ(baseline.entry_for("Topic.One/tcp4"), baseline.entries().data());
  EXPECT_EQ(baseline.entry_for("Topic.Two/tcp4"), &baseline.entries()[1]);
  EXPECT_EQ(baseline.entry_for("Topic.Two/udp4"), nullptr);
  EXPECT_THAT(baseline.checks_of(baseline.entries()[0]), ElementsAre("Topic.One/udp4", "Topic.One/tcp4"));
}

TEST(Baseline, WithTwoEntriesForACheckIsRefusedWithBothLines) {
  EXPECT_THAT(complaint_of([] { baseline_of(good_but("Topic.Two/tcp4", "*/tcp4")); }),
              AllOf(StartsWith("file.toml:10: "), HasSubstr("file.toml:4"), HasSubstr("both list Topic.One/tcp4")));
}

TEST(Baseline, WithAnEntryForNoCheckIsNotUsable) {
  const Baseline baseline = baseline_of(good_but("Topic.Two/tcp4", "Topic.Three/*"));
  EXPECT_THAT(complaint_of([&] { baseline.require_usable(); }),
              StartsWith("file.toml:10: no check is named \"Topic.Three/*\": "));
}

TEST(Baseline, ThatNobodyHasExplainedIsNotUsable) {
  const Baseline baseline = baseline_of(good_but("it was always so", kUnexplained));
  EXPECT_THAT(complaint_of([&] { baseline.require_usable(); }),
              AllOf(StartsWith("file.toml:4: "), HasSubstr("to be explained"), HasSubstr("Topic.One/*")));
}

}  // namespace
}  // namespace recvinto::runner
