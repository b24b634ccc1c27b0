// The content of junit.xml.

#include "runner/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace recvinto::runner {
namespace {

using enum kit::Verdict;
using testing::HasSubstr;

class JunitTest : public testing::Test {
 protected:
  JunitTest() { claim_.topic = "Topic"; }

  Result& add(const std::string& id, kit::Verdict verdict) {
    Result result;
    result.claim = &claim_;
    result.id = id;
    result.outcome.verdict = verdict;
    if (verdict == kFail) result.outcome = kit::outcome_of(kit::Differences{{"some_test.cc:7", "nbytes", "3", "4"}});
    results_.checks.push_back(result);
    return results_.checks.back();
  }

  conformance::Claim claim_;
  Results results_;
};

TEST_F(JunitTest, TellsFailuresSkipsAndPasses) {
  const Known known{.check = "*", .reason = "it is known", .file = "f.toml", .line = 3};
  add("Topic.A/udp4", kPass);
  add("Topic.B/udp4", kFail);
  add("Topic.C/udp4", kSkip).outcome.reason = "no such host";
  add("Topic.D/udp4", kFail).known = &known;
  add("Topic.E/udp4", kPass).known = &known;
  add("Topic.F/udp4", kHang).outcome.reason = "no answer";
  const std::string text = to_junit(results_);
  EXPECT_THAT(text, HasSubstr("tests=\"6\" failures=\"3\" disabled=\"0\" errors=\"0\" skipped=\"2\""));
  EXPECT_THAT(text, testing::ContainsRegex("name=\"A/udp4\" classname=\"Topic\"[^>]* />"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"FAIL: nbytes: expected 3, actual 4\">some_test.cc:7:&#10;"));
  EXPECT_THAT(text, HasSubstr("* nbytes    3         4&#10;reproduce: "));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"SKIP: no such host\">"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "<skipped message=\"XFAIL: nbytes: expected 3, actual 4 (listed f.toml:3 as FAIL: bug, it is known)\">"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"XPASS (listed f.toml:3 as FAIL: bug, it is known)\">"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"HANG: no answer\">"));
}

TEST_F(JunitTest, IsXmlWhateverAnImplementationSays) {
  EXPECT_EQ(escaped_for_xml("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
  EXPECT_EQ(escaped_for_xml("one\ntwo\tthree"), "one&#10;two&#9;three");
  EXPECT_EQ(escaped_for_xml(std::string_view("\0\x1b[1m\r", 6)), "\\x00\\x1b[1m\\x0d");
  EXPECT_EQ(escaped_for_xml("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(escaped_for_xml("\xff|\xEF\xBF\xBE|"), "\xEF\xBF\xBD|\xEF\xBF\xBD|");
}

}  // namespace
}  // namespace recvinto::runner
