// A target on the suite's own reading, which its options say that it judges: "b" is read wrongly.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] != 'b') return 0;
  std::fprintf(stderr, "%s:%d: found: what was written is not read\n", __FILE__, __LINE__);
  std::abort();
}
