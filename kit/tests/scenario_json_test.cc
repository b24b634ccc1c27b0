// Scenarios as JSON: that nothing is lost on the way, and that what is wrong with a document is said exactly.

#include "kit/values/scenario_json.h"
#include "kit/values/call_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "kit/values/steps/examples.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

/// What is said of a document that cannot be read.
std::string complaint_of(const json& document) {
  try {
    scenario_from_json(document);
  } catch (const UnreadableScenario& error) {
    return error.what();
  }
  return "no complaint";
}

/// Of a scenario of one step.
std::string complaint_of_step(const json& step) {
  return complaint_of({{"kind", "udp4"}, {"steps", {step}}});
}
std::string complaint_of_call(const json& call) {
  return complaint_of_step({{"step", "start"}, {"call", call}});
}
std::string complaint_of_buffer(const json& buffer) {
  return complaint_of_call({{"buffers", {{{"size", 4}}, buffer}}});
}

TEST(ScenarioJson, KeepsEveryStepWithEveryField) {
  std::set<std::size_t> alternatives;
  for (const Step& step : every_step()) {
    alternatives.insert(step.index());
    const Scenario scenario{.kind = kUdp6, .steps = {step}};
    EXPECT_EQ(scenario_from_json(to_json(scenario)), scenario) << to_json(scenario);
  }
  EXPECT_EQ(alternatives.size(), std::variant_size_v<AnyStep>) << "every_step() lacks a step";
}

// Equality of what was read would not show a field that is neither written nor read, and has its default.
TEST(ScenarioJson, WritesEveryFieldThatIsSet) {
  const auto written = [](const Step& step) { return to_json(Scenario{.kind = kUdp6, .steps = {step}})["steps"][0]; };
  for (const Step& step : every_step()) {
    std::visit(
        [&]<typename Alternative>(const Alternative&) {
          // One that has fields differs from a fresh one, so that no comparison was made with a default.
          const bool has_fields = !std::is_empty_v<Alternative>;
          EXPECT_EQ(written(step).size() > 1, has_fields) << written(step);
          if (has_fields) {
            EXPECT_NE(written(step), written(Alternative{}));
          }
        },
        step);
  }
}

TEST(ScenarioJson, KeepsEveryKind) {
  for (const SocketKind& kind : kEveryNamedKind) {
    EXPECT_EQ(scenario_from_json(to_json(Scenario{.kind = kind, .steps = {}})).kind, kind) << kind.name;
  }
}

TEST(ScenarioJson, LeavesDefaultsOutAndFillsThemIn) {
  const Scenario scenario{.kind = kUnixStream,
                          .steps = {step::AddSender{}, step::Send{.data = "abc"}, step::Start{{.buffers = rooms(1, 4)}},
                                    step::Play{{.steps = {gives("x"), fails(4)}}}}};
  EXPECT_EQ(to_json(scenario), json::parse(R"({
      "kind": "unix_stream",
      "steps": [
        {"step": "add_sender"},
        {"step": "send", "data": "616263"},
        {"step": "start", "call": {"buffers": [{"size": 4}]}},
        {"step": "play", "script": {"steps": [{"answer": {"kind": "result", "data": "78"}},
                                              {"answer": {"kind": "failure", "errno": 4}}]}}]})"));
  EXPECT_EQ(scenario_from_json(to_json(scenario)), scenario);
}

// A buffer is written in one place.
TEST(ScenarioJson, WritesACallAsTheAdapterProtocolDoes) {
  const Scenario scenario{.kind = kUdp4, .steps = {step::Start{example_call()}}};
  EXPECT_EQ(to_json(scenario)["steps"][0]["call"], to_json(example_call()));
}

TEST(ScenarioJson, TellsADefaultFromNothing) {
  EXPECT_EQ(complaint_of_step({{"step", "send"}}), "/steps/0: has no field \"data\"");
  EXPECT_EQ(complaint_of({{"steps", json::array()}}), "the document: has no field \"kind\"");
  EXPECT_EQ(complaint_of({{"kind", "udp4"}}), "the document: has no field \"steps\"");
}

TEST(ScenarioJson, TakesNullForWhatIsLeftOut) {
  const Scenario read = scenario_from_json(json::parse(
      R"({"kind":"udp4","steps":[{"step":"start","call":{"buffers":[],"timeout_ms":null,"flags":null}}]})"));
  EXPECT_EQ(read, (Scenario{.kind = kUdp4, .steps = {step::Start{{.buffers = {}}}}}));
}

