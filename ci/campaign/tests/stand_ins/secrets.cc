// A target whose bugs and branches are behind words that no engine guesses: they come from the seeds, or from others.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

/// FNV-1a of the first eight bytes: comparing it tells an engine nothing about them.
std::uint64_t hash(const std::uint8_t* data) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (int index = 0; index < 8; ++index) value = (value ^ data[index]) * 0x100000001b3;
  return value;
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s:%d: found: %s\n", __FILE__, __LINE__, what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  volatile int sink = 0;
  switch (hash(data)) {
    case 0x1f75ab9d55d181bf:  // "bug.one."
      fail("the first bug");
    case 0x2917acd932bcbc71:  // "bug.two."
      fail("the other bug");
    case 0xbd58ea740cea5c88:  // "way.one."
      sink = 1;
      break;
    case 0x52a479391ac617a6:  // "way.two."
      sink = 2;
      break;
    default:
      break;
  }
  return static_cast<void>(sink), 0;
}
