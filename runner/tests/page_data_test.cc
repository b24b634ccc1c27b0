// What pages know of a run.

#include "runner/page_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "conformance/framework/claim.h"
#include "runner/areas.h"
#include "runner/html_report.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::Gt;
using testing::Lt;
using testing::SizeIs;
using testing::StartsWith;

json failure(const std::string& id, const std::string& reason = "") {
  return {{"id", id},
          {"requirements", {"fills-in-order"}},
          {"level", "required"},
          {"verdict", "FAIL"},
          {"cause", "differs"},
          {"summary", "nbytes differs"},
          {"reason", reason},
          {"differences", json::array()},
          {"milliseconds", 1},
          {"repro", "run it"}};
}

json difference(const std::string& expected, const std::string& actual) {
  return {{"where", "call 1"}, {"field", "data"}, {"expected", expected}, {"actual", actual}};
}

TEST(AreasTest, EveryTopicHasOne) {
  for (const conformance::Claim& claim : conformance::every_claim())
    EXPECT_NE(area_of(claim.topic), kOtherArea) << claim.topic << ": name it in runner/areas.cc";
  EXPECT_EQ(area_of("NoSuchTopic"), kOtherArea);
  EXPECT_EQ(every_area().back(), kOtherArea);
}

TEST(PageDataTest, LongValuesAreShownWhereTheyDiffer) {
  const std::string same(100'000, 's');
  json check = failure("Topic.Claim/udp4");
  check["differences"].push_back(difference(same + "expected" + same, same + "actual" + same));
  const json shown = PageChecks().next(check).at("differences").at(0);
  EXPECT_THAT(shown.at("expected").get<std::string>(),
              AllOf(StartsWith("[99880 before] sss"), testing::HasSubstr("expected"), SizeIs(Lt(1000))));
  EXPECT_THAT(shown.at("actual").get<std::string>(), testing::HasSubstr("actual"));
}

TEST(PageDataTest, NoCharacterIsCutInTwo) {
  EXPECT_EQ(shortened("a\u20acb", 2), "a [4 more]");
  EXPECT_EQ(shortened("a\u20acb", 4), "a\u20ac [1 more]");
  EXPECT_EQ(shortened("a\u20acb", 5), "a\u20acb");
}

TEST(PageDataTest, OfStandardErrorTheEndIsKept) {
  json check = failure("Topic.Claim/udp4");
  check["stderr"] = std::string(5'000'000, 'x') + "the end";
  EXPECT_THAT(PageChecks().next(check).at("stderr").get<std::string>(),
              AllOf(EndsWith("the end"), SizeIs(Lt(5000)), StartsWith("[4996007 bytes before]")));
}

TEST(PageDataTest, OfManyStepsTheFirstAndTheLastAreKept) {
  json check = failure("Topic.Claim/udp4");
  json steps = json::array();
  for (int i = 0; i < 1000; ++i) steps.push_back({{"step", std::to_string(i)}});
  check["observation"] = {{"kind", "udp4"}, {"steps", steps}};
  const json shown = PageChecks().next(check).at("steps");
  ASSERT_THAT(shown, SizeIs(37));
  EXPECT_EQ(shown[11], "11");
  EXPECT_EQ(shown[12], json({{"omitted", 964}}));
  EXPECT_EQ(shown[13], "976");
  EXPECT_EQ(shown[36], "999");
}

TEST(PageDataTest, DetailsOfARunHaveAFewMegabytes) {
  PageChecks page;
  json check = failure("Topic.Claim/udp4");
  for (int i = 0; i < 24; ++i) check["differences"].push_back(difference(std::string(500, 'e'), std::string(500, 'a')));
  std::size_t bytes = 0;
  std::size_t brief = 0;
  for (int i = 0; i < 1000; ++i) {
    const json shown = page.next(check);
    bytes += shown.dump().size();
    if (shown.contains("is_brief")) ++brief;
  }
  EXPECT_THAT(bytes, Lt(2'500'000U));
  EXPECT_THAT(brief, Gt(800U));
  check["summary"] = "another cause";
  EXPECT_FALSE(page.next(check).contains("is_brief"));
}

}  // namespace
}  // namespace recvinto::runner
