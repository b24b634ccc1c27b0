// What was done once is done again: recorded, written, read, and performed on a fresh stage, to the same end.

#include "kit/performing/perform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kit/oracle/difference.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/deadlines.h"
#include "kit/tests/every_capability.h"
#include "kit/values/scenario_json.h"

namespace recvinto::kit {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

const Call kPlain{.buffers = {room(4), slice(10, 2, 9), room(14)}, .ancbufsize = 256};
const Call kPeek{.buffers = {room(8)}, .ancbufsize = 256, .flags = MSG_PEEK};

class PerformTest : public testing::Test {
 protected:
  PerformTest() { std::signal(SIGPIPE, SIG_IGN); }

  /// Performs it, then once more what was recorded, by way of JSON; both must have the same results. What came the
  /// first time.
  static std::vector<Observation> perform_twice(Implementation& adapter, const Scenario& scenario) {
    const auto [recorded, observations] = performed(adapter, scenario);
    EXPECT_EQ(recorded, scenario) << "the record has the steps of the scenario";
    const Scenario read = scenario_from_json(to_json(recorded));
    const auto [recorded_again, observations_again] = performed(adapter, read);
    EXPECT_EQ(to_json(recorded_again), to_json(recorded));
    EXPECT_THAT(observations_again, SizeIs(observations.size()));
    for (std::size_t i = 0; i < std::min(observations.size(), observations_again.size()); ++i) {
      for (const Comparison& row : compare(scenario.kind, observations[i], observations_again[i], kAllCapabilities)) {
        EXPECT_TRUE(row.agrees) << row.field << ": " << row.expected << ", then " << row.actual;
      }
    }
    return observations;
  }
  std::vector<Observation> perform_twice(const Scenario& scenario) { return perform_twice(adapter_, scenario); }

  /// The complaint.
  std::string refused(const Scenario& scenario) {
    try {
      performed(adapter_, scenario);
    } catch (const CannotPerform& error) {
      EXPECT_EQ(error.step() + 1, scenario.steps.size()) << "the last is the one that cannot be done";
      return error.what();
    }
    return "it can be done";
  }

  AdapterProcess& adapter() { return adapter_; }

 private:
  static std::pair<Scenario, std::vector<Observation>> performed(Implementation& adapter, const Scenario& scenario) {
    adapter.prepare();
    Stage stage(adapter, scenario.kind, kAllCapabilities);
    std::vector<Observation> observations = perform(stage, scenario);
    return {stage.scenario(), std::move(observations)};
  }

  AdapterProcess adapter_{{CONFORMANCE_RUNNER, "serve", "reference"}, kLong};
};

TEST_F(PerformTest, BringsDataOnEveryKind) {
  for (const SocketKind& kind : kEveryKind) {
    const auto seen = perform_twice({.kind = kind,
                                     .steps = {step::Send{.data = "abcdef"}, step::Start{kPeek}, step::Finish{},
                                               step::Start{kPlain}, step::Finish{}}});
    ASSERT_THAT(seen, SizeIs(2)) << kind.name;
    EXPECT_EQ(seen[0].storages[0], Bytes("abcdef\xee\xee")) << kind.name;
    EXPECT_EQ(seen[1].nbytes, 6) << kind.name;
  }
}

TEST_F(PerformTest, BringsDescriptorsAndCredentials) {
  const auto seen = perform_twice(
      {.kind = kUnixDatagram,
       .steps = {step::AddSender{{BoundName::Kind::kPathname}}, step::AddSender{{.kind = BoundName::Kind::kAutobound}},
                 step::SetOption{SOL_SOCKET, SO_PASSCRED, 1},
                 step::Send{.data = "a", .files = 1, .control = {sent::Rights{.files = 2}, sent::Credentials{}}},
                 step::Send{.sender = 1, .data = "b", .by_a_child = true}, step::CloseFiles{}, step::Start{kPlain},
                 step::Finish{}, step::Start{kPlain}, step::Finish{}}});
  ASSERT_THAT(seen, SizeIs(2));
  ASSERT_THAT(seen[0].descriptors, SizeIs(3));
  EXPECT_EQ(seen[0].descriptors[2].file, 2);
  ASSERT_THAT(*seen[1].ancdata, SizeIs(1));
  EXPECT_EQ((*seen[1].ancdata)[0].type, SCM_CREDENTIALS);
}

TEST_F(PerformTest, BringsAddressesErrorsAndAncillaryItems) {
  const auto seen = perform_twice(
      {.kind = kUdp6,
       .steps = {step::AddSender{}, step::AddSender{}, step::SetOption{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1},
                 step::SetSenderOption{1, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9}, step::Send{.sender = 1, .data = "x"},
                 step::Start{kPlain}, step::Finish{}, step::SetOption{IPPROTO_IPV6, IPV6_RECVERR, 1},
                 step::SendToNowhere{.data = "lost"}, step::AwaitError{},
                 step::Start{{.buffers = {room(9)}, .ancbufsize = 256, .flags = MSG_ERRQUEUE}}, step::Finish{}}});
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_TRUE(seen[0].address);
  ASSERT_THAT(*seen[0].ancdata, SizeIs(1));
  EXPECT_EQ((*seen[0].ancdata)[0].data[0], 9);
  EXPECT_EQ(seen[1].storages[0], Bytes("lost\xee\xee\xee\xee\xee"));
}

TEST_F(PerformTest, InterruptsACallThatWaits) {
  const auto seen = perform_twice(
      {.kind = kUnixStream,
       .steps = {step::InstallHandler{SIGUSR1, HandlerAction::kReturn}, step::Start{kPlain}, step::AwaitSleep{},
                 step::Signal{SIGUSR1}, step::AwaitSleep{}, step::StopAndContinue{},
                 step::AwaitAnswer{std::chrono::milliseconds(1)}, step::Send{.data = "abc"}, step::Finish{}}});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].signals, 1);
  EXPECT_EQ(seen[0].nbytes, 3);
}

