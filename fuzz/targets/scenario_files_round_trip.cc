// Any text is read as a scenario file, or refused with the place of what is wrong; what was read, written again, is
// read as the same.

#include <string>
#include <string_view>
#include <variant>

#include "fuzz/support/check.h"
#include "fuzz/support/planted.h"
#include "kit/values/scenario_file.h"

using namespace recvinto;

namespace {

kit::ScenarioFile read(std::string_view text) {
  kit::ScenarioFile file = kit::scenario_file_from(text);
  for (kit::Step& step : file.scenario.steps) {
    auto* start = std::get_if<kit::step::Start>(&step);
    if (fuzz::has_planted("not_to_wait_is_forgotten") && start != nullptr) start->call.timeout.reset();
  }
  if (fuzz::has_planted("long_scenarios_are_cut") && file.scenario.steps.size() > 6) file.scenario.steps.resize(6);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const kit::ScenarioFile file = kit::scenario_file_from(text);
    const std::string written = kit::text_of(file);
    FUZZ_CHECK(read(written) == file, "what was written is read as something else");
    FUZZ_CHECK(kit::text_of(read(written)) == written, "what was read is written otherwise");
  } catch (const kit::UnreadableScenario& error) {
    const std::string_view what = error.what();
    FUZZ_CHECK(what.starts_with("/") || what.starts_with("the "), "the complaint does not say where");
  }
  return 0;
}
