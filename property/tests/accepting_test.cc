// Which scenarios a law judges: those that it generates, what they are shrunk to, and no others that a person has
// edited. Those are the model's.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <cerrno>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kit/values/unix_options.h"
#include "property/framework/judging.h"
#include "property/framework/simpler.h"
#include "property/generators/scenarios.h"
#include "property/tests/everything.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::ScriptedMessage;
using kit::Step;
using kit::answer::Result;
using std::chrono::milliseconds;
namespace step = kit::step;

Scenario sent_and_called(Call call, const kit::SocketKind& kind = kit::kUnixStream) {
  Scenario scenario{kind, {step::Send{.data = "abcd"}}};
  add_call(scenario, std::move(call));
  return scenario;
}

Scenario answered(Result result, Call call) {
  Scenario scenario{kit::kUdp6, {step::Play{{.steps = {kit::gives(std::move(result))}}}}};
  add_call(scenario, std::move(call));
  return scenario;
}

Scenario answered(Result result) {
  return answered(std::move(result), {.buffers = {kit::room(8)}, .ancbufsize = kPlentyForScripts});
}

/// The calls in turn, each of what was sent to it, and a Drain before the second one.
Scenario with_a_history(Call first, Call second, std::vector<Step> between = {step::Drain{}}) {
  Scenario scenario = sent_and_called(std::move(first));
  scenario.steps.insert(scenario.steps.end(), between.begin(), between.end());
  scenario.steps.emplace_back(step::Send{.data = "efgh"});
  add_call(scenario, std::move(second));
  return scenario;
}

Scenario on_a_shared_socket(const std::vector<kit::Bytes>& sent) {
  Scenario scenario{kit::kUnixDatagram, {step::Start{{.buffers = {kit::room(8)}, .concurrent = true}}}};
  for (const kit::Bytes& data : sent) scenario.steps.emplace_back(step::Send{.data = data});
  scenario.steps.emplace_back(step::Finish{});
  return scenario;
}

Scenario stamped() {
  Scenario scenario = sent_and_called({.buffers = {kit::room(8)}, .ancbufsize = kPlenty}, kit::kUdp4);
  scenario.steps.insert(scenario.steps.begin(), step::SetOption{SOL_SOCKET, SO_TIMESTAMP, 1});
  return scenario;
}

/// A call that is woken for nothing once, and then gets data.
Scenario timed(std::vector<kit::ScriptedWait> waits) {
  Scenario scenario{
      kit::kUdp6,
      {step::Play{{.steps = {kit::fails(EAGAIN), kit::gives("ab")}, .readable = false, .waits = std::move(waits)}}}};
  add_call(scenario, {.buffers = {kit::room(8)}, .timeout = milliseconds(20)});
  return scenario;
}

struct Edited {
  std::string_view name;
  std::string_view law;
  bool is_judged = false;
  Scenario scenario;
};