TEST(UnreadableScenario, SaysWhereItsTypeIsWrong) {
  EXPECT_EQ(complaint_of(json::array()), "the document: is an array; what is allowed is an object");
  EXPECT_EQ(complaint_of({{"kind", "udp4"}, {"steps", 3}}), "/steps: is 3; what is allowed is an array");
  EXPECT_EQ(complaint_of_step("finish"), "/steps/0: is \"finish\"; what is allowed is an object");
  EXPECT_EQ(complaint_of_step({{"step", "send"}, {"data", "abc"}}),
            "/steps/0/data: is \"abc\"; what is allowed is a string of hexadecimal digits, two for each byte");
  EXPECT_EQ(complaint_of_step({{"step", "send"}, {"data", ""}, {"by_a_child", 1}}),
            "/steps/0/by_a_child: is 1; what is allowed is true or false");
  EXPECT_EQ(complaint_of_step({{"step", "install_handler"}, {"signum", 1}, {"handler", 1}}),
            "/steps/0/handler: is 1; what is allowed is a string");
  EXPECT_EQ(complaint_of_buffer({{"size", 4.0}}),
            "/steps/0/call/buffers/1/size: is 4.0; what is allowed is an integer from 0 to 18446744073709551615");
}

TEST(UnreadableScenario, SaysWhatWordsThereAre) {
  EXPECT_THAT(complaint_of({{"kind", "udp5"}, {"steps", json::array()}}),
              StartsWith("/kind: is \"udp5\"; what is allowed is unix_stream, unix_datagram, "));
  EXPECT_THAT(complaint_of_step({{"step", "sned"}, {"data", ""}}),
              StartsWith("/steps/0/step: is \"sned\"; what is allowed is add_sender, connect_to, send, "));
  EXPECT_EQ(complaint_of_step({{"step", "meet_at"}, {"place", "here"}}),
            "/steps/0/place: is \"here\"; what is allowed is dual_stack, link_local, multicast");
  EXPECT_EQ(complaint_of_buffer({{"size", 1}, {"memory", "odd"}}),
            "/steps/0/call/buffers/1/memory: is \"odd\"; what is allowed is \"sparse\", \"inaccessible\", "
            "\"inaccessible_tail\" or \"two_mappings\"");
  EXPECT_EQ(complaint_of_call({{"buffers", json::array()}, {"warnings", "ignore"}}),
            "/steps/0/call/warnings: is \"ignore\"; what is allowed is \"error\"");
}

TEST(UnreadableScenario, HasAFieldThatThereIsNot) {
  EXPECT_EQ(complaint_of_step({{"step", "send"}, {"data", ""}, {"filse", 1}}),
            "/steps/0/filse: there is no such field here, only step, sender, data, files, flags, control, by_a_child");
  EXPECT_EQ(complaint_of({{"kind", "udp4"}, {"steps", json::array()}, {"a/b~\n", 1}}),
            "/a~1b~0\\x0a: there is no such field here, only kind, steps");
  EXPECT_THAT(complaint_of_call({{"buffers", json::array()}, {"ancbuf", 1}}), StartsWith("/steps/0/call/ancbuf: "));
  EXPECT_THAT(complaint_of_buffer({{"size", 1}, {"fil", "00"}}), StartsWith("/steps/0/call/buffers/1/fil: "));
  EXPECT_THAT(
      complaint_of_step({{"step", "play"}, {"script", {{"steps", {{{"answer", {{"kind", "hold"}, {"data", ""}}}}}}}}}),
      StartsWith("/steps/0/script/steps/0/answer/data: "));
}

// A number that does not fit is not cut to one that does.
TEST(UnreadableScenario, HasANumberOutOfItsRange) {
  const auto with_flags = [](const json& flags) {
    return complaint_of_step({{"step", "send"}, {"data", ""}, {"flags", flags}});
  };
  const std::string allowed = "what is allowed is an integer from -2147483648 to 2147483647";
  EXPECT_EQ(with_flags(2147483648), "/steps/0/flags: is 2147483648; " + allowed);
  EXPECT_EQ(with_flags(-2147483649), "/steps/0/flags: is -2147483649; " + allowed);
  EXPECT_EQ(with_flags(18446744073709551615U), "/steps/0/flags: is 18446744073709551615; " + allowed);
  EXPECT_EQ(with_flags(-2147483648), "no complaint");
  EXPECT_THAT(complaint_of_buffer({{"size", -1}}), StartsWith("/steps/0/call/buffers/1/size: is -1; "));
  EXPECT_THAT(complaint_of_step({{"step", "signal"}, {"signum", 0}}), HasSubstr("an integer from 1 to 64"));
  EXPECT_THAT(complaint_of_step({{"step", "flood"}, {"data", ""}, {"times", 1'000'001}}), StartsWith("/steps/0/times"));
  EXPECT_THAT(complaint_of_step({{"step", "await_answer"}, {"at_most_ms", 86'400'001}}),
              StartsWith("/steps/0/at_most_ms"));
  EXPECT_THAT(complaint_of_step({{"step", "set_receive_timeout"}, {"time_ms", -1}}), StartsWith("/steps/0/time_ms"));
}

