// A target with what sanitizers look for in it: it reads outside of its room on "out".

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<int> room(4);
  const std::size_t index = size == 3 && std::memcmp(data, "out", 3) == 0 ? 1000 : size % 4;
  volatile int sum = *(room.data() + index) + static_cast<int>(size);
  return static_cast<void>(sum), 0;
}
