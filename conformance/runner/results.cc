#include "conformance/runner/results.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "fixtures/files.h"
#include "fixtures/implementations/protocol.h"

namespace recvinto::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view kXFail = "XFAIL";
constexpr std::string_view kXPass = "XPASS";

json environment() {
  utsname host{};
  uname(&host);
  return {{"system", host.sysname}, {"release", host.release}, {"machine", host.machine}};
}

json facts_of(const Ending& ending) {
  json facts{{"steps", json::array()}};
  if (ending.scenario) facts["kind"] = ending.scenario->kind.name;
  for (const kit::Stage::Event& event : ending.history) {
    facts["steps"].push_back(std::visit([](const auto& what) { return kit::to_json(what); }, event));
  }
  return facts;
}

json to_json(const Known& known) {
  json entry{
      {"entry", known.where()}, {"kind", name(known.kind)}, {"verdict", name(known.verdict)}, {"reason", known.reason}};
  if (!known.link.empty()) entry["link"] = known.link;
  return entry;
}

json to_json(const Result& result) {
  const bool is_expected_otherwise = result.failed_as_listed() || result.passed_though_listed();
  json check{{"id", result.id},
             {"requirements", result.claim->requirements},
             {"level", name(result.claim->level())},
             {"verdict", result.verdict()},
             {"reason", is_expected_otherwise ? result.known->reason : result.ending.reason},
             {"milliseconds", result.time.count()},
             {"message", result.message},
             {"repro", result.repro},
             {"observation", facts_of(result.ending)}};
  if (!result.ending.stderr_text.empty()) check["stderr"] = result.ending.stderr_text;
  if (result.known != nullptr) check["baseline"] = to_json(*result.known);
  if (result.kernel_deviates) check["kernel_deviates"] = true;
  return check;
}

}  // namespace

bool Result::failed_as_listed() const {
  return known != nullptr && ending.verdict == known->verdict;
}

bool Result::passed_though_listed() const {
  return known != nullptr && ending.verdict == kit::Verdict::kPass;
}

std::string_view Result::verdict() const {
  if (failed_as_listed()) return kXFail;
  if (passed_though_listed()) return kXPass;
  return name(ending.verdict);
}

bool Result::is_bad() const {
  return ending.verdict != kit::Verdict::kPass && ending.verdict != kit::Verdict::kSkip && !failed_as_listed();
}

bool Result::counts(bool strict) const {
  return is_bad() && (strict || known != nullptr || claim->level() != Level::kRecommended);
}

std::vector<std::pair<std::string_view, std::size_t>> Results::summary() const {
  using enum kit::Verdict;
  std::vector<std::pair<std::string_view, std::size_t>> counts;
  for (const kit::Verdict verdict : {kPass, kFail, kSkip, kCrash, kHang, kProtocol, kNotRun})
    counts.emplace_back(name(verdict), 0);
  counts.emplace_back(kXFail, 0);
  counts.emplace_back(kXPass, 0);
  for (const Result& result : checks)
    ++std::ranges::find(counts, result.verdict(), [](const auto& count) { return count.first; })->second;
  return counts;
}

json to_json(const Results& results) {
  json summary = json::object();
  for (const auto& [verdict, count] : results.summary()) {
    std::string word(verdict);
    std::ranges::transform(word, word.begin(), [](unsigned char letter) { return std::tolower(letter); });
    summary[word] = count;
  }
  json capabilities = json::array();
  for (const kit::Capability capability : results.handshake.capabilities) capabilities.push_back(name(capability));
  json object{{"schema", 1},
              {"suite", RECVINTO_VERSION},
              {"implementation",
               {{"spec", results.specification},
                {"name", results.handshake.name},
                {"version", results.handshake.version},
                {"language", results.handshake.language},
                {"capabilities", std::move(capabilities)},
                {"choices", {{"unnamed_address", results.handshake.unnamed_address_is_empty ? "empty" : "null"}}}}},
              {"environment", environment()},
              {"seed", results.seed},
              {"summary", std::move(summary)},
              {"checks", json::array()}};
  for (const Result& result : results.checks) object["checks"].push_back(to_json(result));
  return object;
}

void write_results(const Results& results, const std::filesystem::path& directory) {
  kit::write_whole(directory / "results.json",
                   to_json(results).dump(1, ' ', false, json::error_handler_t::replace) + '\n');
}

}  // namespace recvinto::conformance
