// A target with bugs that any engine finds at once: one that an oracle tells of, one of memory, one of arithmetic.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

[[gnu::noinline]] void judge(const char* what, int number) {
  std::fprintf(stderr, "%s:%d: found: %s %d\n", __FILE__, __LINE__, what, number);
  std::abort();
}

[[gnu::noinline]] int read_beyond(const std::vector<char>& room, std::size_t index) {
  return *(room.data() + index);
}

[[gnu::noinline]] int square(int number) {
  return number * number;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  volatile int sink = 0;
  if (data[0] == 'o' && data[1] == 'r') judge("the third byte is", data[2]);
  if (data[0] == 'm' && data[1] == 'e') sink = read_beyond(std::vector<char>(2), size);
  if (data[0] == 'a' && data[1] == 'r') sink = square(1 << 16);
  return static_cast<void>(sink), 0;
}