// These change what a call returns, and were not recorded once.
TEST_F(PerformTest, KnowsReceiversThatAreNotPlain) {
  const auto pipe =
      perform_twice({.kind = kUnixStream, .steps = {step::BecomeAPipe{}, step::Start{kPlain}, step::Finish{}}});
  EXPECT_EQ(pipe.at(0).error->number, ENOTSOCK);
  const auto blank =
      perform_twice({.kind = kTcp4, .steps = {step::BecomeBlank{}, step::Start{kPlain}, step::Finish{}}});
  EXPECT_EQ(blank.at(0).error->number, ENOTCONN);
  const auto closed = perform_twice({.kind = kUnixStream,
                                     .steps = {step::CloseReceiver{}, step::SendBackwards{.data = "x"},
                                               step::PeerReads{}, step::Start{kPlain}, step::Finish{}}});
  EXPECT_EQ(closed.at(0).error->number, EBADF);
  const auto timed_out = perform_twice(
      {.kind = kUnixStream,
       .steps = {step::SetReceiveTimeout{std::chrono::milliseconds(1)}, step::Start{kPlain}, step::Finish{}}});
  EXPECT_EQ(timed_out.at(0).error->number, EAGAIN);
  const auto nowhere =
      perform_twice({.kind = kTcp4, .steps = {step::ConnectToNowhere{}, step::Start{kPlain}, step::Finish{}}});
  EXPECT_EQ(nowhere.at(0).error->number, ECONNREFUSED);
}

TEST_F(PerformTest, TakesOutWhatOthersReceive) {
  const auto seen = perform_twice(
      {.kind = kUnixStream,
       .steps = {step::Send{.data = "abcdefgh"}, step::ReadElsewhere{2},
                 step::ReceiveByTheSuite{{.buffers = {room(3)}}}, step::Start{{.buffers = {room(2)}}}, step::Finish{},
                 step::Drain{}, step::PeerShutsDownWriting{}, step::Start{kPlain}, step::Finish{}}});
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(seen[0].storages[0], "fg");
  EXPECT_EQ(seen[1].nbytes, 0);
}

TEST_F(PerformTest, EndsConnections) {
  for (const Step& end : {Step(step::PeerCloses{}), Step(step::PeerResets{}), Step(step::ShutDown{SHUT_RD})}) {
    perform_twice({.kind = kTcp6, .steps = {end, step::Start{kPlain}, step::Finish{}}});
  }
}

