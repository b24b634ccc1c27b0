// A target that no input gets through.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) {
  std::fprintf(stderr, "%s:%d: found: anything\n", __FILE__, __LINE__);
  std::abort();
}
