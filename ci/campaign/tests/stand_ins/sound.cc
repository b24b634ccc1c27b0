// A target without a bug.

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  volatile std::size_t depth = 0;
  while (depth < size && depth < 4 && data[depth] == "good"[depth]) depth = depth + 1;
  return 0;
}
