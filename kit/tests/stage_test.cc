// One receiving socket and its senders, performed on the reference in a process of its own.

#include "kit/performing/stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>

#include "kit/host/process_facts.h"
#include "kit/host/sockets.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/deadlines.h"
#include "kit/tests/every_capability.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {
namespace {

using enum Capability;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StageTest : public testing::Test {
 protected:
  StageTest() { std::signal(SIGPIPE, SIG_IGN); }

  Stage& open(const SocketKind& kind, Capabilities permitted = kAllCapabilities) {
    stage_.reset();
    adapter_.prepare();
    return stage_.emplace(adapter_, kind, permitted);
  }
  [[nodiscard]] pid_t pid() const { return adapter_.pid(); }

 private:
  AdapterProcess adapter_{{CONFORMANCE_RUNNER, "serve", "reference"}, kLong};
  std::optional<Stage> stage_;
};

TEST_F(StageTest, BringsDataFromThePeerToTheCallOnEveryKind) {
  for (const SocketKind& kind : kEveryKind) {
    Stage& stage = open(kind);
    stage.send("abc");
    const Observation observation = stage.receive({.buffers = {room(2), room(2)}});
    EXPECT_EQ(observation.nbytes, 3) << kind.name;
    EXPECT_THAT(observation.storages, ElementsAre("ab", "c\xee")) << kind.name;
  }
}

// A call that does not wait finds what was sent: send() returns when it has arrived.
TEST_F(StageTest, HasDeliveredWhatItSent) {
  for (const SocketKind& kind : kEveryKind) {
    Stage& stage = open(kind);
    stage.send("abc");
    EXPECT_EQ(stage.receive({.buffers = {room(8)}, .timeout = std::chrono::milliseconds(0)}).nbytes, 3) << kind.name;
  }
}

TEST_F(StageTest, KnowsWhereDataComesFrom) {
  for (const SocketKind& kind : kUdpKinds) {
    Stage& stage = open(kind);
    stage.add_sender();
    stage.add_sender();
    EXPECT_NE(stage.address_of(0), stage.address_of(1));
    stage.send("second", 0, 1);
    EXPECT_EQ(stage.receive({.buffers = {room(8)}}).address, stage.address_of(1)) << kind.name;
  }
}

TEST_F(StageTest, SeesWhichFileEachDescriptorIsOpenOn) {
  Stage& stage = open(kUnixDatagram);
  stage.send("a", /*files=*/2);
  stage.send("b", /*files=*/1);
  const Call call{.buffers = {room(1)}, .ancbufsize = 64};
  const Observation first = stage.receive(call);
  ASSERT_EQ(first.descriptors.size(), 2U);
  EXPECT_EQ(first.descriptors[0].file, 0U);
  EXPECT_EQ(first.descriptors[1].file, 1U);
  EXPECT_NE(first.descriptors[0].number, first.descriptors[1].number);
  EXPECT_EQ(first.stray_descriptors, 0U);
  const Observation second = stage.receive(call);
  ASSERT_EQ(second.descriptors.size(), 1U);
  EXPECT_EQ(second.descriptors[0].file, 2U);
}

TEST_F(StageTest, SeesWhichDescriptorsAreCloseOnExec) {
  Stage& stage = open(kUnixDatagram);
  stage.send("a", /*files=*/1);
  stage.send("b", /*files=*/1);
  const Observation plain = stage.receive({.buffers = {room(1)}, .ancbufsize = 64});
  const Observation cloexec = stage.receive({.buffers = {room(1)}, .ancbufsize = 64, .flags = MSG_CMSG_CLOEXEC});
  ASSERT_EQ(plain.descriptors.size(), 1U);
  ASSERT_EQ(cloexec.descriptors.size(), 1U);
  EXPECT_NE(plain.descriptors[0].close_on_exec, true) << "the reference passes the flags on as they are";
  EXPECT_TRUE(cloexec.descriptors[0].close_on_exec);
}

TEST_F(StageTest, ClosesTheDescriptorsThatArrivedInTheOtherProcess) {
  Stage& stage = open(kUnixStream);
  const std::size_t before = open_descriptors(pid()).size();
  stage.send("a", /*files=*/3);
  EXPECT_EQ(stage.receive({.buffers = {room(1)}, .ancbufsize = 64}).descriptors.size(), 3U);
  EXPECT_EQ(open_descriptors(pid()).size(), before);
}

TEST_F(StageTest, DrainsTheMessagesThatAreLeft) {
  for (const SocketKind& kind : kMessageKinds) {
    Stage& stage = open(kind);
    stage.send("abc");
    stage.send("");
    stage.send("d");
    EXPECT_THAT(stage.drain(), ElementsAre(QueuedMessage{"abc", 0}, QueuedMessage{"", 0}, QueuedMessage{"d", 0}))
        << kind.name;
    EXPECT_THAT(stage.drain(), IsEmpty()) << kind.name;
  }
}

TEST_F(StageTest, DrainsAStreamAsOneMessage) {
  for (const SocketKind& kind : kStreamKinds) {
    Stage& stage = open(kind);
    stage.send("abc");
    stage.send("d");
    EXPECT_THAT(stage.drain(), ElementsAre(QueuedMessage{"abcd", 0})) << kind.name;
  }
}

TEST_F(StageTest, DrainsNoMoreThanTheEndOfAConnection) {
  for (const SocketKind& kind : kConnectedKinds) {
    Stage& stage = open(kind);
    stage.send("abc");
    stage.peer_closes();
    EXPECT_THAT(stage.drain(), ElementsAre(QueuedMessage{"abc", 0})) << kind.name;
  }
}

TEST_F(StageTest, CountsTheDescriptorsThatItDrainsAndClosesThem) {
  Stage& stage = open(kUnixDatagram);
  const std::size_t before = open_descriptors(getpid()).size();
  stage.send("a", /*files=*/2);  // two files stay open here until the stage ends, beside the socket and its peer
  const std::size_t with_files = open_descriptors(getpid()).size();
  EXPECT_EQ(with_files, before + 2);
  EXPECT_THAT(stage.drain(), ElementsAre(QueuedMessage{"a", 2}));
  EXPECT_EQ(open_descriptors(getpid()).size(), with_files);
}

TEST_F(StageTest, RefusesACallThatTheCheckDidNotDeclareToNeed) {
  Stage& stage = open(kUnixStream, {kScatter});
  EXPECT_NO_THROW(stage.start({.buffers = rooms(2, 1)}));
  for (const Call& undeclared :
       {Call{.buffers = {}}, Call{.buffers = {room(0)}}, Call{.buffers = {room(1)}, .flags = 0},
        Call{.buffers = {room(1), part_of(0, 0, 1)}}, Call{.buffers = {room(1)}, .timeout = kLong}}) {
    EXPECT_THROW(stage.start(undeclared), std::logic_error) << describe(undeclared);
  }
}

TEST_F(StageTest, NamesTheCapabilityThatWasNotDeclared) {
  Stage& stage = open(kUnixStream, {});
  try {
    stage.start({.buffers = {room(1)}, .flags = 0});
    FAIL() << "started";
  } catch (const std::logic_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("asks for flags and does not declare that it needs it"));
  }
}

