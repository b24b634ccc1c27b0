// Signals as fast as they can be sent take no answer away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/scripted_kernel/results.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Sends SIGUSR1 to a process, again and again, until it goes.
class Storm {
 public:
  explicit Storm(pid_t pid) : thread_([this, pid] { rage(pid); }) {}
  ~Storm() {
    over_ = true;
    thread_.join();
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

 private:
  void rage(pid_t pid) {
    constexpr int kMost = 5'000'000;
    while (!over_ && sent_ < kMost) {
      kill(pid, SIGUSR1);
      ++sent_;
      sched_yield();  // or on few processors it rages only while the others rest
    }
  }

  std::atomic<bool> over_ = false;
  int sent_ = 0;
  std::thread thread_;
};

TEST(SignalStorm, TakesNoAnswerAway) {
  if (!scripted_kernel_support().holds_against_signals) GTEST_SKIP() << "this kernel does not hold against signals";
  constexpr int kCalls = 300;
  constexpr int kStruckCalls = 200;  // this number of them must be struck, if it takes more calls,
  constexpr int kMostCalls = 5'000;  // but no more than this
  AdapterProcess adapter({CONFORMANCE_RUNNER, "serve", "reference"}, std::chrono::seconds(60), KernelMode::kPass);
  const Supplied socket = adapter.supply(kUnixDatagram, Form::kPair);
  adapter.install_handler(SIGUSR1, HandlerAction::kReturn);
  const Storm storm(adapter.pid());
  int struck = 0;
  for (int call = 0; call < kCalls || (struck < kStruckCalls && call < kMostCalls); ++call) {
    const auto interruptions = static_cast<std::size_t>(call % 5);
    const Bytes data = std::to_string(call);
    const Script script{.steps = times(interruptions, fails(EINTR),
                                       {gives(with_control(data, {{.level = 41, .type = 7, .data = data}}))})};
    adapter.play(script, {}, -1);
    adapter.start(socket.name, {.buffers = {room(data.size())}, .ancbufsize = 64});
    const Observation observation = adapter.finish();
    const CallLog log = adapter.finish_play();

    ASSERT_FALSE(observation.error) << describe(*observation.error);
    ASSERT_THAT(observation.storages, ElementsAre(data));
    ASSERT_THAT(observation.ancdata.value(), ElementsAre(AncillaryItem{41, 7, data}));
    ASSERT_THAT(log.troubles, IsEmpty());
    ASSERT_EQ(log.unused_steps, 0U);
    ASSERT_EQ(log.unscripted, 0U);
    ASSERT_EQ(log.calls.size(), interruptions + 1);
    for (std::size_t i = 0; i < interruptions; ++i) ASSERT_EQ(log.calls[i].result, EINTR);
    ASSERT_EQ(log.calls.back().result, static_cast<std::int64_t>(data.size()));
    if (observation.signals > 0) ++struck;
  }
  RecordProperty("calls struck", struck);  // no demand: a loaded machine may let the storm rest
}

}  // namespace
}  // namespace recvinto::kit
