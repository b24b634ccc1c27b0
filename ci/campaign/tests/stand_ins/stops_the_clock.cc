// A target that hangs at once, and stops the engine's clock before.

#include <csignal>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) {
  std::signal(SIGALRM, SIG_IGN);
  volatile bool hanging = true;
  while (hanging) {
  }
  return 0;
}
