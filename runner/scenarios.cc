#include "runner/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "kit/host/saved_scenario.h"
#include "kit/performing/perform.h"
#include "kit/values/scenario_file.h"
#include "runner/reproduction.h"

namespace recvinto::runner {
namespace {

/// A scenario is one of one receiving socket, with one call at a time.
bool can_be_performed_again(const Result& result) {
  const std::optional<kit::Scenario>& scenario = result.outcome.scenario;
  return scenario && !kit::needed_for(*scenario).contains(kit::Capability::kConcurrent);
}

bool is_worth_a_file(const Result& result) {
  return can_be_performed_again(result) && result.outcome.is_failure();
}

/// "Topic.Claim-kind.json"
std::string file_name_of(std::string id) {
  std::ranges::replace(id, '/', '-');
  return id + ".json";
}

}  // namespace

void write_scenario(Result& result, const kit::Handshake& handshake, const Options& options) {
  if (!is_worth_a_file(result)) return;
  const std::filesystem::path scenario = std::filesystem::path("scenarios") / file_name_of(result.id);
  const std::filesystem::path file = options.out.value() / scenario;
  std::filesystem::create_directories(file.parent_path());
  kit::write_scenario_file(file, {.scenario = *result.outcome.scenario,
                                  .note = fmt::format("{} of {} on {} {}", name(result.outcome.verdict), result.id,
                                                      handshake.name, handshake.version)});
  result.scenario = scenario;
  result.replay = replay_of(options, file);
}

void remove_scenario(Result& result, const Options& options) {
  if (result.scenario.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(options.out.value() / result.scenario, ignored);
  std::filesystem::remove(options.out.value() / "scenarios", ignored);  // unless there are others
  result.scenario.clear();
  result.replay.clear();
}

void record_corpus(const Result& result, const std::filesystem::path& directory) {
  if (!can_be_performed_again(result) || result.outcome.scenario->steps.empty()) return;
  kit::write_scenario_file(directory / file_name_of(result.id), {.scenario = *result.outcome.scenario});
}

}  // namespace recvinto::runner
