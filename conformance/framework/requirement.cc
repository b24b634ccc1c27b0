#include "conformance/framework/requirement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "conformance/framework/toml_file.h"

namespace recvinto::conformance {
namespace {

constexpr std::array kLevels{Level::kRequired, Level::kPlatform, Level::kRecommended};

}  // namespace

std::string_view name(Level level) {
  switch (level) {
    case Level::kRequired:
      return "required";
    case Level::kPlatform:
      return "platform";
    case Level::kRecommended:
      return "recommended";
  }
  return "?";
}

std::vector<Requirement> parse_requirements(const RequirementFile& text) {
  const TomlFile<std::runtime_error> file(text.name);
  const toml::table root = file.parse(text.text);
  const toml::table* source = root["source"].as_table();
  const toml::array* entries = root["requirement"].as_array();
  if (source == nullptr || entries == nullptr) file.complain(root, "wants one [source] and some [[requirement]]");
  std::vector<Requirement> requirements;
  for (const toml::node& node : *entries) {
    if (!node.is_table()) file.complain(node, "a requirement is a table");
    const toml::table& entry = *node.as_table();
    const auto level = named(kLevels, file.needed_text(entry, "level", "one of " + names_of(kLevels)));
    if (!level) file.complain(entry, "the level is none of " + names_of(kLevels));
    requirements.push_back(
        {.slug = file.needed_text(entry, "slug", "the name that claims cite"),
         .level = *level,
         .sentence = file.needed_text(entry, "sentence", "what is required"),
         .citation = fmt::format("{}: {}", file.needed_text(*source, "title", "the document's title"),
                                 file.needed_text(entry, "section", "where the document says so")),
         .url = file.needed_text(*source, "url", "the document's address"),
         .excluded = file.text_at(entry, "excluded").value_or("")});
  }
  return requirements;
}

std::vector<Requirement> parse_requirements(const std::vector<RequirementFile>& files) {
  std::vector<Requirement> requirements;
  for (const RequirementFile& file : files) {
    for (Requirement& requirement : parse_requirements(file)) {
      if (std::ranges::find(requirements, requirement.slug, &Requirement::slug) != requirements.end()) {
        throw std::runtime_error(fmt::format("{}: the slug {} is taken", file.name, requirement.slug));
      }
      requirements.push_back(std::move(requirement));
    }
  }
  return requirements;
}

const std::vector<Requirement>& every_requirement() {
  static const std::vector<Requirement> all = parse_requirements(requirement_files());
  return all;
}

const Requirement& requirement_named(std::string_view slug) {
  const auto& all = every_requirement();
  const auto found = std::ranges::find(all, slug, &Requirement::slug);
  if (found == all.end()) throw std::out_of_range(fmt::format("no requirement has the slug {}", slug));
  return *found;
}

}  // namespace recvinto::conformance
