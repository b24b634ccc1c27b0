// Two-way closure: every documented sentence has a check or a reason why there is none, and every check has a sentence.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "conformance/framework/claim.h"
#include "conformance/framework/requirement.h"
#include "fixtures/faults/fault.h"

namespace recvinto::conformance {
namespace {

std::set<std::string> cited_slugs() {
  std::set<std::string> slugs;
  for (const Claim& claim : every_claim()) slugs.insert(claim.requirements.begin(), claim.requirements.end());
  return slugs;
}

bool exists(const std::string& slug) {
  return std::ranges::find(every_requirement(), slug, &Requirement::slug) != every_requirement().end();
}

TEST(EveryRequirement, HasAClaimOrAReasonWhyThereIsNone) {
  const std::set<std::string> cited = cited_slugs();
  for (const Requirement& requirement : every_requirement()) {
    EXPECT_TRUE(cited.contains(requirement.slug) || !requirement.excluded.empty()) << requirement.slug;
  }
}

TEST(EveryRequirement, WithAClaimHasNoReasonWhyThereIsNone) {
  const std::set<std::string> cited = cited_slugs();
  for (const Requirement& requirement : every_requirement()) {
    EXPECT_FALSE(cited.contains(requirement.slug) && !requirement.excluded.empty()) << requirement.slug;
  }
}

TEST(EveryClaim, CitesARequirement) {
  for (const Claim& claim : every_claim()) EXPECT_FALSE(claim.requirements.empty()) << claim.topic << '.' << claim.name;
}

TEST(EveryClaim, CitesRequirementsThatExist) {
  for (const Claim& claim : every_claim()) {
    for (const std::string& slug : claim.requirements) {
      EXPECT_TRUE(exists(slug)) << claim.topic << '.' << claim.name << " cites " << slug;
    }
  }
}

TEST(EveryClaim, CitesNoRequirementTwice) {
  for (const Claim& claim : every_claim()) {
    EXPECT_EQ(std::set(claim.requirements.begin(), claim.requirements.end()).size(), claim.requirements.size())
        << claim.topic << '.' << claim.name;
  }
}

TEST(EveryPlantedFault, BreaksRequirementsThatExistAndAreChecked) {
  const std::set<std::string> cited = cited_slugs();
  for (const kit::Fault& fault : kit::every_fault()) {
    for (const std::string_view slug : fault.breaks) {
      EXPECT_TRUE(cited.contains(std::string(slug))) << "fault:" << fault.name << " breaks " << slug;
    }
  }
}

TEST(EveryRequirement, ThatIsCheckedIsBrokenByAPlantedFault) {
  std::set<std::string> broken;
  for (const kit::Fault& fault : kit::every_fault()) broken.insert(fault.breaks.begin(), fault.breaks.end());
  for (const std::string& slug : cited_slugs()) {
    EXPECT_TRUE(broken.contains(slug)) << slug << ": its checks are not shown to be able to fail";
  }
}

}  // namespace
}  // namespace recvinto::conformance
