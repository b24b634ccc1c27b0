// The model of the receive queue against the system itself and the reference: random scenarios return what the model
// predicts. RECVINTO_MODEL_SCENARIOS says how many of each kind of socket, RECVINTO_MODEL_SEED where they begin.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kit/subjects/adapter_process.h"
#include "kit/subjects/in_process.h"
#include "kit/tests/predicted_performance.h"
#include "kit/tests/random_scenarios.h"

namespace recvinto::kit {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string story_of(const Scenario& scenario) {
  std::string story;
  for (const Step& step : scenario.steps) story += "  " + describe(step) + "\n";
  return story;
}

/// `scenarios`: of each kind of socket.
void compare_with_the_model(Implementation& implementation, const RandomScenarios& what, std::uint64_t scenarios) {
  std::signal(SIGPIPE, SIG_IGN);
  const ModelWorld world = this_world();
  const std::uint64_t first = from_environment("RECVINTO_MODEL_SEED", 1);
  const std::uint64_t count = from_environment("RECVINTO_MODEL_SCENARIOS", scenarios);
  int shown = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    for (const SocketKind& kind : kEveryKind) {
      const Scenario scenario = random_scenario(kind, seed, what);
      const auto told = [&] { return fmt::format("seed {} on {}\n{}", seed, kind.name, story_of(scenario)); };
      try {
        const Performance performance = perform_and_predict(implementation, scenario, world);
        ASSERT_EQ(performance.answers.size(), performance.expected.size()) << told();
        for (std::size_t i = 0; i < performance.answers.size(); ++i) {
          const Answer& answer = performance.answers[i];
          if (agrees(answer.call, answer.seen, performance.expected[i])) continue;
          ADD_FAILURE() << told() << "call " << i + 1 << ":\n"
                        << table_of(compare(performance.answers[i], performance.expected[i]));
          if (++shown == 5) return;
        }
      } catch (const std::exception& error) {
        ADD_FAILURE() << told() << error.what();
        if (++shown == 5) return;
      }
    }
  }
}

AdapterProcess adapter(const std::string& specification, KernelMode mode = KernelMode::kHost) {
  return {{CONFORMANCE_RUNNER, "serve", specification}, std::chrono::seconds(30), mode};
}

TEST(ReceiveQueueOfRandomScenarios, IsThatOfTheSystem) {
  InProcess raw(make_raw_receiver());
  compare_with_the_model(raw, {.capabilities = raw.handshake().capabilities, .waits = false}, 300);
}

TEST(ReceiveQueueOfRandomScenarios, IsThatOfTheReference) {
  InProcess reference(make_reference_receiver());
  compare_with_the_model(reference, {.capabilities = reference.handshake().capabilities, .waits = false}, 300);
}

TEST(ReceiveQueueOfRandomScenarios, IsThatOfTheSystemWhereCallsWait) {
  AdapterProcess raw = adapter("raw");
  raw.prepare();
  compare_with_the_model(raw, {.capabilities = raw.handshake().capabilities}, 60);
}

TEST(ReceiveQueueOfRandomScenarios, IsThatOfTheReferenceWhereCallsWait) {
  AdapterProcess reference = adapter("reference");
  reference.prepare();
  compare_with_the_model(reference, {.capabilities = reference.handshake().capabilities}, 60);
}

TEST(ReceiveQueueOfRandomScenarios, IsThatOfTheReferenceWhereAScriptAnswers) {
  AdapterProcess reference = adapter("reference", KernelMode::kPass);
  reference.prepare();
  compare_with_the_model(reference, {.capabilities = reference.handshake().capabilities, .scripts = true}, 60);
}

}  // namespace
}  // namespace recvinto::kit
