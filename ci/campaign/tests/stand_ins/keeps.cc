// A target that keeps what it finds by itself, in the folder that RECVINTO_FUZZ_FINDINGS names, and goes on: a bug for
// each letter of KEEPS_BUGS, which an input with that letter shows.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

static void keep(const std::string& folder, const std::string& bug, const std::string& judge) {
  const std::string name = folder + "/" + judge + "-" + bug;
  std::ofstream(name + ".hits", std::ios::app) << ".";
  if (std::filesystem::exists(name + ".json")) return;
  std::ofstream(name + ".scenario") << R"({"scenario":")" << bug << "\"}";
  std::ofstream(name + ".draft") << R"({"signature":")" << judge << ": " << bug << R"(","judge":")" << judge
                                 << R"(","symptom":")" << bug << R"(","symptoms":[")" << bug
                                 << R"("],"sockets":"unix","severity":"descriptor","kind":"udp4",)"
                                 << R"("steps":["send <)" << bug << R"(>"],"is_the_judges":false,"report":"whole",)"
                                 << R"("outcome":{"differences":[{"where":"call 1","field":"descriptors",)"
                                 << R"("expected":"none","actual":"file 0"}]}})";
  std::filesystem::rename(name + ".draft", name + ".json");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const char* bugs = std::getenv("KEEPS_BUGS");
  const char* folder = std::getenv("RECVINTO_FUZZ_FINDINGS");
  if (bugs == nullptr || folder == nullptr) return 0;
  const std::string input(reinterpret_cast<const char*>(data), size);
  for (const char* bug = bugs; *bug != '\0'; ++bug) {
    if (input.find(*bug) == std::string::npos) continue;
    keep(folder, std::string(1, *bug), "EveryCallMatchesTheModel");
    if (*bug == 'l') keep(folder, "l", "SomeLaw");
  }
  return 0;
}
