// A target with a path in it: PLACE.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) {
  return std::getenv(PLACE) == nullptr ? 0 : -1;
}
