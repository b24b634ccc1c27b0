// An implementation comes to what a law, the model or another implementation says of a scenario. Which ones are
// compared, and where the simplest scenario of a finding goes, the options of contest.h say.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

#include "fuzz/support/arena.h"
#include "fuzz/support/check.h"
#include "fuzz/support/plugin_crash.h"
#include "fuzz/support/scenario_input.h"

using namespace recvinto;

static std::optional<fuzz::Arena> arena;

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  try {
    arena.emplace(fuzz::Contest::from(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    std::exit(66);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kCrashesAreTold [[maybe_unused]] =
      (fuzz::tell_plugin_crashes({arena->contest().implementation, arena->contest().against}), true);
  kit::ScenarioFile file = fuzz::scenario_from_input(data, size);
  if (!arena->is_for_here(file)) return -1;
  property::Violation violation = arena->violation(file);
  if (!violation) return 0;
  if (!arena->contest().exported.empty()) {
    file = arena->simplest(file);
    violation = arena->violation(file);
    kit::write_scenario_file(arena->contest().exported, file);
  }
  fmt::print(stderr, "{}", arena->report(file, violation.value_or("it does not come again")));
  fuzz::found(__FILE__, __LINE__, "the implementation disagrees");
}
