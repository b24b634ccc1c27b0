// A main that shows what a target is worth: plants one bug after the other, each in a process of its own, and runs the
// target on inputs made from nothing until it finds the bug. Blind, that is without any feedback, so that it needs no
// engine and every compiler's build has it; a coverage-guided engine is for what was not foreseen (ci/fuzz-bugs).
//
// Usage: PROGRAM TARGET [--cap N] [--seed N]. Exit status 1: a bug was not found in N executions, or something was
// found where no bug was planted.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fuzz/planted_bugs/bug.h"
#include "fuzz/support/byte_mutator.h"
#include "fuzz/support/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                                                     std::size_t max_size, unsigned seed);

namespace recvinto::fuzz {
namespace {

constexpr std::size_t kSizeMost = 2048;

struct Options {
  std::string_view target;
  std::size_t cap = 20'000;
  std::uint64_t seed = 1;
  bool only_one = false;
};

// Inputs grow out of each other, and begin anew now and then, or they would only ever grow.
void run_blindly(const Options& options, std::size_t& executions) {
  Random random(options.seed);
  std::array<std::uint8_t, kSizeMost> room;
  std::size_t size = 0;
  for (executions = 1; executions <= options.cap; ++executions) {
    if (random.once_in(16)) size = 0;
    const auto seed = static_cast<unsigned>(random.next());
    size = LLVMFuzzerCustomMutator != nullptr ? LLVMFuzzerCustomMutator(room.data(), size, room.size(), seed)
                                              : mutate_bytes(room.data(), size, room.size(), random);
    // On the heap and of its exact length, as engines hand it over.
    const std::vector<std::uint8_t> input(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
}

// How many executions it took a process of its own to find `bug`; one more than the cap where it did not.
std::size_t executions_until_found(planted::Bug bug, const Options& options) {
  void* const shared = mmap(nullptr, sizeof(std::size_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) std::abort();
  auto& executions = *static_cast<std::size_t*>(shared);
  const pid_t child = fork();
  if (child == 0) {
    planted::plant(bug);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    run_blindly(options, executions);
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) std::abort();
  const bool found = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  const std::size_t count = found ? executions : options.cap + 1;
  munmap(shared, sizeof(std::size_t));
  return count;
}

int find_one(const Options& options) {
  const std::size_t executions = executions_until_found(planted::planted_bug(), options);
  if (executions > options.cap) return 0;
  std::printf("stat::number_of_executed_units: %zu\n", executions);
  return 1;
}

bool prove(const Options& options) {
  const bool sound = executions_until_found(planted::Bug::kNone, options) > options.cap;
  std::printf("%-28s %s\n", "(none planted)", sound ? "nothing found" : "FOUND SOMETHING");
  bool all_found = true;
  std::size_t bugs = 0;
  for (const planted::Description& bug : planted::every_bug()) {
    if (bug.target != options.target) continue;
    ++bugs;
    const std::size_t executions = executions_until_found(bug.bug, options);
    const bool found = executions <= options.cap;
    all_found = all_found && found;
    std::printf("%-28.*s", static_cast<int>(bug.name.size()), bug.name.data());
    found ? std::printf(" %6zu\n", executions) : std::printf(" NOT FOUND in %zu executions\n", options.cap);
  }
  if (bugs == 0) std::printf("no bug is planted for '%s'\n", options.target.data());
  return sound && all_found && bugs != 0;
}

}  // namespace
}  // namespace recvinto::fuzz

int main(int argc, char** argv) {
  recvinto::fuzz::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--cap" && i + 1 < argc) {
      options.cap = std::strtoul(argv[++i], nullptr, 10);
    } else if (argument == "--seed" && i + 1 < argc) {
      options.seed = std::strtoul(argv[++i], nullptr, 10);
    } else if (argument == "--one") {
      options.only_one = true;
    } else {
      options.target = argument;
    }
  }
  if (options.only_one) return recvinto::fuzz::find_one(options);
  std::printf("%s, seed %llu\n", options.target.data(), static_cast<unsigned long long>(options.seed));
  return recvinto::fuzz::prove(options) ? 0 : 1;
}