TEST_F(StageTest, LetsACheckChooseTheNumberOfBuffersWhereTheImplementationDoes) {
  Stage& stage = open(kUnixStream, {});
  stage.send("a");
  EXPECT_NO_THROW(stage.receive({.buffers = rooms(2, 1)}));
}

TEST_F(StageTest, LetsACheckChooseTheRoomWhereTheImplementationDoes) {
  Stage& stage = open(kUnixStream, {});
  stage.send("a");
  EXPECT_NO_THROW(stage.receive({.buffers = {room(1)}, .ancbufsize = 64}));
}

TEST_F(StageTest, DeliversASignalToACallThatSleeps) {
  Stage& stage = open(kUdp4);
  stage.install_handler(SIGUSR1, HandlerAction::kReturn);
  stage.start({.buffers = {room(4)}});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stage.await_sleep());
    stage.signal(SIGUSR1);
  }
  ASSERT_TRUE(stage.await_sleep()) << "again";
  stage.send("abc");
  const Observation observation = stage.finish();
  EXPECT_EQ(observation.nbytes, 3);
  EXPECT_EQ(observation.signals, 3);
}

TEST_F(StageTest, SeesThatACallDoesNotSleepWhereItHasAnAnswer) {
  Stage& stage = open(kUnixStream);
  stage.send("abc");
  stage.start({.buffers = {room(4)}});
  EXPECT_FALSE(stage.await_sleep());
  EXPECT_EQ(stage.finish().nbytes, 3);
}

TEST_F(StageTest, StopsAndContinuesTheCall) {
  Stage& stage = open(kUnixStream);
  stage.start({.buffers = {room(4)}});
  ASSERT_TRUE(stage.await_sleep());
  stage.stop_and_continue();
  ASSERT_TRUE(stage.await_sleep());
  EXPECT_FALSE(is_stopped(pid()));
  stage.send("abc");
  EXPECT_EQ(stage.finish().nbytes, 3);
}

TEST_F(StageTest, ClosesTheReceiverThereAndNotHere) {
  Stage& stage = open(kUnixStream);
  stage.close_receiver();
  const Observation observation = stage.receive({.buffers = {room(1)}});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EBADF);
  EXPECT_EQ(stage.send_backwards("x"), std::error_code());
  EXPECT_EQ(stage.peer_reads(), "x");
}

