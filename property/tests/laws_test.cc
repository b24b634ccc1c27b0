// The laws as a whole: each holds on the reference, and is tried on cases that show what it is about.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "property/framework/campaign.h"

namespace recvinto::property {
namespace {

Plan plan_for(const Law& law, const std::string& implementation, std::uint64_t cases) {
  Plan plan{.implementation = implementation, .laws = {&law}, .seed = 1, .cases = cases};
  plan.catalogue = kit::Catalogue(CONFORMANCE_RUNNER);
  return plan;
}

LawResult tried(const Plan& plan) {
  return run_cases(plan).at(0);
}

class EveryLaw : public testing::TestWithParam<const Law*> {};

TEST_P(EveryLaw, HoldsOnTheReference) {
  const LawResult result = tried(plan_for(*GetParam(), "reference", 300));
  EXPECT_FALSE(result.not_tried) << result.not_tried->reason;
  EXPECT_EQ(result.cases, 300U);
  EXPECT_EQ(result.fault, "");
  EXPECT_FALSE(result.counterexample) << kit::text_of(result.counterexample->outcome.differences);
}

TEST_P(EveryLaw, IsTriedOnCasesThatShowWhatItIsAbout) {
  ASSERT_FALSE(GetParam()->must_show.empty());
  const LawResult result = tried(plan_for(*GetParam(), "reference", 2500));
  EXPECT_EQ(result.not_shown(), std::vector<std::string_view>{});
}

INSTANTIATE_TEST_SUITE_P(Property, EveryLaw, testing::ValuesIn([] {
                           std::vector<const Law*> laws;
                           for (const Law& law : every_law()) laws.push_back(&law);
                           return laws;
                         }()),
                         [](const testing::TestParamInfo<const Law*>& law) { return std::string(law.param->name); });

TEST(Laws, HaveNamesOfTheirOwnAndSentences) {
  std::set<std::string_view> names;
  for (const Law& law : every_law()) {
    EXPECT_TRUE(names.insert(law.name).second) << law.name;
    EXPECT_TRUE(law.sentence.ends_with('.')) << law.name;
    EXPECT_EQ(law_named(law.name), &law);
  }
  EXPECT_EQ(law_named("NoSuchLaw"), nullptr);
}

TEST(Laws, AskOnlyForFeaturesThatThereAre) {
  std::set<std::string_view> features;
  for (std::size_t i = 0; i < kFeatures; ++i) features.insert(name(static_cast<Feature>(i)));
  EXPECT_EQ(features.size(), kFeatures);
  for (const Law& law : every_law()) {
    for (const std::string_view feature : law.must_show) EXPECT_TRUE(features.contains(feature)) << feature;
  }
}

}  // namespace
}  // namespace recvinto::property
