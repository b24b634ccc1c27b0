// Runs in short: Markdown, TAP, badges, and what is new between two of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/badge.h"
#include "runner/markdown.h"
#include "runner/matrix.h"
#include "runner/page_data.h"
#include "runner/page_groups.h"
#include "runner/run_comparison.h"
#include "runner/tap.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A run of these verdicts, one check each: page_data() of it.
json run_of(const std::string& name, const std::vector<std::string>& verdicts, const std::string& level = "required") {
  json data{{"implementation", {{"spec", "exec:" + name}, {"name", name}, {"version", "1"}, {"language", "C"}}},
            {"environment", json::object()},
            {"suite", "0"},
            {"complete", true},
            {"areas", {"Data and buffers", "Other"}},
            {"topics", {{"FillOrder", "Data and buffers"}}},
            {"summary", json::object()},
            {"checks", json::array()}};
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    json check{{"id", "FillOrder.Claim" + std::to_string(i) + "/udp4"},
               {"requirements", {"a-slug"}},
               {"level", level},
               {"verdict", verdicts[i]},
               {"milliseconds", 1},
               {"repro", "run it"}};
    if (verdicts[i] != "PASS") check.update({{"summary", "a cause"}, {"reason", "a reason"}});
    if (verdicts[i].front() == 'X')
      check["baseline"] = {{"entry", "f.toml:1"}, {"kind", "bug"}, {"verdict", "FAIL"}, {"reason", "it is known"}};
    data["checks"].push_back(check);
  }
  return data;
}

std::vector<std::string> ids_of(const std::vector<Change>& changes) {
  std::vector<std::string> ids;
  for (const Change& change : changes) ids.push_back(change.id.substr(10) + ' ' + change.before + ' ' + change.after);
  return ids;
}

TEST(RunComparisonTest, NewGoneAndOtherChanges) {
  const json before = run_of("a", {"PASS", "FAIL", "FAIL", "SKIP", "XFAIL", "PASS", "PASS"});
  const json after = run_of("a", {"FAIL", "PASS", "CRASH", "PASS", "FAIL", "PASS"});
  const RunComparison comparison = compare_runs(before, after);
  EXPECT_THAT(ids_of(comparison.new_failures), ElementsAre("Claim0/udp4 PASS FAIL", "Claim4/udp4 XFAIL FAIL"));
  EXPECT_THAT(ids_of(comparison.gone), ElementsAre("Claim1/udp4 FAIL PASS"));
  EXPECT_THAT(ids_of(comparison.others), ElementsAre("Claim2/udp4 FAIL CRASH", "Claim3/udp4 SKIP PASS"));
}

TEST(TallyTest, TheStatementSaysWhatCounts) {
  EXPECT_EQ(statement_of(tally_of(run_of("a", {"PASS", "FAIL", "SKIP", "XFAIL"}))), "1 of 3 judged checks fails");
  EXPECT_EQ(statement_of(tally_of(run_of("a", {"CRASH", "XPASS"}))), "2 of 2 judged checks fail");
  EXPECT_EQ(statement_of(tally_of(run_of("a", {"FAIL", "PASS"}, "recommended"))),
            "1 of 2 judged checks fails, all of them recommendations");
  EXPECT_EQ(statement_of(tally_of(run_of("a", {"PASS", "XFAIL", "SKIP"}))),
            "nothing fails unexpectedly: 1 pass, 1 fail as listed, 1 skipped");
  EXPECT_EQ(statement_of(tally_of(run_of("a", {"SKIP"}))), "nothing was judged");
}

TEST(TallyTest, LabelsDiffer) {
  json other = run_of("a", {"PASS"});
  other["implementation"]["spec"] = "raw";
  const json one = run_of("a", {"PASS"});
  EXPECT_THAT(labels_of({one, other, one, run_of("b", {"PASS"})}),
              ElementsAre("a 1 (exec:a)", "a 1 (raw)", "a 1 (exec:a), run 2", "b 1"));
  EXPECT_THAT(labels_of({one, one}), ElementsAre("a 1", "a 1, run 2"));
}

