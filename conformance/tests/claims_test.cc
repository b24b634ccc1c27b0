#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "conformance/framework/check.h"
#include "conformance/framework/claim.h"

namespace recvinto::conformance {
namespace {

TEST(EveryClaim, MakesSenseOnAKindOfSocket) {
  for (const Claim& claim : every_claim()) EXPECT_FALSE(claim.kinds.empty()) << claim.topic << '.' << claim.name;
}

TEST(EveryClaim, MakesChecksWithIdsOfTheirOwn) {
  std::set<std::string> ids;
  for (const Claim& claim : every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) EXPECT_TRUE(ids.insert(claim.id(kind)).second) << claim.id(kind);
  }
}

TEST(EveryClaim, HasANameOfItsOwn) {
  std::set<std::string> names;
  for (const Claim& claim : every_claim()) {
    EXPECT_TRUE(names.insert(claim.topic + "." + claim.name).second) << claim.topic << '.' << claim.name;
  }
}

// A check is known by the name of its kind: two kinds of one name would be one check.
TEST(EveryClaim, IsMadeForKindsThatDifferInName) {
  std::map<std::string_view, kit::SocketKind> kinds;
  for (const Claim& claim : every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) {
      EXPECT_EQ(kinds.try_emplace(kind.name, kind).first->second, kind) << claim.id(kind);
    }
  }
}

// GoogleTest takes these apart in filters, and passes disabled tests over.
TEST(EveryClaim, HasAnIdThatAFilterCanName) {
  for (const Claim& claim : every_claim()) {
    EXPECT_EQ((claim.topic + claim.name).find_first_of(" -:*?./"), std::string::npos) << claim.topic << claim.name;
    EXPECT_EQ((claim.topic + claim.name).find("DISABLED"), std::string::npos) << claim.topic << claim.name;
  }
}

TEST(EveryClaim, KnowsWhereItIsWritten) {
  for (const Claim& claim : every_claim()) {
    EXPECT_TRUE(claim.file.ends_with("_test.cc")) << claim.file;
    EXPECT_GT(claim.line, 0);
  }
}

TEST(EveryClaim, MakesAFreshCheckEachTime) {
  for (const Claim& claim : every_claim()) {
    const auto one = claim.make();
    const auto other = claim.make();
    ASSERT_NE(one, nullptr);
    EXPECT_NE(one.get(), other.get());
  }
}

TEST(Claims, AreMany) {
  std::size_t checks = 0;
  for (const Claim& claim : every_claim()) checks += claim.kinds.size();
  EXPECT_GE(checks, 120U);
}

TEST(Claim, HasTheLevelOfTheStrongestRequirementThatItCites) {
  std::array<std::string, 3> slug_of;
  for (const Requirement& requirement : every_requirement()) {
    slug_of[static_cast<std::size_t>(requirement.level)] = requirement.slug;
  }
  const auto& [required, platform, recommended] = slug_of;
  const auto level_of = [](std::vector<std::string> slugs) {
    Claim claim;
    claim.requirements = std::move(slugs);
    return claim.level();
  };
  EXPECT_EQ(level_of({recommended}), Level::kRecommended);
  EXPECT_EQ(level_of({recommended, platform}), Level::kPlatform);
  EXPECT_EQ(level_of({platform, required, recommended}), Level::kRequired);
}

TEST(Claim, HasAnIdOfTopicNameAndKind) {
  Claim claim;
  claim.topic = "Scatter";
  claim.name = "FillsBuffersInOrder";
  EXPECT_EQ(claim.id(kit::kUdp4), "Scatter.FillsBuffersInOrder/udp4");
}

}  // namespace
}  // namespace recvinto::conformance
