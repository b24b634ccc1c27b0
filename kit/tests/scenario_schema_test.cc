// The part of scenario.schema.json that says what steps there are is generated from their shapes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "kit/host/files.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kColumns = 120;

/// On one line: `{ "a": [1, 2] }`.
std::string line_of(const ordered_json& value) {
  if (!value.is_structured() || value.empty()) return value.dump();
  std::string text;
  for (const auto& [key, element] : value.items()) {
    text += text.empty() ? "" : ", ";
    if (value.is_object()) text += ordered_json(key).dump() + ": ";
    text += line_of(element);
  }
  return value.is_object() ? fmt::format("{{ {} }}", text) : fmt::format("[{}]", text);
}

/// Indented where a line would be too long. `before`: columns of the first line that are taken, `behind`: of the last.
std::string pretty(const ordered_json& value, std::size_t indent, std::size_t before, std::size_t behind) {
  const std::string line = line_of(value);
  if (!value.is_structured() || before + line.size() + behind <= kColumns) return line;
  const std::string margin(indent + 2, ' ');
  std::string text = value.is_object() ? "{" : "[";
  std::size_t column = kColumns;
  std::size_t left = value.size();
  for (const auto& [key, element] : value.items()) {
    const std::size_t comma = --left == 0 ? 0 : 1;
    const std::string name = value.is_object() ? ordered_json(key).dump() + ": " : "";
    const bool fills = value.is_array() && element.is_string();  // as many words as a line holds
    const std::string one = name + pretty(element, indent + 2, margin.size() + name.size(), comma);
    if (fills && column + 1 + one.size() + comma <= kColumns) {
      text += " " + one;
      column += 1 + one.size() + comma;
    } else {
      text += "\n" + margin + one;
      column = margin.size() + one.size() + comma;
    }
    if (comma != 0) text += ",";
  }
  return text + "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

TEST(ScenarioSchema, SaysOfStepsWhatTheirShapesRead) {
  ordered_json schema = ordered_json::parse(text_of_file(SCENARIO_SCHEMA));
  schema["definitions"]["step"] = {{"oneOf", steps_schema()}};
  const std::string expected = pretty(schema, 0, 0, 0) + "\n";
  if (std::getenv("WRITE_SCHEMA") != nullptr) write_whole(SCENARIO_SCHEMA, expected);
  EXPECT_EQ(text_of_file(SCENARIO_SCHEMA), expected)
      << "WRITE_SCHEMA=1 kit_tests --gtest_filter=ScenarioSchema.* writes it anew";
}

}  // namespace
}  // namespace recvinto::kit
