// The reader of conformance/requirements/*.toml.

#include "conformance/framework/requirement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace recvinto::conformance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGood = R"([source]
title = "The Book"
url = "https://example.org/book"

[[requirement]]
slug = "first"
level = "required"
sentence = "It holds."
section = "Chapter 1"

[[requirement]]
slug = "second"
level = "recommended"
sentence = "It should hold."
section = "Chapter 2"
excluded = "it cannot be observed"
)";

/// The good file with `what` replaced.
std::string good_but(std::string_view what, std::string_view by) {
  std::string text(kGood);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string complaint_about(const std::vector<RequirementFile>& files) {
  try {
    parse_requirements(files);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

std::string complaint_about(std::string_view text) {
  return complaint_about(std::vector<RequirementFile>{{"some/file.toml", text}});
}

TEST(RequirementFile, IsReadWhole) {
  const std::vector<Requirement> requirements = parse_requirements(RequirementFile{"some/file.toml", kGood});
  ASSERT_EQ(requirements.size(), 2U);
  EXPECT_EQ(requirements[0].slug, "first");
  EXPECT_EQ(requirements[0].level, Level::kRequired);
  EXPECT_EQ(requirements[0].sentence, "It holds.");
  EXPECT_EQ(requirements[0].citation, "The Book: Chapter 1");
  EXPECT_EQ(requirements[0].url, "https://example.org/book");
  EXPECT_EQ(requirements[0].excluded, "");
  EXPECT_EQ(requirements[1].level, Level::kRecommended);
  EXPECT_EQ(requirements[1].excluded, "it cannot be observed");
}

TEST(RequirementFile, KnowsEveryLevel) {
  for (const Level level : {Level::kRequired, Level::kPlatform, Level::kRecommended}) {
    const std::string text = good_but("\"required\"", '"' + std::string(name(level)) + '"');
    EXPECT_EQ(parse_requirements(RequirementFile{"some/file.toml", text})[0].level, level) << name(level);
  }
}

TEST(RequirementFile, WithAnUnknownLevelIsRefusedWithFileAndLine) {
  EXPECT_EQ(complaint_about(good_but("\"required\"", "\"mandatory\"")),
            "some/file.toml:5: the level is none of required, platform, recommended");
}

TEST(RequirementFile, WithoutAKeyIsRefusedByItsNameWithFileAndLine) {
  for (const char* key : {"slug", "level", "sentence", "section"}) {
    EXPECT_THAT(complaint_about(good_but(std::string(key) + " =", "other =")),
                StartsWith("some/file.toml:5: this entry has no \"" + std::string(key) + "\": add "));
  }
  for (const char* key : {"title", "url"}) {
    EXPECT_THAT(complaint_about(good_but(std::string(key) + " =", "other =")),
                StartsWith("some/file.toml:1: this entry has no \"" + std::string(key) + "\": add "));
  }
}

TEST(RequirementFile, WithAnEmptyTextIsRefused) {
  EXPECT_THAT(complaint_about(good_but("\"It should hold.\"", "\"\"")),
              AllOf(StartsWith("some/file.toml:14: "), HasSubstr("\"sentence\"")));
}

TEST(RequirementFile, WithATextThatIsANumberIsRefused) {
  EXPECT_THAT(complaint_about(good_but("\"second\"", "2")), HasSubstr("\"slug\""));
}

TEST(RequirementFile, WithoutItsTablesIsRefused) {
  for (const std::string& text : {std::string(), good_but("[source]", "[sauce]"), std::string("requirement = 1"),
                                  std::string("[source]\ntitle = \"t\"\nurl = \"u\"\n")}) {
    EXPECT_THAT(complaint_about(text), AllOf(StartsWith("some/file.toml:"), HasSubstr("[[requirement]]"))) << text;
  }
}

TEST(RequirementFile, ThatIsNoTomlIsRefusedWithFileAndLine) {
  EXPECT_THAT(complaint_about(good_but("section = \"Chapter 1\"", "section = Chapter 1")),
              StartsWith("some/file.toml:9: "));
}

TEST(RequirementFile, WithAKeyTwiceIsRefused) {
  EXPECT_THAT(complaint_about(good_but("section = \"Chapter 1\"", "slug = \"again\"")),
              StartsWith("some/file.toml:9: "));
}

TEST(RequirementFiles, AreReadInTheirOrder) {
  const std::string more = good_but("\"first\"", "\"third\"").replace(kGood.find("second"), 6, "fourth");
  std::vector<std::string> slugs;
  for (const Requirement& requirement :
       parse_requirements(std::vector<RequirementFile>{{"a.toml", kGood}, {"b.toml", more}})) {
    slugs.push_back(requirement.slug);
  }
  EXPECT_THAT(slugs, testing::ElementsAre("first", "second", "third", "fourth"));
}

TEST(RequirementFiles, MayNotHaveASlugTwice) {
  const std::string again = good_but("\"first\"", "\"third\"");
  const std::string within = good_but("\"second\"", "\"first\"");
  EXPECT_EQ(complaint_about(std::vector<RequirementFile>{{"a.toml", kGood}, {"b.toml", again}}),
            "b.toml: the slug second is taken");
  EXPECT_EQ(complaint_about(std::vector<RequirementFile>{{"a.toml", within}}), "a.toml: the slug first is taken");
}

TEST(EveryRequirement, HasASlugOfItsOwn) {
  std::set<std::string_view> slugs;
  for (const Requirement& requirement : every_requirement()) {
    EXPECT_TRUE(slugs.insert(requirement.slug).second) << requirement.slug;
  }
  EXPECT_FALSE(slugs.empty());
}

TEST(EveryRequirement, IsFoundByItsSlug) {
  for (const Requirement& requirement : every_requirement()) {
    EXPECT_EQ(&requirement_named(requirement.slug), &requirement);
  }
}

TEST(EveryRequirement, HasASentenceThatEndsAndALinkThatBegins) {
  for (const Requirement& requirement : every_requirement()) {
    EXPECT_TRUE(requirement.sentence.ends_with('.')) << requirement.slug << ": " << requirement.sentence;
    EXPECT_TRUE(requirement.url.starts_with("https://")) << requirement.slug << ": " << requirement.url;
  }
}

TEST(Requirement, ThatNobodyWroteIsNotFound) {
  EXPECT_THROW(requirement_named("no-such-requirement"), std::out_of_range);
  EXPECT_THROW(requirement_named(""), std::out_of_range);
}

TEST(RequirementFiles, AreNamedAsInTheRepository) {
  for (const RequirementFile& file : requirement_files()) {
    EXPECT_THAT(std::string(file.name), AllOf(StartsWith("conformance/requirements/"), testing::EndsWith(".toml")));
  }
}

}  // namespace
}  // namespace recvinto::conformance
