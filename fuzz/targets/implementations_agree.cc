// An implementation answers as a law, the model or another implementation says. The options of subjects.h say which
// implementations, where the simplest scenario of a finding is written, and whether fuzzing goes on behind it.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fuzz/support/check.h"
#include "fuzz/support/findings.h"
#include "fuzz/support/plugin_crash.h"
#include "fuzz/support/scenario_input.h"
#include "fuzz/support/scenario_judge.h"
#include "fuzz/support/signature.h"
#include "kit/host/files.h"
#include "kit/host/saved_scenario.h"
#include "kit/performing/outcome_json.h"

using namespace recvinto;

static std::optional<fuzz::ScenarioJudge> scenario_judge;
static std::optional<fuzz::Findings> findings;  // nothing: the first one ends the process

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // of an adapter that has ended
  try {
    scenario_judge.emplace(fuzz::Subjects::from(argc, argv));
    if (const auto& folder = scenario_judge->subjects().findings; !folder.empty()) {
      findings.emplace(*scenario_judge, folder);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    std::exit(66);
  }
  return 0;
}

/// An implementation that does not start any more is no finding.
[[noreturn]] static void cannot_start(const kit::Ended& error) {
  fmt::print(stderr, "{}\n", error.what());
  std::_Exit(66);  // engines take exit() for a finding
}

static void write_outcome(const kit::Outcome& outcome) {
  const auto& file = scenario_judge->subjects().outcome;
  if (file.empty()) return;
  kit::write_whole(file, kit::to_json(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

static int judge(kit::ScenarioFile file) {
  if (!scenario_judge->is_for_here(file)) return -1;
  kit::Outcome outcome = scenario_judge->outcome(file);
  write_outcome(outcome);
  if (!outcome.is_failure()) return 0;
  if (findings) {
    findings->add(file, outcome);
    return 0;
  }
  if (!scenario_judge->subjects().exported.empty()) {
    file = scenario_judge->simplest(file, outcome);
    kit::write_scenario_file(scenario_judge->subjects().exported, file);
  }
  fmt::print(stderr, "{}", scenario_judge->report(file, outcome));
  const std::string signature =
      fuzz::signature_of(scenario_judge->name_of_judge(file), fuzz::symptoms_of(outcome).front(), file.scenario.kind);
  fuzz::found(__FILE__, __LINE__, ("the implementation disagrees: " + signature).c_str());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kCrashesAreTold [[maybe_unused]] =
      (fuzz::tell_plugin_crashes({scenario_judge->subjects().implementation, scenario_judge->subjects().against}),
       true);
  try {
    return judge(fuzz::scenario_from_input(data, size));
  } catch (const kit::Ended& error) {
    cannot_start(error);
  }
}