const std::vector<Edited>& edited_scenarios() {
  static const std::vector<ScriptedMessage> kTooLong{{.level = 6, .type = 7, .data = "abcd", .claimed_data = 9}};
  static const std::vector<Edited> kEdited{
      {"Plain", "InterruptionsChangeNothing", true, sent_and_called({.buffers = {kit::room(8)}})},
      {"WithALongTimeout", "InterruptionsChangeNothing", true,
       sent_and_called({.buffers = {kit::room(8)}, .timeout = milliseconds(1000)})},
      {"WithATimeoutThatHandlersMayTake", "InterruptionsChangeNothing", false,
       sent_and_called({.buffers = {kit::room(8)}, .timeout = milliseconds(1)})},
      {"RefusedByItsFlags", "InterruptionsChangeNothing", false,
       sent_and_called({.buffers = {kit::room(8)}, .flags = MSG_OOB})},
      {"RefusedByItsBuffers", "InterruptionsChangeNothing", false, sent_and_called({.buffers = kit::rooms(1025, 1)})},
      {"Plain", "ShorterControlBufferReceivesAPrefix", true,
       sent_and_called({.buffers = {kit::room(8)}, .ancbufsize = 20})},
      {"RefusedByItsRoom", "ShorterControlBufferReceivesAPrefix", false,
       sent_and_called({.buffers = {kit::room(8)}, .ancbufsize = -1})},
      {"Plain", "ScatteringEqualsOneBufferThenSplitting", true, sent_and_called({.buffers = kit::rooms(3, 2)})},
      {"Sparse", "ScatteringEqualsOneBufferThenSplitting", false,
       sent_and_called({.buffers = {kit::room(2), kit::sparse(std::size_t{1} << 32)}})},
      {"WithATimeout", "ScatteringEqualsOneBufferThenSplitting", false,
       sent_and_called({.buffers = kit::rooms(3, 2), .timeout = milliseconds(20)})},
      {"Plain", "ReceivingInPartsEqualsReceivingOnce", true, sent_and_called({.buffers = {kit::room(2)}})},
      {"OfMessages", "ReceivingInPartsEqualsReceivingOnce", false,
       sent_and_called({.buffers = {kit::room(2)}}, kit::kUdp4)},
      {"Plain", "PeekingChangesNothing", true, sent_and_called({.buffers = {kit::room(2)}})},
      {"ALook", "PeekingChangesNothing", false, sent_and_called({.buffers = {kit::room(2)}, .flags = MSG_PEEK})},
      {"Plain", "HistoryChangesNothing", true,
       with_a_history({.buffers = {kit::room(8)}}, {.buffers = kit::rooms(2, 2)})},
      {"WithoutADrain", "HistoryChangesNothing", false,
       with_a_history({.buffers = {kit::room(8)}}, {.buffers = {kit::room(8)}}, {})},
      {"WithAnOptionBetween", "HistoryChangesNothing", false,
       with_a_history({.buffers = {kit::room(8)}}, {.buffers = {kit::room(8)}},
                      {step::Drain{}, step::SetOption{SOL_SOCKET, SO_PASSCRED, 1}})},
      {"WithNothingBehindTheDrain", "HistoryChangesNothing", false,
       Scenario{kit::kUnixStream,
                {step::Send{.data = "abcd"}, step::Start{{.buffers = {kit::room(8)}}}, step::Finish{}, step::Drain{}}}},
      {"Plain", "CallsOnASocketShareItsData", true, on_a_shared_socket({"abcd", "ef"})},
      {"WithOneMessageForBoth", "CallsOnASocketShareItsData", false, on_a_shared_socket({"abcd"})},
      {"Plain", "ItemsMatchThoseThatRecvmsgSees", true, stamped()},
      {"OnAStream", "ItemsMatchThoseThatRecvmsgSees", false,
       sent_and_called({.buffers = {kit::room(8)}, .ancbufsize = kPlenty})},
      {"Plain", "NoWaitIsLongerThanWhatIsLeft", true, timed({kit::wait_is_ready(), kit::wait_is_ready()})},
      {"WithMoreAlarmsThanWaits", "NoWaitIsLongerThanWhatIsLeft", false, timed({kit::wait_is_ready()})},
      {"WithoutData", "NoWaitIsLongerThanWhatIsLeft", false, timed({kit::wait_is_ready(), kit::wait_times_out()})},
      {"Plain", "MalformedControlDataKeepsEarlierItems", true, answered({.data = "ab", .control = kTooLong})},
      {"WarningsAreErrors", "MalformedControlDataKeepsEarlierItems", false,
       answered({.data = "ab", .control = kTooLong},
                {.buffers = {kit::room(8)}, .ancbufsize = kPlenty, .warnings_are_errors = true})},
      {"LengthOfItsOwn", "MalformedControlDataKeepsEarlierItems", false,
       answered({.data = "ab", .control = kTooLong, .msg_controllen = 2})},
      {"FilesInAnotherItem", "MalformedControlDataKeepsEarlierItems", false,
       answered({.data = "ab", .control = {{.level = 6, .type = 7, .files = 2}}})},
      {"Plain", "ControlMessagesOfEveryKindAreReturned", true,
       answered({.data = "ab", .control = {{.level = 6, .type = 7, .data = "abcd"}}})},
      {"APidfdOfSomethingElse", "ControlMessagesOfEveryKindAreReturned", false,
       answered({.data = "ab", .control = {{.type = kit::kScmPidfd, .data = "abcd"}}})},
      {"AnItemThatClaimsTooMuch", "ControlMessagesOfEveryKindAreReturned", false,
       answered({.data = "ab", .control = kTooLong})},
      {"Plain", "DescriptorsInMalformedItemsAreReported", true,
       answered({.control = {{.type = SCM_RIGHTS, .files = 2, .claimed_data = 20}}, .pad_the_last = false})},
      {"AnItemThatClaimsTooLittle", "DescriptorsInMalformedItemsAreReported", false,
       answered({.control = {{.type = SCM_RIGHTS, .files = 2, .claimed_data = 4}}, .pad_the_last = false})},
  };
  return kEdited;
}

class EditedScenario : public testing::TestWithParam<Edited> {};

TEST_P(EditedScenario, IsJudgedByItsLawWhereItIsOfTheFamily) {
  const Edited& edited = GetParam();
  const World world = everything();
  const kit::ScenarioFile file{.scenario = edited.scenario, .law = std::string(edited.law)};
  EXPECT_EQ(law_for(file, world).name, edited.is_judged ? edited.law : model_law().name);
}

INSTANTIATE_TEST_SUITE_P(Laws, EditedScenario, testing::ValuesIn(edited_scenarios()),
                         [](const testing::TestParamInfo<Edited>& edited) {
                           return std::string(edited.param.law) + std::string(edited.param.name);
                         });

