// Implementations that can express less: laws ask them for nothing else, and do not accuse them.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "property/framework/answers.h"
#include "property/framework/simpler.h"
#include "property/framework/subject.h"
#include "property/generators/control.h"
#include "property/generators/scenarios.h"

namespace recvinto::property {
namespace {

using kit::Capability;

/// As Subject makes it.
World world_of(kit::Capabilities capabilities) {
  World world{.capabilities = capabilities, .model = kit::this_world(), .scripts = true};
  world.model.waits_in_system_call = world.can(Capability::kSystemWait);
  world.model.default_room = default_room_of(world);
  world.model.refuses_room_beyond_int = world.can(Capability::kPythonForms);
  world.model.retries_without_waiting = world.can(Capability::kPythonForms);
  return world;
}

kit::Capabilities everything_but(Capability one) {
  kit::Capabilities capabilities(kit::kEveryCapability.begin(), kit::kEveryCapability.end());
  capabilities.erase(one);
  return capabilities;
}

class Without : public testing::TestWithParam<Capability> {
 protected:
  const World world_ = world_of(everything_but(GetParam()));

  template <typename Look>
  void each_scenario(Look look) {
    for (const Law& law : every_law()) {
      if (!why_not(law, world_).empty()) continue;
      for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        look(law, scenarios(law, world_)(rc::Random(seed), 0).value());
      }
    }
  }
};

TEST_P(Without, EveryScenarioHasACallAndAsksForNothingThatIsNotDeclared) {
  each_scenario([&](const Law& law, const kit::Scenario& scenario) {
    const std::vector<kit::Call> calls = calls_of(scenario);
    EXPECT_FALSE(calls.empty()) << law.name;
    for (const kit::Call& call : calls) {
      EXPECT_TRUE((kit::needed_for(call) - world_.capabilities).empty()) << law.name << ": " << kit::describe(call);
    }
  });
}

TEST_P(Without, NothingIsSentThatCannotBeReported) {
  each_scenario([&](const Law& law, const kit::Scenario& scenario) {
    for (const kit::Step& step : scenario.steps) {
      const auto* send = std::get_if<kit::step::Send>(&step);
      if (send == nullptr || send->files == 0) continue;
      EXPECT_TRUE(world_.can(Capability::kRights) && world_.can(Capability::kAncillary)) << law.name;
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Ablation, Without, testing::ValuesIn(kit::kEveryCapability),
                         [](const testing::TestParamInfo<Capability>& one) { return std::string(name(one.param)); });

TEST(DefaultRoom, IsNotCountedOnWhereTheImplementationChoosesIt) {
  const World world = world_of(everything_but(Capability::kPythonForms));
  EXPECT_EQ(world.model.default_room, std::nullopt);
  EXPECT_EQ(world_of(everything_but(Capability::kTimeout)).model.default_room, 0U);
  for (const Law& law : every_law()) {
    if (!why_not(law, world).empty()) continue;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      for (const kit::Call& call : calls_of(scenarios(law, world)(rc::Random(seed), 0).value())) {
        EXPECT_TRUE(call.ancbufsize || law.name == "ReceivingInPartsEqualsReceivingOnce") << law.name;
      }
    }
  }
}

/// A message with an item that only `all_items` would promise.
struct Received {
  kit::Scenario scenario{kit::kUnixDatagram, {kit::step::Start{{.buffers = {kit::room(1)}}}, kit::step::Finish{}}};
  kit::Call call{.buffers = {kit::room(1)}};

  Performance with(std::vector<kit::AncillaryItem> items) {
    Performance performance{.scenario = scenario};
    kit::Observation& seen = performance.answers.emplace_back(Answer{.call = call}).seen;
    seen.nbytes = 1;
    seen.ancdata = std::move(items);
    seen.storages = {"a"};
    return performance;
  }
};

TEST(UndeclaredItems, AreNoDifference) {
  Received received;
  const kit::AncillaryItem rights{SOL_SOCKET, SCM_RIGHTS, "\xff\xff\xff\xff"};
  const kit::AncillaryItem other{50, 1, "item"};
  const Performance one = received.with({rights, other});
  const Performance same = received.with({rights, other});
  const Performance less = received.with({rights});
  const Performance none = received.with({other});
  const World world = world_of(everything_but(Capability::kAllItems));
  EXPECT_FALSE(unlike_each_other(one, same, world));
  EXPECT_FALSE(unlike_each_other(one, less, world));
  EXPECT_TRUE(unlike_each_other(one, none, world));
  EXPECT_TRUE(unlike_each_other(one, less, world_of(everything_but(Capability::kTimeout))));
}

TEST(LookingLikeAFailure, IsAQuestionOfAnInt) {
  EXPECT_TRUE(looks_like_a_failure(-1));
  EXPECT_TRUE(looks_like_a_failure(std::int64_t{0x7fffffffffffffff}));
  EXPECT_TRUE(looks_like_a_failure(std::int64_t{1} << 31));
  EXPECT_FALSE(looks_like_a_failure(0x7fffffff));
  EXPECT_FALSE(looks_like_a_failure(std::int64_t{1} << 32));
}

TEST(LyingLengths, ThatLookLikeAFailureComeWithoutDescriptors) {
  int failures = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Source source(seed);
    kit::answer::Result result{.control = {{.type = SCM_RIGHTS, .files = 2}}};
    lie_about_lengths(result, source);
    if (!looks_like_a_failure(result.returned.value_or(0))) continue;
    ++failures;
    EXPECT_EQ(result.control[0].files, 0U);
  }
  EXPECT_GT(failures, 0);
}

}  // namespace
}  // namespace recvinto::property
