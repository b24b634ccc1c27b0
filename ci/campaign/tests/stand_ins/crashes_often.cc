// A target with a bug that is met again after a few hundred executions, whatever they are.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t size) {
  static int left = 200;
  if (size < 2 || --left != 0) return 0;
  std::fprintf(stderr, "%s:%d: found: the two hundredth\n", __FILE__, __LINE__);
  std::abort();
}
