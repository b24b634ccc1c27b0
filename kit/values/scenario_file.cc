#include "kit/values/scenario_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "kit/values/json_value.h"
#include "kit/values/step_json.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr std::size_t kDeepest = 32;  // a scenario is not half as deep

/// Makes a document of what a parser reads, and refuses what its values would not show any more. The library's own
/// parser with a callback goes over all elements of an array again for each object in it.
class Reader {
 public:
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& /*text*/) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t& value) { return add(std::move(value)); }

  bool start_object(std::size_t /*elements*/) { return open(json::object()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*elements*/) { return open(json::array()); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    const auto [member, is_new] = open_.back()->get_ref<json::object_t&>().try_emplace(name);
    if (!is_new) {
      throw UnreadableScenario(
          fmt::format("the field {} is there twice in one object", json(name).dump(-1, ' ', true)));
    }
    member_ = &member->second;
    return true;
  }
  static bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception& error) {
    const std::string_view what = error.what();  // "[json.exception.parse_error.101] parse error at line 1, ..."
    const std::size_t end = what.find("] ");
    throw UnreadableScenario(
        fmt::format("the document is not JSON: {}", end == std::string_view::npos ? what : what.substr(end + 2)));
  }

  json take() { return std::move(document_); }

 private:
  json& put(json value) {
    if (open_.empty()) return document_ = std::move(value);
    if (!open_.back()->is_array()) return *member_ = std::move(value);
    return open_.back()->get_ref<json::array_t&>().emplace_back(std::move(value));
  }
  bool add(json value) {
    put(std::move(value));
    return true;
  }
  bool open(json value) {
    if (open_.size() > kDeepest) {
      throw UnreadableScenario(fmt::format("the document is nested deeper than {}", kDeepest));
    }
    // Elements of an array that is open are not moved: only the last one is open.
    open_.push_back(&put(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json document_;
  std::vector<json*> open_;  // objects and arrays, the innermost last
  json* member_ = nullptr;   // of the innermost object, to which a value belongs
};

json parsed(std::string_view text) {
  Reader reader;
  json::sax_parse(text, &reader);
  return reader.take();
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What dumped() writes, at a fraction of the cost: the library's serializer is made anew for each value.
void append(std::string& text, const json& value);

void append_string(std::string& text, std::string_view string) {
  const auto is_plain = [](char letter) { return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\'; };
  if (!std::ranges::all_of(string, is_plain)) {
    text += dumped(string);
    return;
  }
  text += '"';
  text += string;
  text += '"';
}

/// A member, with a comma before it.
void append_member(std::string& text, const std::string& name, const json& value) {
  text += ',';
  append_string(text, name);
  text += ':';
  append(text, value);
}

void append_object(std::string& text, const json::object_t& members) {
  const std::size_t begin = text.size();
  for (const auto& [name, value] : members) append_member(text, name, value);
  if (members.empty()) text += '{';
  text[begin] = '{';
  text += '}';
}

void append_array(std::string& text, const json::array_t& elements) {
  const std::size_t begin = text.size();
  for (const json& element : elements) {
    text += ',';
    append(text, element);
  }
  if (elements.empty()) text += '[';
  text[begin] = '[';
  text += ']';
}

void append(std::string& text, const json& value) {
  if (value.is_object()) {
    append_object(text, value.get_ref<const json::object_t&>());
  } else if (value.is_array()) {
    append_array(text, value.get_ref<const json::array_t&>());
  } else if (value.is_string()) {
    append_string(text, value.get_ref<const std::string&>());
  } else if (value.is_number_unsigned()) {
    fmt::format_to(std::back_inserter(text), "{}", value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    fmt::format_to(std::back_inserter(text), "{}", value.get<std::int64_t>());
  } else {
    text += dumped(value);
  }
}

/// With what it is at the beginning, where readers look for it.
void append_step(std::string& text, const Step& step) {
  const json written = step_to_json(step);
  text += R"({"step":)";
  append(text, written.at("step"));
  for (const auto& [name, value] : written.get_ref<const json::object_t&>()) {
    if (name != "step") append_member(text, name, value);
  }
  text += '}';
}

}  // namespace

std::string text_of(const ScenarioFile& file) {
  std::string text = fmt::format("{{\n \"schema\": {},\n", kSchema);
  if (!file.note.empty()) text += fmt::format(" \"note\": {},\n", dumped(file.note));
  if (!file.law.empty()) text += fmt::format(" \"law\": {},\n", dumped(file.law));
  if (file.seed) text += fmt::format(" \"seed\": {},\n", *file.seed);
  if (file.case_number) text += fmt::format(" \"case\": {},\n", *file.case_number);
  text += fmt::format(" \"scenario\": {{\n  \"kind\": {},\n  \"steps\": [", dumped(file.scenario.kind.name));
  std::string_view separator = "\n";
  for (const Step& step : file.scenario.steps) {
    text += separator;
    text += "   ";
    append_step(text, step);
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
