#include "kit/host/poisoned_heaps.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "kit/tests/sanitized.h"

namespace recvinto::kit {
namespace {

/// What `body` returns in a child process, as an exit status.
template <typename Body>
int in_a_process_of_its_own(Body body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(PoisonedHeaps, AllocatedMemoryIsNotZero) {
  if (kSanitized) GTEST_SKIP() << "the sanitizer's allocator has options of its own";
  EXPECT_EQ(in_a_process_of_its_own([] {
              poison_heaps();
              const char* const bytes = static_cast<const char*>(std::malloc(100'000));
              return std::all_of(bytes, bytes + 100'000, [](char byte) { return byte == '\x5a'; }) ? 0 : 1;
            }),
            0);
}

TEST(PoisonedHeaps, ProgramsThatAreStartedHaveThem) {
  EXPECT_EQ(in_a_process_of_its_own([] {
              setenv("GLIBC_TUNABLES", "glibc.malloc.arena_max=1", 1);
              poison_heaps();
              const std::string_view tunables = std::getenv("GLIBC_TUNABLES");
              const std::string_view python = std::getenv("PYTHONMALLOC");
              return tunables == "glibc.malloc.arena_max=1:glibc.malloc.perturb=165" && python == "malloc" ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace recvinto::kit
