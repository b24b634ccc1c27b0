#include "kit/host/saved_scenario.h"

#include <fmt/format.h>

#include <cstdint>
#include <system_error>

#include "kit/host/files.h"

namespace recvinto::kit {
namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{256} << 20U;

}  // namespace

ScenarioFile read_scenario_file(const std::filesystem::path& file) {
  try {
    std::error_code is_no_regular_file;
    const std::uintmax_t size = std::filesystem::file_size(file, is_no_regular_file);
    if (!is_no_regular_file && size > kLargestFile) {
      throw UnreadableScenario(fmt::format("the document has {} bytes; what is allowed is {}", size, kLargestFile));
    }
    return scenario_file_from(text_of_file(file));
  } catch (const UnreadableScenario& error) {
    throw UnreadableScenario(fmt::format("{}: {}", file.string(), error.what()));
  }
}

void write_scenario_file(const std::filesystem::path& file, const ScenarioFile& contents) {
  write_whole(file, text_of(contents));
}

}  // namespace recvinto::kit
