#include "runner/result_json.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "kit/host/files.h"
#include "kit/performing/outcome_json.h"
#include "kit/subjects/choices.h"
#include "kit/values/scenario_json.h"
#include "runner/missing_words.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

json environment() {
  utsname host{};
  uname(&host);
  return {{"system", host.sysname}, {"release", host.release}, {"machine", host.machine}};
}

json to_json(const Known& known) {
  json verdicts = json::array();
  for (const kit::Verdict verdict : known.verdicts) verdicts.push_back(name(verdict));
  json entry{{"entry", known.where()},
             {"kind", name(known.kind)},
             {"verdict", verdicts.size() == 1 ? verdicts.front() : verdicts},
             {"reason", known.reason}};
  if (!known.link.empty()) entry["link"] = known.link;
  return entry;
}

json to_json(const kit::Error& error) {
  return {{"class", error.type}, {"errno", error.number ? json(*error.number) : json()}, {"message", error.message}};
}

kit::Error error_from(const json& object) {
  kit::Error error{.type = object.at("class"), .number = {}, .message = object.at("message")};
  if (const json& number = object.at("errno"); !number.is_null()) error.number = number.get<int>();
  return error;
}

}  // namespace

json to_json(const Result& result) {
  const kit::Outcome& outcome = result.outcome;
  json check{{"id", result.id},
             {"requirements", result.claim->requirements},
             {"level", name(result.claim->level())},
             {"verdict", result.verdict()},
             {"cause", name(outcome.cause)},
             {"summary", summary_of(outcome)},
             {"reason", outcome.reason},
             {"differences", kit::to_json(outcome.differences)},
             {"milliseconds", result.time.count()},
             {"repro", result.repro}};
  if (result.last_error) check["error"] = to_json(*result.last_error);
  if (!result.observation.empty()) check["observation"] = json::parse(result.observation);
  if (!result.scenario.empty()) check["scenario"] = result.scenario.string();
  if (!result.replay.empty()) check["replay"] = result.replay;
  if (result.alone) check["alone"] = name(*result.alone);
  if (result.damaged_by != nullptr) check["damaged_by"] = to_json(*result.damaged_by);
  if (!outcome.stderr_text.empty()) check["stderr"] = outcome.stderr_text;
  if (result.known != nullptr) check["baseline"] = to_json(*result.known);
  if (result.kernel_deviates()) check["kernel_deviates"] = true;
  return check;
}

json to_message(const Result& result) {
  json message = to_json(result);
  message["last_seen"] = result.last_seen;
  message["before"] = result.before;
  if (result.outcome.scenario) message["performed"] = kit::to_json(*result.outcome.scenario);
  return message;
}

Result result_from_json(const json& object) {
  Result result{.claim = nullptr, .id = object.at("id")};
  result.claim = &conformance::claim_of_check(result.id);
  result.outcome = kit::ended(kit::cause_named(object.at("cause").get<std::string>()), object.at("reason"));
  result.outcome.differences = kit::differences_from_json(object.at("differences"));
  result.outcome.stderr_text = object.value("stderr", "");
  result.time = std::chrono::milliseconds(object.at("milliseconds").get<std::int64_t>());
  result.repro = object.at("repro");
  result.scenario = object.value("scenario", "");
  result.replay = object.value("replay", "");
  if (const auto error = object.find("error"); error != object.end()) result.last_error = error_from(*error);
  if (const auto seen = object.find("observation"); seen != object.end()) result.observation = line_of(*seen);
  if (const auto seen = object.find("last_seen"); seen != object.end()) seen->get_to(result.last_seen);
  if (const auto before = object.find("before"); before != object.end()) before->get_to(result.before);
  if (const auto performed = object.find("performed"); performed != object.end()) {
    result.outcome.scenario = kit::scenario_from_json(*performed);
  }
  return result;
}

std::string word_of(std::string_view verdict) {
  std::string word(verdict);
  std::ranges::transform(word, word.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return word;
}

json summary_of(const Results& results) {
  json summary = json::object();
  for (const auto& [verdict, count] : results.summary()) summary[word_of(verdict)] = count;
  return summary;
}

json head_of(const Results& results) {
  json choices = json::object();
  for (const auto& [name, value] : kit::choices_of(results.handshake)) choices[name] = value;
  json capabilities = json::array();
  for (const kit::Capability capability : results.handshake.capabilities) capabilities.push_back(name(capability));
  json head{{"schema", kResultsSchema},
            {"suite", RECVINTO_VERSION},
            {"implementation",
             {{"spec", results.specification},
              {"name", results.handshake.name},
              {"version", results.handshake.version},
              {"language", results.handshake.language},
              {"capabilities", std::move(capabilities)},
              {"choices", std::move(choices)}}},
            {"environment", environment()},
            {"seed", results.seed},
            {"rounds", results.rounds},
            {"rounds_differing", results.rounds_differing},
            {"complete", results.is_complete}};
  if (results.merges_buffers) head["merged_buffers"] = true;
  return head;
}

std::string line_of(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

void write_results(const Results& results, const std::filesystem::path& directory) {
  json head = head_of(results);
  head["summary"] = summary_of(results);
  json& missing = head["missing"] = json::array();
  for (const MissingWord& word : missing_words(results)) {
    missing.push_back({{"word", word.word}, {"checks", word.checks}, {"alone", word.alone}});
  }
  std::string text = line_of(head);
  text.back() = ',';  // the brace
  text += "\"checks\":[";
  // One at a time: as one object they would take several times the memory of their text.
  for (std::size_t i = 0; i < results.checks.size(); ++i) {
    text += fmt::format("{}\n{}", i == 0 ? "" : ",", line_of(to_json(results.checks[i])));
  }
  kit::write_whole(directory / "results.json", text + "\n]}\n");
}

}  // namespace recvinto::runner
