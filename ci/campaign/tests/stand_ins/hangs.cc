// A target that hangs on "h".

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  volatile bool hanging = size != 0 && data[0] == 'h';
  while (hanging) {
  }
  return 0;
}