TEST(TallyTest, LabelsHavePathsFromTheLastFolderOnWhereTheyDifferSo) {
  const auto labels_with = [](const std::string& one, const std::string& other) {
    std::vector<json> runs(2, run_of("a", {"PASS"}));
    runs[0]["implementation"]["spec"] = one;
    runs[1]["implementation"]["spec"] = other;
    return labels_of(runs);
  };
  EXPECT_THAT(labels_with("plugin:/home/me/stream/plugin.so", "exec:/usr/bin/python3 -B my/adapter.py v"),
              ElementsAre("a 1 (plugin:stream/plugin.so)", "a 1 (exec:bin/python3 -B my/adapter.py v)"));
  EXPECT_THAT(labels_with("exec:/old/build/adapter", "exec:/new/build/adapter"),
              ElementsAre("a 1 (exec:/old/build/adapter)", "a 1 (exec:/new/build/adapter)"));
  EXPECT_THAT(labels_with("exec:/adapter", "exec:adapter"), ElementsAre("a 1 (exec:/adapter)", "a 1 (exec:adapter)"));
}

TEST(TallyTest, ARunWithMergedBuffersIsOfAnotherImplementation) {
  const json whole = run_of("a", {"PASS"});
  json merged = whole;
  merged["merged_buffers"] = true;
  EXPECT_THAT(labels_of({whole, merged, merged}),
              ElementsAre("a 1", "a 1, buffers merged", "a 1, buffers merged, run 2"));
  EXPECT_FALSE(is_same_implementation(whole, merged));
  EXPECT_TRUE(is_same_implementation(merged, merged));
  EXPECT_THAT(markdown_summary({merged}), HasSubstr("Judged as `exec:a`, with one buffer in place of several"));
  EXPECT_THAT(markdown_summary({whole}), Not(HasSubstr("one buffer")));
}

TEST(BadgeTest, ColorsSayWhetherItCounts) {
  const auto color = [](const std::vector<std::string>& verdicts, const char* level) {
    return badge_of(tally_of(run_of("a", verdicts, level))).color;
  };
  EXPECT_EQ(color({"PASS", "XFAIL"}, "required"), "brightgreen");
  EXPECT_EQ(color({"PASS", "FAIL"}, "recommended"), "yellow");
  EXPECT_EQ(color({"PASS", "FAIL"}, "platform"), "red");
  EXPECT_EQ(color({"XPASS"}, "recommended"), "red");
  EXPECT_EQ(color({"SKIP"}, "required"), "lightgrey");
  const Badge badge{.message = "<1> & 2", .color = "red"};
  EXPECT_THAT(badge_svg(badge), HasSubstr(">&lt;1&gt; &amp; 2</text>"));
  EXPECT_EQ(badge_json(badge).dump(),
            R"({"color":"red","label":"recvmsg_into","message":"<1> & 2","schemaVersion":1})");
}

TEST(MarkdownTest, TextStaysText) {
  EXPECT_EQ(escaped_for_markdown("a|b `c` *d* <img> &amp; [x](y) #1 @name\n- $z$"),
            "a\\|b \\`c\\` \\*d\\* &lt;img&gt; &amp;amp; \\[x\\](y) \\#1 &#64;name - \\$z\\$");
  EXPECT_EQ(escaped_for_markdown("see https://x: y\x1b[m"), "see https&#58;//x: y\\\\x1b\\[m");
  EXPECT_EQ(markdown_code("a b"), "`a b`");
  EXPECT_EQ(markdown_code("`` ` <b>\n"), "``` `` ` <b>  ```");
}

TEST(MarkdownTest, OneRunSaysItsCausesAndHowToReproduceThem) {
  const std::string text = markdown_summary({run_of("a|b", {"PASS", "FAIL", "FAIL", "XFAIL", "SKIP"})});
  EXPECT_THAT(text, HasSubstr("### recvmsg\\_into: a\\|b 1\n\n**2 of 4 judged checks fail.** Judged as `exec:a|b`.\n"));
  EXPECT_THAT(text, HasSubstr("\n| Data and buffers | 1 | **2** | 1 | 1 |\n"));
  EXPECT_THAT(text, HasSubstr("\n- **2 FAIL** a cause\n  `run it`\n"));
}

TEST(MarkdownTest, TwoRunsSayWhatIsNew) {
  const std::string text = markdown_summary({run_of("a", {"PASS", "FAIL"}), run_of("a", {"FAIL", "PASS"})});
  EXPECT_THAT(text, HasSubstr("\n#### a 1, run 2, compared with a 1\n"));
  EXPECT_THAT(text, HasSubstr("\nNew failures (1):\n\n- `FillOrder.Claim0/udp4`: PASS before, FAIL now\n"));
  EXPECT_THAT(text, HasSubstr("\nGone (1):\n\n- `FillOrder.Claim1/udp4`: FAIL before, PASS now\n"));
  EXPECT_THAT(markdown_summary({run_of("a", {"PASS"}), run_of("b", {"PASS"}), run_of("c", {"FAIL"})}),
              Not(HasSubstr("compared")));
}

