#include "conformance/runner/results.h"

#include <sys/utsname.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "fixtures/implementations/protocol.h"

namespace recvinto::conformance {
namespace {

using nlohmann::json;

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

json to_json(const Result& result) {
  json check{{"id", result.id},
             {"requirements", result.claim->requirements},
             {"level", name(result.claim->level())},
             {"verdict", name(result.ending.verdict)},
             {"reason", result.ending.reason},
             {"milliseconds", result.time.count()},
             {"message", result.message},
             {"repro", result.repro},
             {"observation", facts_of(result.ending)}};
  if (!result.ending.stderr_text.empty()) check["stderr"] = result.ending.stderr_text;
  return check;
}

}  // namespace

bool Result::is_bad() const {
  return ending.verdict != kit::Verdict::kPass && ending.verdict != kit::Verdict::kSkip;
}

bool Result::counts(bool strict) const {
  return is_bad() && (strict || claim->level() != Level::kRecommended);
}

std::map<kit::Verdict, std::size_t> Results::summary() const {
  std::map<kit::Verdict, std::size_t> counts;
  for (const Result& result : checks) ++counts[result.ending.verdict];
  return counts;
}

json to_json(const Results& results) {
  const std::map<kit::Verdict, std::size_t> counts = results.summary();
  const auto count = [&counts](kit::Verdict verdict) {
    const auto found = counts.find(verdict);
    return found == counts.end() ? 0 : found->second;
  };
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
              {"summary",
               {{"pass", count(kit::Verdict::kPass)},
                {"fail", count(kit::Verdict::kFail)},
                {"skip", count(kit::Verdict::kSkip)},
                {"crash", count(kit::Verdict::kCrash)},
                {"hang", count(kit::Verdict::kHang)},
                {"protocol", count(kit::Verdict::kProtocol)},
                {"notrun", count(kit::Verdict::kNotRun)},
                {"xfail", 0},
                {"xpass", 0}}},
              {"checks", json::array()}};
  for (const Result& result : results.checks) object["checks"].push_back(to_json(result));
  return object;
}

void write_results(const Results& results, const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "results.json";
  const std::filesystem::path unfinished = directory / "results.json.unfinished";
  std::ofstream stream(unfinished);
  stream << to_json(results).dump(1, ' ', false, json::error_handler_t::replace) << '\n';
  stream.close();
  if (!stream) throw std::system_error(errno, std::system_category(), "cannot write " + unfinished.string());
  std::filesystem::rename(unfinished, file);
}

}  // namespace recvinto::conformance
