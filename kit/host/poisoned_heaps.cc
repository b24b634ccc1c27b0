#include "kit/host/poisoned_heaps.h"

#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>
#include <string>

namespace recvinto::kit {
namespace {

/// What is freed is filled with it, and what is allocated with its complement (mallopt(3), M_PERTURB).
constexpr int kPerturbation = 0xa5;

}  // namespace

void poison_heaps() {
#ifdef M_PERTURB  // in the GNU C library; what is started may have it where this program has not
  mallopt(M_PERTURB, kPerturbation);
#endif
  const char* const tunables = std::getenv("GLIBC_TUNABLES");
  const std::string before = tunables == nullptr || *tunables == '\0' ? "" : fmt::format("{}:", tunables);
  setenv("GLIBC_TUNABLES", fmt::format("{}glibc.malloc.perturb={}", before, kPerturbation).c_str(), 1);
  setenv("PYTHONMALLOC", "malloc", 1);
}

}  // namespace recvinto::kit
