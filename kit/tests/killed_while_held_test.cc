// SIGKILL while the supervisor has a receive in hand: whichever process is killed, none hangs and none is left.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/deadlines.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

const std::vector<std::string> kAdapter{CONFORMANCE_RUNNER, "serve", "reference"};
/// It is a child of the program that is started.
const std::vector<std::string> kWrapped{"sh", "-c", "'" CONFORMANCE_RUNNER "' serve reference; exit $?"};

/// An adapter whose receive is held, until a process is killed.
class HeldReceive {
 public:
  explicit HeldReceive(const std::vector<std::string>& command)
      : adapter_(command, kLong, KernelMode::kPass), socket_(adapter_.supply(kUnixStream, Form::kPair)) {
    adapter_.play(script_, {}, -1);
    adapter_.start(socket_.name, {.buffers = {room(1)}});
    if (!adapter_.await_hold()) throw std::runtime_error("it does not receive");
  }

  [[nodiscard]] AdapterProcess& adapter() { return adapter_; }
  /// The process that receives.
  [[nodiscard]] pid_t receiver() const {
    const pid_t started = adapter_.pid();
    pid_t child = 0;
    std::ifstream("/proc/" + std::to_string(started) + "/task/" + std::to_string(started) + "/children") >> child;
    return child == 0 ? started : child;
  }

 private:
  Script script_{.steps = {hold()}};
  AdapterProcess adapter_;
  Supplied socket_;
};

class KilledWhileHeld : public testing::TestWithParam<std::vector<std::string>> {
 protected:
  KilledWhileHeld() { std::signal(SIGPIPE, SIG_IGN); }
  void SetUp() override {
    if (!scripted_kernel_support().available()) GTEST_SKIP() << describe(scripted_kernel_support());
  }
};

TEST_P(KilledWhileHeld, AnAdapterIsACrashAndIsStartedAnew) {
  HeldReceive held(GetParam());
  AdapterProcess& adapter = held.adapter();
  ASSERT_EQ(kill(held.receiver(), SIGKILL), 0);
  try {
    adapter.finish();
    ADD_FAILURE() << "it answered";
  } catch (const ImplementationFailure& failure) {
    EXPECT_EQ(failure.verdict(), Verdict::kCrash) << failure.what();
  }
  EXPECT_EQ(adapter.finish_play().troubles, std::vector<std::string>{});
  adapter.prepare();
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  ASSERT_EQ(write(socket.peer.get(), "a", 1), 1);
  adapter.start(socket.name, {.buffers = {room(1)}});
  EXPECT_EQ(adapter.finish().nbytes, 1);
}

TEST_P(KilledWhileHeld, ASuiteLeavesNoAdapter) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd told(ends[0]);
  UniqueFd tells(ends[1]);
  const pid_t suite = fork();
  if (suite == 0) {
    const HeldReceive held(GetParam());
    const pid_t receiver = held.receiver();
    [[maybe_unused]] const ssize_t count = write(tells.get(), &receiver, sizeof receiver);
    for (;;) pause();
  }
  tells.reset();
  pid_t receiver = 0;
  ASSERT_EQ(read(told.get(), &receiver, sizeof receiver), static_cast<ssize_t>(sizeof receiver));
  const UniqueFd ended(static_cast<int>(syscall(SYS_pidfd_open, receiver, 0)));
  ASSERT_TRUE(ended);
  ASSERT_EQ(kill(suite, SIGKILL), 0);
  ASSERT_EQ(waitpid(suite, nullptr, 0), suite);
  pollfd end{.fd = ended.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&end, 1, static_cast<int>(kLong.count())), 1) << "it lives on";
}

std::string name_of(const testing::TestParamInfo<std::vector<std::string>>& tried) {
  return tried.param == kWrapped ? "Wrapped" : "Plain";
}

INSTANTIATE_TEST_SUITE_P(Adapter, KilledWhileHeld, testing::Values(kAdapter, kWrapped), name_of);

}  // namespace
}  // namespace recvinto::kit