TEST_F(PerformTest, PlaysScripts) {
  if (!scripted_kernel_support().available()) GTEST_SKIP() << scripted_kernel_support().lacking;
  AdapterProcess scripted({CONFORMANCE_RUNNER, "serve", "reference"}, kLong, KernelMode::kPass);
  const auto seen = perform_twice(
      scripted, {.kind = kUdp6,
                 .steps = {step::Play{{.steps = {fails(EINTR), gives({.data = "abcd", .msg_flags = MSG_EOR})}}},
                           step::Start{kPlain}, step::Finish{}, step::Play{{.steps = {hold()}}}, step::Start{kPlain},
                           step::AwaitHold{}, step::ReleaseHold{}, step::Finish{}}});
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(seen[0].nbytes, 4);
  EXPECT_EQ(seen[0].msg_flags, MSG_EOR);
  EXPECT_EQ(seen[0].kernel->calls.size(), 2U);
  EXPECT_EQ(seen[1].kernel->unused_steps, 0U);
}

TEST_F(PerformTest, WorksInOtherNetworks) {
  try {
    perform_twice({.kind = kUdp6,
                   .steps = {step::EnterPrivateNetwork{}, step::MeetAt{Place::kMulticast}, step::Send{.data = "abc"},
                             step::Start{kPlain}, step::Finish{}}});
    perform_twice(
        {.kind = kUdp6,
         .steps = {step::MeetAt{Place::kDualStack}, step::Send{.data = "abc"}, step::Start{kPlain}, step::Finish{}}});
  } catch (const EnvironmentLacks& lack) {
    GTEST_SKIP() << lack.what();
  }
}

TEST_F(PerformTest, SaysWhichStepCannotBeDone) {
  EXPECT_EQ(refused({.kind = kUnixStream, .steps = {step::Finish{}}}),
            "step 1 (the call returns): no call is on its way");
  EXPECT_EQ(refused({.kind = kUnixStream, .steps = {step::Start{kPlain}, step::Start{kPlain}}}).substr(0, 21),
            "step 2 (recvmsg_into:");
  EXPECT_THAT(refused({.kind = kUdp4, .steps = {step::Send{.data = "a"}, step::Send{.sender = 3, .data = "b"}}}),
              HasSubstr("step 2 (sender 3 sends \"b\"): "));
  EXPECT_THAT(refused({.kind = kUnixStream, .steps = {step::SendToNowhere{.data = "a"}}}),
              HasSubstr("step 1 (the receiver sends"));
  EXPECT_THAT(refused({.kind = kUnixStream, .steps = {step::AwaitSleep{}}}), HasSubstr("no call is on its way"));
  EXPECT_THAT(refused({.kind = kUnixStream, .steps = {step::AwaitHold{}}}), HasSubstr("no script is played"));
  EXPECT_THAT(refused({.kind = kNetlinkRoute, .steps = {step::Send{.data = "a"}}}), HasSubstr("step 1"));
}

TEST_F(PerformTest, WantsAStageOfTheSameKind) {
  adapter().prepare();
  Stage stage(adapter(), kUdp4, kAllCapabilities);
  EXPECT_THAT([&] { perform(stage, {.kind = kUdp6, .steps = {}}); },
              ThrowsMessage<std::invalid_argument>("a scenario of udp6 cannot be performed on udp4"));
}

TEST(NeededFor, IsWhatItsCallsAndSignalsNeed) {
  const Scenario scenario{.kind = kUdp4,
                          .steps = {step::Start{{.buffers = {room(1)}, .flags = 0}}, step::Finish{},
                                    step::AskCmsgSizes{{1}}, step::InstallHandler{SIGUSR1, HandlerAction::kRaise}}};
  EXPECT_EQ(needed_for(scenario),
            (Capabilities{Capability::kFlags, Capability::kCmsgSizes, Capability::kRaisingHandler}));
  EXPECT_FALSE(is_scripted(scenario));
  EXPECT_EQ(needed_for({.kind = kUdp4, .steps = {step::Play{{.steps = {fails(EINTR), gives("a")}}}}}),
            Capabilities{Capability::kSignals});
  for (const Call& call :
       {Call{.buffers = {room(1)}, .ancbufsize = -1}, Call{.buffers = {room(1)}, .flags = std::int64_t{1} << 32}}) {
    EXPECT_TRUE(needed_for({.kind = kUdp4, .steps = {step::Start{call}}}).contains(Capability::kArguments));
  }
  EXPECT_TRUE(is_scripted({.kind = kUdp4, .steps = {step::Play{}}}));
}

}  // namespace
}  // namespace recvinto::kit
