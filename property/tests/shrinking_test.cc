// Scenarios are made as simple as can be, and are the same for the same seed.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "kit/values/scenario_json.h"
#include "property/framework/campaign.h"
#include "property/framework/judging.h"
#include "property/framework/shrinking.h"
#include "property/framework/simpler.h"
#include "property/generators/scenarios.h"
#include "property/tests/everything.h"

namespace recvinto::property {
namespace {

/// How much there is of a scenario: what "simpler" makes less of.
std::size_t size_of(const kit::Scenario& scenario) {
  return kit::to_json(scenario).dump().size();
}

kit::Outcome failure(const kit::Scenario& scenario, const std::string& field) {
  kit::Outcome outcome = kit::outcome_of(kit::Differences{{.field = field}});
  outcome.scenario = scenario;
  return outcome;
}

TEST(Shrinking, EndsWithTheSmallestScenarioThatFails) {
  const Law& law = *law_named("EveryCallMatchesTheModel");
  const World world = everything();
  // Whenever a call has two buffers and a message has a byte, there is a failure.
  const auto judged = [](const kit::Scenario& scenario) {
    const bool has_two =
        std::ranges::any_of(calls_of(scenario), [](const kit::Call& call) { return call.buffers.size() >= 2; });
    const bool has_data = std::ranges::any_of(scenario.steps, [](const kit::Step& step) {
      const auto* send = std::get_if<kit::step::Send>(&step);
      return send != nullptr && !send->data.empty();
    });
    return has_two && has_data ? failure(scenario, "nbytes") : kit::Outcome();
  };
  int shrunk_ones = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const kit::Scenario begin = scenarios(law, world)(rc::Random(seed), 0).value();
    if (!judged(begin).is_failure()) continue;
    const Shrunk shrunk =
        shrink(judged(begin), [&](const kit::Scenario& one) { return makes_sense(one, law, world); }, judged, {});
    const kit::Scenario& simplest = *shrunk.outcome.scenario;
    EXPECT_TRUE(judged(simplest).is_failure());
    EXPECT_FALSE(shrunk.gave_up);
    EXPECT_LE(simplest.steps.size(), 3U) << "a send, and a call";
    ASSERT_EQ(calls_of(simplest).size(), 1U);
    EXPECT_EQ(calls_of(simplest)[0].buffers.size(), 2U);
    EXPECT_LT(shrunk.tried, 4000U);
    ++shrunk_ones;
  }
  EXPECT_GT(shrunk_ones, 10);
}

TEST(Shrinking, NeverMovesToAnotherFailure) {
  const World world = everything();
  const Law& law = model_law();
  int shrunk_ones = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const kit::Scenario begin = scenarios(law, world)(rc::Random(seed), 0).value();
    const std::size_t steps = begin.steps.size();
    if (steps < 6) continue;
    // A shorter scenario has another bug.
    const auto judged = [&](const kit::Scenario& scenario) {
      return failure(scenario, scenario.steps.size() + 3 < steps ? "ancdata" : "nbytes");
    };
    const Shrunk shrunk =
        shrink(judged(begin), [&](const kit::Scenario& one) { return makes_sense(one, law, world); }, judged, {});
    EXPECT_EQ(shrunk.outcome.differences.front().field, "nbytes");
    ++shrunk_ones;
  }
  EXPECT_GT(shrunk_ones, 5);
}

TEST(Shrinking, EndsAtItsLimits) {
  const World world = everything();
  const Law& law = model_law();
  const auto shrunk_within = [&](const ShrinkLimits& limits) {
    const kit::Scenario begin = scenarios(law, world)(rc::Random(3), 0).value();
    return shrink(
        failure(begin, "data"), [](const kit::Scenario&) { return true; },
        [](const kit::Scenario&) { return kit::Outcome(); }, limits);
  };
  const Shrunk by_tries = shrunk_within({.tries = 2});
  EXPECT_TRUE(by_tries.gave_up);
  EXPECT_EQ(by_tries.tried, 2U);
  const Shrunk by_time = shrunk_within({.time = std::chrono::milliseconds(0)});
  EXPECT_TRUE(by_time.gave_up);
  EXPECT_EQ(by_time.tried, 0U);
}