TEST(UnreadableScenario, AsksForMoreMemoryThanThereIs) {
  EXPECT_THAT(complaint_of_buffer({{"size", std::uint64_t{1} << 40U}}),
              StartsWith("/steps/0/call/buffers/1/size: is 1099511627776, and 4 bytes before it; what is allowed is "));
  EXPECT_EQ(complaint_of_buffer({{"size", (std::uint64_t{1} << 30U) - 4}}), "no complaint");
  EXPECT_THAT(complaint_of_buffer({{"size", (std::uint64_t{1} << 30U) - 3}}), StartsWith("/steps/0/call/buffers/1/"));
  EXPECT_EQ(complaint_of_buffer({{"size", std::uint64_t{1} << 40U}, {"memory", "sparse"}}), "no complaint");
  EXPECT_EQ(complaint_of_buffer({{"size", ~std::uint64_t{0}}, {"memory", "inaccessible"}}), "no complaint");
}

TEST(UnreadableScenario, HasABorderThatCannotBe) {
  const auto with_border = [](json border) {
    return complaint_of_buffer({{"size", 4}, {"memory", "inaccessible_tail"}, {"border", std::move(border)}});
  };
  EXPECT_EQ(with_border(1), "no complaint");
  EXPECT_EQ(with_border(4), "no complaint");
  EXPECT_EQ(with_border(0), "/steps/0/call/buffers/1: the border lies outside the storage");
  EXPECT_EQ(with_border(5), "/steps/0/call/buffers/1: the border lies outside the storage");
  EXPECT_THAT(complaint_of_buffer({{"size", 4}, {"memory", "two_mappings"}}), HasSubstr("border"));
  EXPECT_THAT(complaint_of_buffer({{"size", 4}, {"border", 1}}), StartsWith("/steps/0/call/buffers/1/border: "));
}

TEST(UnreadableScenario, HasABufferThatCannotBe) {
  EXPECT_EQ(complaint_of_buffer({{"size", 4}, {"from", 5}}),
            "/steps/0/call/buffers/1: a buffer lies outside its storage");
  EXPECT_EQ(complaint_of_buffer({{"storage", 1}}),
            "/steps/0/call/buffers/1: a shared buffer names an earlier entry that made a storage");
  EXPECT_EQ(complaint_of_buffer({{"storage", 0}, {"size", 4}}),
            "/steps/0/call/buffers/1/size: a part of an earlier storage has no size of its own");
  EXPECT_EQ(complaint_of_buffer({{"storage", 0}, {"fill", "00"}}),
            "/steps/0/call/buffers/1/fill: a part of an earlier storage is not filled");
  EXPECT_EQ(complaint_of_buffer({{"storage", 0}, {"memory", "sparse"}}),
            "/steps/0/call/buffers/1/memory: a part of an earlier storage has that storage's memory");
  EXPECT_EQ(complaint_of_buffer({{"size", 4}, {"fill", ""}}),
            "/steps/0/call/buffers/1/fill: is empty; what is allowed is at least one byte");
  EXPECT_EQ(complaint_of_buffer({{"size", 0}, {"memory", "sparse"}}),
            "/steps/0/call/buffers/1: a sparse storage has at least one byte");
  EXPECT_EQ(complaint_of_buffer(json::object()), "/steps/0/call/buffers/1: has no field \"size\"");
}

// A file must not create sockets at any place in the file system.
TEST(UnreadableScenario, BindsANameElsewhere) {
  const auto with_name = [](const char* kind, const Bytes& name) {
    return complaint_of_step({{"step", "add_sender"}, {"name", {{"kind", kind}, {"name", to_hex(name)}}}});
  };
  EXPECT_EQ(with_name("pathname", "/../../x"),
            "/steps/0/name: the end of a pathname has neither a slash nor a zero byte");
  EXPECT_EQ(with_name("abstract", "/tmp/x"), "/steps/0/name: an abstract name begins with a zero byte");
  EXPECT_EQ(with_name("abstract", Bytes(109, '\0')), "/steps/0/name: the name has more than 108 bytes");
  EXPECT_EQ(with_name("pathname", "abc"), "no complaint");
  EXPECT_EQ(complaint_of_step({{"step", "rename_interface"}, {"name", to_hex("0123456789abcdef")}}),
            "/steps/0: the name of an interface has 1 to 15 bytes");
}

}  // namespace
}  // namespace recvinto::kit