TEST(MarkdownTest, AHugeRunHasAShortSummary) {
  json data = run_of("a", std::vector<std::string>(3000, "FAIL"));
  for (std::size_t i = 0; i < data["checks"].size(); ++i)
    data["checks"][i]["summary"] = std::to_string(i) + std::string(500, 'x');
  EXPECT_LT(markdown_summary({data}).size(), 30'000U);
}

TEST(TapTest, EveryVerdictHasItsLine) {
  json data = run_of("a", {"PASS", "FAIL", "SKIP", "XFAIL", "XPASS"});
  data["checks"][1]["differences"] = {
      {{"where", "x.cc:7"}, {"field", "nbytes"}, {"expected", "\"3\""}, {"actual", "4\x1b"}}};
  data["checks"][2]["reason"] = "no # such \\ host\n";
  EXPECT_EQ(tap_of({data}),
            "TAP version 14\n1..5\nok 1 - FillOrder.Claim0/udp4\nnot ok 2 - FillOrder.Claim1/udp4\n"
            "  ---\n  verdict: FAIL\n  level: required\n  message: \"a cause\"\n  reason: \"a reason\"\n"
            "  differences:\n    - where: \"x.cc:7\"\n      field: \"nbytes\"\n      expected: \"\\\"3\\\"\"\n"
            "      actual: \"4\\\\x1b\"\n  reproduce: \"run it\"\n  ...\n"
            "ok 3 - FillOrder.Claim2/udp4 # SKIP no \\# such \\\\ host \n"
            "not ok 4 - FillOrder.Claim3/udp4 # TODO it is known\n"
            "  ---\n  verdict: XFAIL\n  level: required\n  message: \"a cause\"\n  reason: \"a reason\"\n"
            "  listed: \"f.toml:1\"\n  reproduce: \"run it\"\n  ...\n"
            "not ok 5 - FillOrder.Claim4/udp4\n"
            "  ---\n  verdict: XPASS\n  level: required\n  message: \"a cause\"\n  reason: \"a reason\"\n"
            "  listed: \"f.toml:1\"\n  reproduce: \"run it\"\n  ...\n");
}

TEST(TapTest, SeveralRunsAreSubtests) {
  json unfinished = run_of("b", {"PASS"});
  unfinished["complete"] = false;
  EXPECT_THAT(tap_of({run_of("a", {"PASS"}), unfinished}),
              testing::StartsWith("TAP version 14\n1..2\n# Subtest: a 1\n    1..1\n    ok 1 - FillOrder.Claim0/udp4\n"
                                  "ok 1 - a 1\n# Subtest: b 1\n"));
  EXPECT_THAT(tap_of({run_of("a", {"PASS"}), unfinished}), testing::EndsWith("killed.\nnot ok 2 - b 1\n"));
  EXPECT_THAT(tap_of({unfinished}), HasSubstr("\nBail out! "));
}

TEST(MatrixTest, EachCheckHasAVerdictOfEachRunThatHasIt) {
  std::vector<json> runs{run_of("a", {"PASS", "FAIL"}), run_of("b", {"XFAIL", "PASS", "SKIP"})};
  const json matrix = matrix_json(matrix_runs(runs));
  EXPECT_EQ(matrix.at("checks").at(0).at("verdicts"), json({"PASS", "XFAIL"}));
  EXPECT_EQ(matrix.at("checks").at(2).at("verdicts"), json({nullptr, "SKIP"}));
  EXPECT_EQ(matrix.at("areas"), json::parse(R"([{"area": "Data and buffers", "counts": [{"fail": 1, "pass": 1},
                             {"pass": 1, "skip": 1, "xfail": 1}]}])"));
  EXPECT_EQ(matrix.at("comparisons").at(0).at("gone"),
            json::parse(R"([{"id": "FillOrder.Claim1/udp4", "before": "FAIL", "after": "PASS"}])"));
  EXPECT_EQ(matrix.at("implementations").at(1).at("report"), "runs/2-b-1.html");
}

TEST(MatrixTest, NamesOfFilesArePlain) {
  EXPECT_EQ(matrix_runs({run_of("../<Evil>/\xFF Name", {"PASS"})}).at(0).report, "runs/1-evil-name-1.html");
  EXPECT_EQ(matrix_runs({run_of("\u4e2d", {"PASS"})}).at(0).report, "runs/1-1.html");
}

}  // namespace
}  // namespace recvinto::runner
