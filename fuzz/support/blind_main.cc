// A main that tries a target on the inputs in folders, and then on what its mutator makes of them, or of nothing:
// blind, that is without any feedback, so that it needs no engine and every compiler's build has it. What it finds ends
// it as it ends an engine; the input is kept beside it then.
//
// Usage: PROGRAM [--runs=N] [--seed=N] [--keep=FILE] [--count=FILE] [options of the target] [FOLDER...]
//
// N runs are of mutations; the inputs in the folders come before them. The file --count has the number of the latest
// execution, those inputs included, from 1 on.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "fuzz/support/byte_mutator.h"
#include "fuzz/support/random.h"
#include "kit/host/files.h"
#include "recvinto/unique_fd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                                                     std::size_t max_size, unsigned seed);

namespace recvinto::fuzz {
namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

constexpr std::size_t kSizeMost = 16384;
constexpr std::size_t kPoolMost = 256;  // inputs that others are made of

/// Which execution it is, in a file: known however the process ends.
class Count {
 public:
  Count() = default;
  explicit Count(const char* file) : file_(open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (!file_) throw std::system_error(errno, std::system_category(), fmt::format("cannot write {}", file));
  }

  void next() {
    if (!file_) return;
    const std::string text = fmt::format("{}\n", ++executions_);  // never shorter than the one before
    if (pwrite(file_.get(), text.data(), text.size(), 0) < 0) throw std::system_error(errno, std::system_category());
  }

 private:
  UniqueFd file_ = {};
  std::uint64_t executions_ = 0;
};

struct Options {
  std::size_t runs = 10'000;
  std::uint64_t seed = 1;
  fs::path keep = {};
  Count count = {};
  std::vector<Input> pool = {};
};

void add_folder(const fs::path& folder, std::vector<Input>& pool) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);  // the same seed must give the same result
  for (const fs::path& file : files) {
    const std::string text = kit::text_of_file(file);
    pool.emplace_back(text.begin(), text.end());
  }
}

Options options_from(int argc, char** argv) {
  Options options;
  const auto value_of = [](std::string_view argument) { return argument.substr(argument.find('=') + 1).data(); };
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--runs=")) {
      options.runs = std::strtoul(value_of(argument), nullptr, 10);
    } else if (argument.starts_with("--seed=")) {
      options.seed = std::strtoul(value_of(argument), nullptr, 10);
    } else if (argument.starts_with("--keep=")) {
      options.keep = value_of(argument);
    } else if (argument.starts_with("--count=")) {
      options.count = Count(value_of(argument));
    } else {
      add_folder(argv[i], options.pool);
    }
  }
  if (options.pool.empty()) options.pool.emplace_back();
  return options;
}

Input mutated(const Input& input, Random& random) {
  Input room(kSizeMost);
  std::ranges::copy_n(input.begin(), static_cast<std::ptrdiff_t>(std::min(input.size(), room.size())), room.begin());
  const std::size_t size = std::min(input.size(), room.size());
  const auto seed = static_cast<unsigned>(random.next());
  room.resize(LLVMFuzzerCustomMutator != nullptr ? LLVMFuzzerCustomMutator(room.data(), size, room.size(), seed)
                                                 : mutate_bytes(room.data(), size, room.size(), random));
  room.shrink_to_fit();  // of its exact length, as engines hand it over
  return room;
}

/// Whether it is worth being changed further.
bool try_input(const Input& input, Options& options) {
  options.count.next();
  if (!options.keep.empty()) kit::write_whole(options.keep, std::string(input.begin(), input.end()));
  return LLVMFuzzerTestOneInput(input.data(), input.size()) == 0;
}

void run(Options& options) {
  for (const Input& input : options.pool) try_input(input, options);
  Random random(options.seed);
  const std::size_t given = options.pool.size();
  for (std::size_t run = 0; run < options.runs; ++run) {
    const std::size_t chosen = random.below(options.pool.size());
    const Input input = mutated(options.pool[chosen], random);
    if (!try_input(input, options) || random.once_in(2)) continue;
    // The ones that were given stay.
    if (options.pool.size() < std::max(kPoolMost, 2 * given)) {
      options.pool.push_back(input);
    } else {
      options.pool[given + random.below(options.pool.size() - given)] = input;
    }
  }
}

}  // namespace
}  // namespace recvinto::fuzz

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  recvinto::fuzz::Options options;
  try {
    options = recvinto::fuzz::options_from(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  std::fprintf(stderr, "%zu runs, seed %llu\n", options.runs, static_cast<unsigned long long>(options.seed));
  recvinto::fuzz::run(options);  // an exception that comes out of the target ends the process: it is a finding
  std::fprintf(stderr, "nothing found\n");
}
