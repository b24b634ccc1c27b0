#include "conformance/framework/requirement.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <optional>
#include <stdexcept>

namespace recvinto::conformance {
namespace {

[[noreturn]] void complain(const RequirementFile& file, const toml::node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", file.name, node.source().begin.line, what));
}

std::optional<Level> level_named(std::string_view word) {
  for (const Level level : {Level::kRequired, Level::kPlatform, Level::kRecommended}) {
    if (name(level) == word) return level;
  }
  return std::nullopt;
}

std::string text_of(const RequirementFile& file, const toml::table& table, std::string_view key) {
  const auto text = table[key].value<std::string>();
  if (!text || text->empty()) complain(file, table, fmt::format("this entry has no \"{}\"", key));
  return *text;
}

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

std::vector<Requirement> parse_requirements(const RequirementFile& file) {
  toml::table root;
  try {
    root = toml::parse(file.text, file.name);
  } catch (const toml::parse_error& error) {
    throw std::runtime_error(fmt::format("{}:{}: {}", file.name, error.source().begin.line, error.description()));
  }
  const toml::table* source = root["source"].as_table();
  const toml::array* entries = root["requirement"].as_array();
  if (source == nullptr || entries == nullptr) complain(file, root, "wants one [source] and some [[requirement]]");
  std::vector<Requirement> requirements;
  for (const toml::node& node : *entries) {
    if (!node.is_table()) complain(file, node, "a requirement is a table");
    const toml::table& entry = *node.as_table();
    const auto level = level_named(text_of(file, entry, "level"));
    if (!level) complain(file, entry, "the level is none of required, platform, recommended");
    requirements.push_back(
        {.slug = text_of(file, entry, "slug"),
         .level = *level,
         .sentence = text_of(file, entry, "sentence"),
         .citation = fmt::format("{}: {}", text_of(file, *source, "title"), text_of(file, entry, "section")),
         .url = text_of(file, *source, "url"),
         .excluded = entry["excluded"].value_or(std::string())});
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
