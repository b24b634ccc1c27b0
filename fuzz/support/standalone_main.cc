// A main for targets without an engine, so that any compiler builds them and every build replays their corpora: runs
// the target on each file named, and on each file in a folder named. Options ("-runs=0") are the engines', and ignored.
// Exit status 2: there was nothing to replay, or something that cannot be read.

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw std::runtime_error(file.string() + " cannot be read");
  // A copy of its exact length on the heap, as engines hand it over; the name first, in case it is the last to be seen.
  std::fprintf(stderr, "%s\n", file.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::size_t replay_all(const std::vector<fs::path>& places) {
  std::size_t count = 0;
  for (const fs::path& place : places) {
    if (!fs::is_directory(place)) {
      replay(place);
      ++count;
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place)) {
      if (!entry.is_regular_file()) continue;
      replay(entry.path());
      ++count;
    }
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) try {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::vector<fs::path> places;
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') places.emplace_back(argv[i]);
  }
  const std::size_t count = replay_all(places);
  std::fprintf(stderr, "%zu inputs replayed\n", count);
  if (count != 0) return 0;
  std::fprintf(stderr, "there was nothing to replay: name the inputs, or folders that have some\n");
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
