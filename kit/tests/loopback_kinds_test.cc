// Hosts without a network, or without a part of it.

#include "kit/host/loopback_kinds.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <system_error>

#include "kit/tests/sanitized.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

bool has(const SocketKind& kind) {
  try {
    require_loopback(kind);
    return true;
  } catch (const EnvironmentLacks& lack) {
    std::fprintf(stderr, "%s\n", lack.what());
    return false;
  }
}

/// A process whose loopback interface is down ends with the number of common kinds that it has, or with 77.
[[noreturn]] void count_kinds_without_a_network() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) _exit(77);
  int count = 0;
  for (const SocketKind& kind : kEveryKind) count += has(kind) ? 1 : 0;
  _exit(count);
}

class LoopbackKindsTest : public testing::Test {
 protected:
  // Each death test in a process that has not looked yet.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  static bool can_be_without_a_network() {
    const pid_t child = fork();
    if (child == 0) _exit(unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 0;
  }
};

TEST_F(LoopbackKindsTest, AreThoseOfUnixWithoutANetwork) {
  if (!can_be_without_a_network()) GTEST_SKIP() << "this process may have no network of its own (unshare(2))";
  EXPECT_EXIT(count_kinds_without_a_network(), testing::ExitedWithCode(static_cast<int>(kUnixKinds.size())),
              "sockets of kind tcp4 do not reach each other: connect: Network is unreachable");
}

// To look at the type of an exception, UndefinedBehaviorSanitizer opens a pipe.
TEST_F(LoopbackKindsTest, AreNotMissedForWantOfDescriptors) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers want descriptors of their own; builds without them try this";
  const auto look_without_descriptors = [] {
    while (dup(0) >= 0) {
    }
    try {
      require_loopback(kUdp4);
    } catch (const std::system_error& error) {
      _exit(error.code() == std::errc::too_many_files_open ? 0 : 1);
    }
    _exit(1);
  };
  EXPECT_EXIT(look_without_descriptors(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace recvinto::kit
