// What a stage does with TCP and UDP only, performed on the reference in a process of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <variant>

#include "kit/performing/stage.h"
#include "kit/subjects/adapter_process.h"
#include "kit/values/scenario.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kWithoutWaiting{0};

class InetStageTest : public testing::Test {
 protected:
  InetStageTest() { std::signal(SIGPIPE, SIG_IGN); }

  void close() { stage_.reset(); }

  Stage& open(const SocketKind& kind) {
    close();
    adapter_.prepare();
    return stage_.emplace(adapter_, kind, Capabilities{kEveryCapability.begin(), kEveryCapability.end()});
  }

 private:
  AdapterProcess adapter_{{CONFORMANCE_RUNNER, "serve", "reference"}, std::chrono::seconds(30)};
  std::optional<Stage> stage_;
};

TEST_F(InetStageTest, WaitsForUrgentDataAndForWhatFollows) {
  for (const SocketKind& kind : kTcpKinds) {
    Stage& stage = open(kind);
    stage.send("abc");
    stage.send("!", 0, 0, MSG_OOB);
    stage.send("def");
    const Observation urgent = stage.receive({.buffers = {room(1)}, .flags = MSG_OOB, .timeout = kWithoutWaiting});
    EXPECT_EQ(urgent.nbytes, 1) << kind.name;
    EXPECT_THAT(stage.drain(), ElementsAre(QueuedMessage{"abcdef", 0})) << kind.name;
  }
}

TEST_F(InetStageTest, KnowsAConnectedReceiverToHaveHeardOfAClosedPort) {
  for (const SocketKind& kind : kUdpKinds) {
    Stage& stage = open(kind);
    stage.connect_to_nowhere();
    stage.send_to_nowhere("abc");
    const Observation observation = stage.receive({.buffers = {room(8)}, .timeout = kWithoutWaiting});
    ASSERT_TRUE(observation.error) << kind.name;
    EXPECT_EQ(observation.error->number, ECONNREFUSED) << kind.name;
  }
}

TEST_F(InetStageTest, QueuesSeveralErrorsAlthoughOneIsPending) {
  Stage& stage = open(kUdp4);
  stage.set_option(IPPROTO_IP, IP_RECVERR, 1);
  const Address first = stage.send_to_nowhere("a", 0);
  const Address second = stage.send_to_nowhere("b", 1);
  EXPECT_NE(first, second) << "they are distinguished";
  EXPECT_EQ(stage.send_to_nowhere("c", 0), first);
  for (const char* sent : {"a", "b", "c"}) {
    const Observation observation =
        stage.receive({.buffers = {room(1)}, .ancbufsize = 64, .flags = MSG_ERRQUEUE, .timeout = kWithoutWaiting});
    EXPECT_THAT(observation.storages, ElementsAre(sent));
  }
}

TEST_F(InetStageTest, KnowsAConnectToHaveFailed) {
  for (const SocketKind& kind : kTcpKinds) {
    Stage& stage = open(kind);
    stage.connect_to_nowhere();
    const Observation observation = stage.receive({.buffers = {room(8)}, .timeout = kWithoutWaiting});
    ASSERT_TRUE(observation.error) << kind.name;
    EXPECT_EQ(observation.error->number, ECONNREFUSED) << kind.name;
  }
}

TEST_F(InetStageTest, CountsWhatIsLostInAFlood) {
  for (const SocketKind& kind : kUdpKinds) {
    Stage& stage = open(kind);
    EXPECT_EQ(stage.flood("abc", 3), 0U) << kind.name;
    stage.set_option(SOL_SOCKET, SO_RCVBUF, 1);
    const std::size_t lost = stage.flood(Bytes(500, 'x'), 50);
    EXPECT_GT(lost, 0U) << kind.name;
    EXPECT_LT(lost, 50U) << kind.name;
    EXPECT_THAT(stage.drain(), IsEmpty()) << kind.name;
  }
}

TEST_F(InetStageTest, LeavesNothingOfItsProbesBehind) {
  for (const SocketKind& kind : {kUdp4, kUdp6, kTcp4, kTcp6}) {
    Stage& stage = open(kind);
    stage.set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
    stage.await_stamps();
    EXPECT_THAT(stage.drain(), IsEmpty()) << kind.name;
  }
}

TEST_F(InetStageTest, SaysThatThereIsNoSuchOption) {
  EXPECT_THROW(open(kUdp4).set_option(SOL_SOCKET, 9999, 1), EnvironmentLacks);
  EXPECT_THROW(open(kUdp4).set_sender_option(SOL_SOCKET, 9999, 1), EnvironmentLacks);
}

/// The address of the other end of a connection.
SystemAddress peer_of(int socket) {
  SystemAddress address{std::vector<std::byte>(sizeof(sockaddr_storage))};
  socklen_t length = sizeof(sockaddr_storage);
  EXPECT_EQ(getpeername(socket, reinterpret_cast<sockaddr*>(address.bytes.data()), &length), 0);
  address.bytes.resize(length);
  return address;
}

// Tens of thousands of connections in a minute would take every port that there is.
TEST_F(InetStageTest, LeavesNoConnectionBehindThatKeepsItsPort) {
  for (const SocketKind& kind : kTcpKinds) {
    const SystemAddress first = peer_of(open(kind).receiver());
    close();
    EXPECT_NO_THROW(bind_to(open_socket(kind).get(), first)) << kind.name;

    Stage& stage = open(kind);
    const SystemAddress second = peer_of(stage.receiver());
    stage.shut_down(SHUT_WR);  // what has been used is not used again
    stage.begin_again(kind);
    EXPECT_NO_THROW(bind_to(open_socket(kind).get(), second)) << kind.name;
  }
}

TEST_F(InetStageTest, RecordsWhatItDid) {
  Stage& stage = open(kUdp6);
  stage.set_sender_option(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 7);
  stage.send_to_nowhere("a", 2);
  stage.connect_to_peer();
  EXPECT_EQ(stage.send_backwards("b"), std::error_code());
  EXPECT_EQ(stage.flood("cd", 3), 0U);
  std::string told;
  for (const Step& step : stage.scenario().steps) told += describe(step) + "\n";
  EXPECT_EQ(told,
            "setsockopt(IPPROTO_IPV6/IPV6_UNICAST_HOPS, 7) on sender 0\n"
            "the receiver sends \"a\" to closed port #2\n"
            "the receiver connects to sender 0\n"
            "the receiver sends \"b\" to the peer\n"
            "sender 0 sends 2 bytes 3 times, and 0 of these messages find no room\n");
}

}  // namespace
}  // namespace recvinto::kit
