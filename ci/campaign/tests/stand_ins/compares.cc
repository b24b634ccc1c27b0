// A target that asks a plug-in, the one that RECVINTO_FUZZ_IMPLEMENTATION names, and judges what it answers.

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using Answer = int (*)(const std::uint8_t*, std::size_t);

int own_answer(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? 0 : data[0] & 1;
}

Answer find_plugin() {
  const char* given = std::getenv("RECVINTO_FUZZ_IMPLEMENTATION");
  if (given == nullptr) return own_answer;
  void* library = dlopen(std::string(given).substr(std::string("plugin:").size()).c_str(), RTLD_NOW);
  void* answer = library == nullptr ? nullptr : dlsym(library, "answer");
  if (answer != nullptr) return reinterpret_cast<Answer>(answer);
  std::fprintf(stderr, "%s\n", dlerror());
  std::exit(66);
}

Answer plugin = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  plugin = find_plugin();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 && data[0] == 's') std::abort();  // the target's own fault, with any implementation
  if (plugin(data, size) == own_answer(data, size)) return 0;
  std::fprintf(stderr, "%s:%d: found: another answer\n", __FILE__, __LINE__);
  std::abort();
}