TEST_F(StageTest, HasAnotherReaderOfTheSameSocket) {
  Stage& stage = open(kUnixStream);
  stage.send("abcd", /*files=*/1);
  stage.read_elsewhere(3);
  const Observation observation = stage.receive({.buffers = {room(8)}, .ancbufsize = 64});
  EXPECT_EQ(observation.nbytes, 1);
  EXPECT_THAT(observation.descriptors, IsEmpty());
  EXPECT_EQ(observation.stray_descriptors, 0);
  EXPECT_THROW(stage.read_elsewhere(1), TookMore);
}

TEST_F(StageTest, HasAReceiverThatListens) {
  for (const SocketKind& kind : {kUnixStream, kTcp4}) {
    Stage& stage = open(kind);
    stage.listen_for_connections();
    EXPECT_EQ(stage.option(SOL_SOCKET, SO_ACCEPTCONN), 1) << kind.name;
  }
}

TEST_F(StageTest, StartsAnewForASocketThatTheCommonPoolLacks) {
  const pid_t before = (open(kUnixStream), pid());
  Stage& stage = open(kNetlinkRoute);
  stage.ask_for_interfaces();
  EXPECT_NE(pid(), before);
  EXPECT_GT(stage.receive({.buffers = {room(65'536)}}).nbytes, 0);
  const pid_t since = pid();
  open(kNetlinkRoute).ask_for_interfaces();
  EXPECT_EQ(pid(), since) << "and has more of them then";
}

TEST_F(StageTest, BringsDataFromThePeerInAPrivateNetwork) {
  for (const SocketKind& kind : {kUdp4, kUdp6, kRaw4, kPacket}) {
    try {
      Stage& stage = open(kind);
      stage.enter_private_network();
      stage.send("abcdefgh");
      EXPECT_THAT(stage.receive({.buffers = {room(64)}}).storages, ElementsAre(HasSubstr("abcdefgh"))) << kind.name;
    } catch (const EnvironmentLacks& lack) {
      GTEST_SKIP() << lack.what();
    }
  }
}

TEST_F(StageTest, LacksAnAbstractNameThatIsTaken) {
  const BoundName name{.kind = BoundName::Kind::kAbstract, .name = fmt::format("{}recvinto-taken-{}", '\0', getpid())};
  Stage& datagrams = open(kUnixDatagram);
  datagrams.add_sender(name);
  EXPECT_THROW(datagrams.add_sender(name), EnvironmentLacks);

  const UniqueFd taken = open_socket(kUnixStream);
  bind_to(taken.get(), unix_address(name.name));
  EXPECT_THROW(open(kUnixStream).connect_to_server(name), EnvironmentLacks);
}

TEST_F(StageTest, RecordsWhatItDidInOrder) {
  Stage& stage = open(kUnixStream);
  stage.send("abc");
  stage.read_elsewhere(1);
  stage.receive({.buffers = {room(2), slice(10, 2, 9)}, .ancbufsize = 0});
  stage.peer_closes();
  std::string told;
  for (const Stage::Event& event : stage.history()) {
    const auto* step = std::get_if<Step>(&event);
    told += (step != nullptr ? describe(*step) : "an observation") + "\n";
  }
  EXPECT_EQ(told,
            "sender 0 sends \"abc\"\n"
            "another reader takes 1 bytes by recv(2)\n"
            "recvmsg_into: buffers 2, 10[2:9]; ancbufsize 0\n"
            "an observation\n"
            "the peer closes\n");
}

TEST_F(StageTest, RecordsAStepOnceHoweverItIsSpelled) {
  Stage& stage = open(kUnixStream);
  const Call call{.buffers = {room(9)}};
  stage.send("abc");
  stage.act(step::Send{.data = "def"});
  EXPECT_FALSE(stage.act(Step(step::Start{call}))) << "its observation comes with Finish";
  const std::optional<Observation> seen = stage.act(Step(step::Finish{}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->nbytes, 6);
  EXPECT_EQ(stage.scenario().steps, (std::vector<Step>{step::Send{.data = "abc"}, step::Send{.data = "def"},
                                                       step::Start{call}, step::Finish{}}));
  EXPECT_EQ(stage.history().size(), 4U) << "the observation stands for Finish";
}

TEST_F(StageTest, LeavesNoDescriptorBehind) {
  for (const SocketKind& kind : kEveryKind) open(kind).send("abc");
  const std::size_t before = open_descriptors(getpid()).size();
  for (int i = 0; i < 2; ++i) {
    for (const SocketKind& kind : kEveryKind) open(kind).send("abc");
  }
  // Each stage returns what it took out of the pool, and the last one is still there.
  EXPECT_LE(open_descriptors(getpid()).size(), before);
}

}  // namespace
}  // namespace recvinto::kit