TEST(Shrinking, LeavesOutAMessageTogetherWithTheCallThatReceivesIt) {
  const auto count = [](const kit::Scenario& scenario, auto is_one) {
    return std::ranges::count_if(scenario.steps, is_one);
  };
  // As many messages as calls: neither can go alone.
  const auto is_even = [&](const kit::Scenario& scenario) {
    const auto calls =
        count(scenario, [](const kit::Step& step) { return std::holds_alternative<kit::step::Start>(step); });
    return calls > 0 && calls == count(scenario, [](const kit::Step& step) {
                          return std::holds_alternative<kit::step::Send>(step);
                        });
  };
  kit::Scenario begin{kit::kUnixDatagram, {}};
  for (int i = 0; i < 5; ++i) begin.steps.emplace_back(kit::step::Send());
  for (int i = 0; i < 5; ++i) {
    begin.steps.emplace_back(kit::step::Start());
    begin.steps.emplace_back(kit::step::Finish());
  }
  const Shrunk shrunk = shrink(failure(begin, "msg_flags"), is_even,
                               [](const kit::Scenario& scenario) { return failure(scenario, "msg_flags"); }, {});
  EXPECT_EQ(shrunk.outcome.scenario->steps.size(), 3U);
}

TEST(Shrinking, TriesOnlyWhatMakesSense) {
  const World world = everything();
  for (const Law& law : every_law()) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      rc::Seq<rc::Shrinkable<kit::Scenario>> candidates = scenarios(law, world)(rc::Random(seed), 0).shrinks();
      for (int i = 0; i < 50; ++i) {
        const auto candidate = candidates.next();
        if (!candidate) break;
        EXPECT_TRUE(makes_sense(candidate->value(), law, world)) << law.name;
      }
    }
  }
}

TEST(Shrinking, NeverMakesAScenarioLonger) {
  const World world = everything();
  for (const Law& law : every_law()) {
    const kit::Scenario scenario = scenarios(law, world)(rc::Random(7), 0).value();
    rc::Seq<kit::Scenario> candidates = simpler(scenario);
    while (const auto candidate = candidates.next()) {
      EXPECT_LE(candidate->steps.size(), scenario.steps.size()) << law.name;
      EXPECT_LE(size_of(*candidate), size_of(scenario) + 40) << law.name;  // a default that is written out
    }
  }
}

TEST(Generating, GivesTheSameScenarioForTheSameSeed) {
  const World world = everything();
  for (const Law& law : every_law()) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      EXPECT_EQ(scenarios(law, world)(rc::Random(seed), 0).value(), scenarios(law, world)(rc::Random(seed), 0).value());
    }
  }
}

TEST(Generating, GivesScenariosThatAreReadBackFromFiles) {
  const World world = everything();
  for (const Law& law : every_law()) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const kit::Scenario scenario = scenarios(law, world)(rc::Random(seed), 0).value();
      EXPECT_EQ(kit::scenario_from_json(kit::to_json(scenario)), scenario) << law.name;
    }
  }
}

TEST(Generating, AsksForNothingThatIsNotDeclared) {
  World world = everything();
  world.capabilities = {kit::Capability::kScatter, kit::Capability::kAncillary, kit::Capability::kRights};
  for (const Law& law : every_law()) {
    if (!why_not(law, world).empty()) continue;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      for (const kit::Call& call : calls_of(scenarios(law, world)(rc::Random(seed), 0).value())) {
        for (const kit::Capability needed : kit::needed_for(call)) EXPECT_TRUE(world.can(needed)) << kit::name(needed);
      }
    }
  }
}

TEST(Seeds, AreOfTheCampaignTheLawAndTheNumber) {
  const Law& law = every_law().front();
  EXPECT_EQ(seed_of(5, law, 9), seed_of(5, law, 9));
  EXPECT_NE(seed_of(6, law, 9), seed_of(5, law, 9));
  EXPECT_NE(seed_of(5, law, 8), seed_of(5, law, 9));
}

}  // namespace
}  // namespace recvinto::property
