#include "conformance/runner/scenarios.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/runner/reproduction.h"
#include "fixtures/scenario/scenario_file.h"

namespace recvinto::conformance {
namespace {

bool is_worth_a_file(const Result& result) {
  return result.outcome.scenario && result.outcome.is_failure();
}

/// "Topic.Claim-kind.json"
std::string file_name_of(std::string id) {
  std::ranges::replace(id, '/', '-');
  return id + ".json";
}

}  // namespace

void write_scenarios(Results& results, const Options& options) {
  for (Result& result : results.checks) write_scenario(result, results.handshake, options);
}

void write_scenario(Result& result, const kit::Handshake& handshake, const Options& options) {
  if (!is_worth_a_file(result)) return;
  result.scenario = std::filesystem::path("scenarios") / file_name_of(result.id);
  const std::filesystem::path file = options.out.value() / result.scenario;
  std::filesystem::create_directories(file.parent_path());
  kit::write_scenario_file(file, {.scenario = *result.outcome.scenario,
                                  .note = fmt::format("{} of {} on {} {}", name(result.outcome.verdict), result.id,
                                                      handshake.name, handshake.version)});
  result.replay = replay_of(options, file);
}

void record_corpus(const Results& results, const std::filesystem::path& directory) {
  for (const Result& result : results.checks) {
    if (!result.outcome.scenario || result.outcome.scenario->steps.empty()) continue;
    kit::write_scenario_file(directory / file_name_of(result.id), {.scenario = *result.outcome.scenario});
  }
}

}  // namespace recvinto::conformance