TEST(Laws, AcceptWhatTheyGenerate) {
  World without_scripts = everything();
  without_scripts.scripts = false;
  World plain = everything();
  plain.capabilities = {kit::Capability::kScatter, kit::Capability::kAncillary, kit::Capability::kRights};
  for (const World& world : {everything(), without_scripts, plain}) {
    for (const Law& law : every_law()) {
      if (!why_not(law, world).empty()) continue;
      for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Source source(seed);
        EXPECT_TRUE(law.accepts(law.generate(source, world))) << law.name << ", seed " << seed;
      }
    }
  }
}

bool returns(const Scenario& scenario) {
  return makes_sense(scenario, model_law(), everything());
}

TEST(WhetherAScenarioMakesSense, IsAskedOfEachCall) {
  const Call call{.buffers = {kit::room(8)}};
  Scenario scenario = answered({.data = "ab", .returned = 9}, call);
  EXPECT_TRUE(returns(scenario));
  add_call(scenario, call);  // which no script answers
  EXPECT_FALSE(returns(scenario));
}

TEST(WhetherAScenarioMakesSense, DependsOnTheAnswersOfTheScript) {
  const auto played = [](std::vector<kit::ScriptStep> steps) {
    Scenario scenario{kit::kUdp6, {step::Play{{.steps = std::move(steps)}}}};
    add_call(scenario, {.buffers = {kit::room(8)}});
    return scenario;
  };
  EXPECT_TRUE(returns(played({kit::fails(EINTR), kit::gives("ab")})));
  EXPECT_TRUE(returns(played({kit::fails(ECONNRESET)})));
  EXPECT_FALSE(returns(played({{.answer = kit::answer::Hold{}}}))) << "nothing releases it";
  EXPECT_FALSE(returns(played({kit::fails(EINTR)}))) << "then the kernel answers";
  EXPECT_FALSE(returns(played({kit::pass()})));
}

TEST(WhetherAScenarioMakesSense, DependsOnHowLongItWaits) {
  const auto waiting = [](milliseconds timeout) {
    Scenario scenario{kit::kUdp6, {}};
    add_call(scenario, {.buffers = {kit::room(8)}, .timeout = timeout});
    return scenario;
  };
  EXPECT_TRUE(returns(waiting(milliseconds(20))));
  EXPECT_FALSE(returns(waiting(milliseconds(30000))));
  EXPECT_TRUE(returns(sent_and_called({.buffers = {kit::room(8)}, .timeout = milliseconds(30000)})));
  EXPECT_FALSE(returns(waiting(milliseconds(std::numeric_limits<std::int64_t>::max())))) << "as no int can say";
}

TEST(GivenScenarios, MayHaveAPeerBesideTheSendersThatAreAdded) {
  Scenario scenario{kit::kUdp6, {step::SetOption{IPPROTO_IPV6, IPV6_RECVTCLASS, 1}, step::AddSender{}}};
  for (const std::size_t sender : {std::size_t{1}, std::size_t{0}}) {
    scenario.steps.emplace_back(step::Send{.sender = sender, .data = "abcd"});
    add_call(scenario, {.buffers = {kit::room(8)}, .ancbufsize = kPlenty});
  }
  Subject reference("reference", {});
  KernelOracle kernel({});
  const kit::Outcome outcome = judge_file({.scenario = scenario}, reference, kernel);
  EXPECT_EQ(outcome.verdict, kit::Verdict::kPass) << kit::summary_of(outcome);
}

TEST(GivenScenarios, AreNotPerformedWhereAScriptGivesAwayDescriptorsOfSomethingElse) {
  Subject reference("reference", {});
  KernelOracle kernel({});
  const ScriptedMessage standard_input{.type = SCM_RIGHTS, .data = std::string(4, '\0')};
  const ScriptedMessage reaches_into_padding{.type = SCM_RIGHTS, .files = 1, .claimed_data = 8};
  for (const ScriptedMessage& message : {standard_input, reaches_into_padding}) {
    const kit::Outcome outcome = judge_file({.scenario = answered({.control = {message}})}, reference, kernel);
    EXPECT_EQ(outcome.cause, kit::Cause::kCannotPerform) << kit::summary_of(outcome);
  }
}

TEST(GivenScenarios, MayWaitLongerThanNanosecondsCanSay) {
  Subject reference("reference", {});
  KernelOracle kernel({});
  const Scenario scenario =
      sent_and_called({.buffers = {kit::room(8)}, .timeout = milliseconds(std::numeric_limits<std::int64_t>::max())});
  const kit::Outcome outcome = perform_file({.scenario = scenario}, reference);
  ASSERT_EQ(outcome.history.size(), 1U);
  EXPECT_FALSE(std::get<kit::Observation>(outcome.history[0]).error) << "it finds something";
}

}  // namespace
}  // namespace recvinto::property
