#include "kit/values/scenario_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "kit/values/json_value.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr int kDeepest = 32;  // a scenario is not half as deep

/// Looks at a document while it is parsed, for what its values would not show any more.
class Watch {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth > kDeepest) throw UnreadableScenario(fmt::format("the document is nested deeper than {}", kDeepest));
    if (event == json::parse_event_t::object_start) {
      names_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names_.pop_back();
    } else if (event == json::parse_event_t::key && !names_.back().insert(value.get<std::string>()).second) {
      throw UnreadableScenario(fmt::format("the field {} is there twice in one object", value.dump(-1, ' ', true)));
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

json parsed(std::string_view text) {
  try {
    return json::parse(text, [watch = Watch()](int depth, json::parse_event_t event, const json& value) mutable {
      return watch(depth, event, value);
    });
  } catch (const json::parse_error& error) {
    const std::string_view what = error.what();  // "[json.exception.parse_error.101] parse error at line 1, ..."
    const std::size_t end = what.find("] ");
    throw UnreadableScenario(
        fmt::format("the document is not JSON: {}", end == std::string_view::npos ? what : what.substr(end + 2)));
  }
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// With what it is at the beginning, where readers look for it.
std::string line_of(json step) {
  const std::string name = dumped(step.at("step"));
  step.erase("step");
  const std::string others = dumped(step);
  return fmt::format(R"({{"step":{}{}{})", name, step.empty() ? "" : ",", others.substr(1));
}

}  // namespace

std::string text_of(const ScenarioFile& file) {
  const json scenario = to_json(file.scenario);
  std::string text = fmt::format("{{\n \"schema\": {},\n", kSchema);
  if (!file.note.empty()) text += fmt::format(" \"note\": {},\n", dumped(file.note));
  if (!file.law.empty()) text += fmt::format(" \"law\": {},\n", dumped(file.law));
  if (file.seed) text += fmt::format(" \"seed\": {},\n", *file.seed);
  if (file.case_number) text += fmt::format(" \"case\": {},\n", *file.case_number);
  text += fmt::format(" \"scenario\": {{\n  \"kind\": {},\n  \"steps\": [", dumped(scenario.at("kind")));
  std::string_view separator = "\n";
  for (const json& step : scenario.at("steps")) {
    text += fmt::format("{}   {}", separator, line_of(step));
    separator = ",\n";
  }
  return text + "\n  ]\n }\n}\n";
}

ScenarioFile scenario_file_from(std::string_view text) {
  const json document = parsed(text);
  JsonObject object{JsonValue(document)};
  // First of all: a later schema may have other fields.
  if (const JsonValue schema = object.at("schema"); schema.get() != kSchema) {
    schema.complain_of_kind(fmt::format("{}: the only one that this version of the suite reads", kSchema));
  }
  ScenarioFile file{.scenario = read_scenario(object.at("scenario"))};
  if (const auto law = object.find("law")) file.law = law->text();
  if (const auto seed = object.find("seed")) file.seed = seed->integer<std::uint64_t>();
  if (const auto number = object.find("case")) file.case_number = number->integer<std::uint64_t>();
  if (const auto note = object.find("note")) file.note = note->text();
  object.refuse_others();
  return file;
}

}  // namespace recvinto::kit
