// Both executors play a script alike: to the reference in this process, and to the reference as an adapter.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <random>
#include <string>

#include "kit/scripted_kernel/scripted_kernel.h"
#include "kit/scripted_kernel/socket_pair.h"
#include "kit/subjects/adapter_process.h"
#include "kit/subjects/receiver.h"
#include "kit/tests/scripted_kernel/random_case.h"

namespace recvinto::kit {
namespace {

constexpr std::uint64_t kSeed = 20'250'607;
constexpr int kCases = 250;  // of each oddity

/// All that was reported, one fact a line.
std::string told(const Observation& observation) {
  std::string text = observation.error ? describe(*observation.error) : fmt::format("{} bytes", observation.nbytes);
  for (const Bytes& storage : observation.storages) text += "\nstorage " + readable(storage);
  text += observation.ancdata ? "\nancdata" : "\nno ancdata";
  if (observation.ancdata) {
    for (const AncillaryItem& item : *observation.ancdata) {
      text += fmt::format("\nitem {}/{} {}", item.level, item.type, to_hex(item.data));
    }
  }
  if (observation.msg_flags) text += fmt::format("\nmsg_flags {:#x}", *observation.msg_flags);
  if (observation.address) text += "\naddress " + describe(*observation.address);
  for (const std::string& warning : observation.warnings) text += "\nwarning " + warning;
  return text + fmt::format("\n{} signals", observation.signals);
}

/// All that was seen but addresses, which are another process's.
std::string seen(const CallLog& log) {
  std::string text = fmt::format("{} steps unused, {} calls unscripted", log.unused_steps, log.unscripted);
  for (const SeenCall& call : log.calls) {
    text += fmt::format("\n{}; namelen {}, controllen {}, msg_flags {}", describe(call), call.namelen, call.controllen,
                        call.msg_flags);
    for (const SeenCall::Extent& buffer : call.buffers) text += fmt::format(" {}", buffer.length);
  }
  for (const std::string& trouble : log.troubles) text += "\n" + trouble;
  return text;
}

class ExecutorsTest : public testing::TestWithParam<Oddity> {
 protected:
  ExecutorsTest() {
    sigaction(SIGUSR1, nullptr, &before_);
    signals_.install(SIGUSR1, HandlerAction::kReturn);
    adapter_.install_handler(SIGUSR1, HandlerAction::kReturn);
    // No script takes it out: a wait for readiness ends at once.
    EXPECT_EQ(send(pair_.other.get(), "r", 1, 0), 1);
    EXPECT_EQ(send(socket_.peer.get(), "r", 1, 0), 1);
  }
  ~ExecutorsTest() override { sigaction(SIGUSR1, &before_, nullptr); }

  std::string in_this_process(const RandomCase& example) {
    kernel_.play(example.script);
    const Observation observation = perform(*reference_, pair_.one.get(), example.call, signals_);
    return told(observation) + "\n" + seen(kernel_.finish());
  }
  std::string in_another(const RandomCase& example) {
    adapter_.play(example.script, {}, -1);
    adapter_.start(socket_.name, example.call);
    const Observation observation = adapter_.finish();
    return told(observation) + "\n" + seen(adapter_.finish_play());
  }

  struct sigaction before_{};
  SignalHandlers signals_;
  Pair pair_ = make_pair(SOCK_DGRAM);
  ScriptedKernel kernel_;
  std::unique_ptr<Receiver> reference_ = make_reference_receiver(kernel_);
  AdapterProcess adapter_{{CONFORMANCE_RUNNER, "serve", "reference"}, std::chrono::seconds(60), KernelMode::kPass};
  Supplied socket_ = adapter_.supply(kUnixDatagram, Form::kPair);
};

TEST_P(ExecutorsTest, PlayAlike) {
  const std::uint64_t seed = kSeed + static_cast<std::uint64_t>(GetParam());
  std::mt19937_64 random(seed);
  for (int number = 0; number < kCases; ++number) {
    const RandomCase example = random_case(random, GetParam());
    ASSERT_EQ(in_this_process(example), in_another(example))
        << "seed " << seed << ", case " << number << ": " << describe(example.script);
  }
}

INSTANTIATE_TEST_SUITE_P(Oddities, ExecutorsTest,
                         testing::Values(Oddity::kOrdinary, Oddity::kOdd, Oddity::kMalformed, Oddity::kImpossible),
                         [](const auto& each) { return std::string(name(each.param)); });

}  // namespace
}  // namespace recvinto::kit
