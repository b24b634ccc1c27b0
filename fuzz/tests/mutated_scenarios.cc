// Writes mutated scenario files: MUTATED_SCENARIOS DIR COUNT SEED FOLDER... makes DIR/000000.json and so on of the
// files in the folders, with the mutator of implementations_agree. Half of them name a law, as a person who edits a
// file may.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "kit/host/files.h"
#include "kit/host/saved_scenario.h"
#include "kit/values/scenario_file.h"
#include "property/framework/law.h"
#include "property/framework/source.h"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed);

namespace {

namespace fs = std::filesystem;
using namespace recvinto;

constexpr std::size_t kLargest = 1 << 16;  // bytes of a file

std::vector<std::string> inputs_in(int count, char** folders) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(folders[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);  // the same seed makes the same files
  std::vector<std::string> inputs;
  for (const fs::path& file : files) inputs.push_back(kit::text_of_file(file));
  return inputs;
}

/// What the mutator makes of one of the inputs, as it is read back. A file that is refused, with storages larger than
/// is allowed, is drawn again: nothing of it would be performed.
kit::ScenarioFile mutated(const std::vector<std::string>& inputs, property::Source& source) {
  for (;;) {
    std::string text = source.pick(inputs);
    const std::size_t size = text.size();
    text.resize(std::max(kLargest, size));
    text.resize(LLVMFuzzerCustomMutator(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size(),
                                        static_cast<unsigned>(source.next())));
    try {
      return kit::scenario_file_from(text);
    } catch (const kit::UnreadableScenario&) {
    }
  }
}

void write_mutated(const fs::path& directory, std::size_t count, std::uint64_t seed,
                   const std::vector<std::string>& inputs) {
  property::Source source(seed);
  for (std::size_t i = 0; i < count; ++i) {
    kit::ScenarioFile file = mutated(inputs, source);
    if (source.below(2) == 0) file.law = source.pick(property::every_law()).name;
    if (source.below(4) == 0) file.seed = source.next();
    char name[32];
    std::snprintf(name, sizeof name, "%06zu.json", i);
    kit::write_scenario_file(directory / name, file);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s DIR COUNT SEED FOLDER...\n", argv[0]);
    return 64;
  }
  try {
    const std::vector<std::string> inputs = inputs_in(argc - 4, argv + 4);
    if (inputs.empty()) throw std::runtime_error("there are no files in the folders");
    fs::create_directories(argv[1]);
    write_mutated(argv[1], std::strtoul(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), inputs);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 70;
  }
}
