#include "runner/saved_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "kit/host/files.h"
#include "kit/values/verdict.h"
#include "runner/failure_text.h"
#include "runner/page_data.h"
#include "runner/result_json.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

std::string text_of(const std::filesystem::path& file) {
  try {
    return kit::text_of_file(file);
  } catch (const std::system_error& error) {
    throw UnusableResults(error.what());
  }
}

json parsed(const std::string& text, const std::string& file) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    const std::size_t end = std::min(error.byte, text.size());
    throw UnusableResults(
        fmt::format("{}: no JSON, from line {} on", file,
                    1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n')));
  }
}

bool is_verdict(const std::string& word) {
  constexpr std::array kVerdicts{"PASS", "FAIL", "SKIP", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XFAIL", "XPASS"};
  return std::ranges::find(kVerdicts, word) != kVerdicts.end();
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument(what);
}

/// What is read later without asking; throws std::exception for what is otherwise.
void examine(const json& data) {
  for (const char* field : {"spec", "name", "version", "language"})
    data.at("implementation").at(field).get<std::string>();
  for (const char* field : {"system", "release", "machine"}) data.at("environment").at(field).get<std::string>();
  data.at("suite").get<std::string>();
  data.at("complete").get<bool>();
  require(data.value("merged_buffers", json(true)) == true, "merged_buffers is not true");
  for (const char* field : {"seed", "rounds", "rounds_differing"}) data.at(field).get<std::int64_t>();
  for (const auto& [verdict, count] : data.at("summary").items()) require(count.is_number(), verdict + " is no number");
  for (const json& check : data.at("checks")) {
    const std::string id = check.at("id");
    require(id.find('.') < id.find('/') && id.find('/') != std::string::npos, "no id of a check: " + id);
    require(is_verdict(check.at("verdict")), id + " has an unknown verdict");
    for (const char* field : {"level", "repro"}) check.at(field).get<std::string>();
    check.at("milliseconds").get<std::int64_t>();
    for (const json& slug : check.at("requirements")) slug.get<std::string>();
    if (const auto known = check.find("baseline"); known != check.end()) {
      for (const char* field : {"entry", "kind", "reason"}) known->at(field).get<std::string>();
    }
    for (const json& difference : check.value("differences", json::array())) {
      for (const char* field : {"where", "field", "expected", "actual"}) difference.at(field).get<std::string>();
    }
  }
}

}  // namespace

json read_results(const std::filesystem::path& path) {
  const std::filesystem::path file = std::filesystem::is_directory(path) ? path / "results.json" : path;
  const json document = parsed(text_of(file), file.string());
  if (!document.is_object() || !document.contains("schema") || !document.contains("checks")) {
    throw UnusableResults(file.string() + ": not the results of a run (results.json)");
  }
  const json& schema = document["schema"];
  if (schema != kResultsSchema) {
    throw UnusableResults(fmt::format("{}: results of schema {}; this version reads {}", file.string(),
                                      in_one_line(schema.dump(-1, ' ', true, json::error_handler_t::replace)),
                                      kResultsSchema));
  }
  try {
    json data = page_data(document);
    examine(data);
    return data;
  } catch (const std::exception& error) {
    throw UnusableResults(
        fmt::format("{}: not as docs/results.schema.json has it: {}", file.string(), in_one_line(error.what())));
  }
}

}  // namespace recvinto::runner
