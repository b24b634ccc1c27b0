// What the model of the receive queue says of ends, errors, arguments and waiting.

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kit/tests/receive_queue_words.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

// --- ends and errors -------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, EndsBehindTheQueueWhereThereIsAConnection) {
  for (const SocketKind& kind : kEveryKind) {
    open(kind);
    send("a");
    queue_->apply(step::PeerCloses{});
    EXPECT_EQ(receive_all().data, "a") << kind.name;
    const bool is_connected = std::ranges::find(kConnectedKinds, kind) != kConnectedKinds.end();
    const Expected end = receive_all();
    EXPECT_EQ(would_be_nothing(end), !is_connected) << kind.name;
    if (is_connected) {
      EXPECT_EQ(end.address, std::optional<std::optional<Address>>(std::in_place));
    }
  }
}

TEST_F(ReceiveQueueTest, FailsOnceOfAPeerThatDidNotReadBeforeMessagesAndBehindStreams) {
  for (const SocketKind& kind : kConnectedKinds) {
    open(kind);
    send("a");
    queue_->apply(step::SendBackwards{.data = "never read"});
    queue_->apply(step::PeerCloses{});
    if (kind.keeps_messages()) {
      EXPECT_THAT(errors_of(receive_all()), ElementsAre(ECONNRESET)) << kind.name;
    }
    EXPECT_EQ(receive_all().data, "a") << kind.name;
    if (kind.is_stream()) {
      EXPECT_THAT(errors_of(receive_all()), ElementsAre(ECONNRESET)) << kind.name;
    }
    EXPECT_EQ(receive_all().data, "") << kind.name;
  }
}

// MSG_WAITALL runs into the error, and has data to return.
TEST_F(ReceiveQueueTest, LosesTheErrorOfAUnixStreamThatIsReadToItsEndAtOnce) {
  for (const SocketKind& kind : kStreamKinds) {
    open(kind);
    send("a");
    queue_->apply(step::SendBackwards{.data = "never read"});
    queue_->apply(step::PeerCloses{});
    EXPECT_EQ(receive({.buffers = {room(8)}, .flags = MSG_WAITALL}).data, "a") << kind.name;
    EXPECT_EQ(receive_all().failure.has_value(), kind.is_tcp()) << kind.name;
  }
}

TEST_F(ReceiveQueueTest, EndsAUnixDatagramSocketThatWasShutDownForThoseWhoWait) {
  open(kUnixDatagram);
  queue_->apply(step::ShutDown{SHUT_RD});
  EXPECT_TRUE(would_be_nothing(receive_all()));
  EXPECT_EQ(receive({.buffers = {room(8)}}).data, "");
  EXPECT_EQ(receive({.buffers = {room(8)}, .timeout = milliseconds(2)}).failure->kind, Failure::Kind::kTimeout);
}

// --- arguments -------------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, RefusesArgumentsBeforeItLooksIntoTheQueue) {
  ReceiveQueue& queue = open(kUnixDatagram);
  send("a");
  EXPECT_THAT(errors_of(receive({.buffers = rooms(1025, 1)})), ElementsAre(EMSGSIZE));
  EXPECT_THAT(errors_of(receive({.buffers = {room(1)}, .flags = -1})), ElementsAre(EINVAL));
  EXPECT_THAT(errors_of(receive({.buffers = {room(1)}, .flags = MSG_OOB})), ElementsAre(EOPNOTSUPP));
  EXPECT_EQ(receive({.buffers = {room(1)}, .ancbufsize = -1}).failure->kind, Failure::Kind::kRefusedArgument);
  EXPECT_EQ(queue.messages(), 1U);
}

TEST_F(ReceiveQueueTest, FindsNothingInTheErrorQueueWhateverThereIs) {
  for (const SocketKind& kind : kEveryKind) {
    open(kind);
    send("a");
    EXPECT_EQ(would_be_nothing(receive({.buffers = {room(1)}, .flags = MSG_ERRQUEUE})), kind.is_inet()) << kind.name;
  }
}

// --- waiting ---------------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, WaitsForWhatAMessageOrAByteEnds) {
  for (const SocketKind& kind : kEveryKind) {
    ReceiveQueue& queue = open(kind);
    const Call call{.buffers = {room(4)}};
    EXPECT_TRUE(queue.would_wait(call)) << kind.name;
    EXPECT_FALSE(queue.would_wait({.buffers = {room(4)}, .timeout = kNoWait})) << kind.name;
    EXPECT_FALSE(queue.would_wait({.buffers = {room(4)}, .flags = MSG_DONTWAIT})) << kind.name;
    queue.apply(step::Start{call});
    EXPECT_TRUE(queue.is_waiting()) << kind.name;
    send("ab");
    EXPECT_FALSE(queue.is_waiting()) << kind.name;
    EXPECT_EQ(queue.apply(step::Finish{})->data, "ab") << kind.name;
  }
}

TEST_F(ReceiveQueueTest, WaitsForFullBuffersOfStreams) {
  for (const SocketKind& kind : kStreamKinds) {
    ReceiveQueue& queue = open(kind);
    send("ab");
    const Call call{.buffers = {room(4)}, .flags = MSG_WAITALL};
    EXPECT_TRUE(queue.would_wait(call)) << kind.name;
    queue.apply(step::Start{call});
    send("c");
    EXPECT_TRUE(queue.is_waiting()) << kind.name;
    send("def");
    EXPECT_EQ(queue.apply(step::Finish{})->data, "abcd") << kind.name;
    EXPECT_EQ(receive({.buffers = {room(4)}, .flags = MSG_WAITALL, .timeout = milliseconds(2)}).data, "ef");
  }
}

// recv(2) does not say so; TCP waits.
TEST_F(ReceiveQueueTest, DoesNotWaitForMoreOfAUnixStreamThatIsPeekedAt) {
  for (const SocketKind& kind : kStreamKinds) {
    ReceiveQueue& queue = open(kind);
    send("ab");
    EXPECT_EQ(queue.would_wait({.buffers = {room(4)}, .flags = MSG_WAITALL | MSG_PEEK}), kind.is_tcp()) << kind.name;
  }
}

// As Go's runtime does.
TEST_F(ReceiveQueueTest, KnowsImplementationsThatWaitBesideTheSystemCall) {
  world_.waits_in_system_call = false;
  ReceiveQueue& queue = open(kUnixStream);
  const Call call{.buffers = {room(4)}, .flags = MSG_WAITALL};
  EXPECT_TRUE(queue.would_wait(call));
  send("ab");
  EXPECT_FALSE(queue.would_wait(call));
  EXPECT_EQ(receive(call).data, "ab");
  EXPECT_THROW(receive({.buffers = {room(4)}, .flags = MSG_DONTWAIT}), Unpredictable);
}

// As event loops do: the system refuses the call only when it is asked.
TEST_F(ReceiveQueueTest, KnowsNoMoreOfARefusedCallThatMayWaitForReadinessFirst) {
  const Call too_many{.buffers = rooms(1025, 1)};
  EXPECT_FALSE(open(kUnixStream).would_wait(too_many));
  EXPECT_EQ(receive(too_many).failure->numbers, std::vector{EMSGSIZE});
  world_.waits_in_system_call = false;
  ReceiveQueue& queue = open(kUnixStream);
  EXPECT_TRUE(queue.would_wait(too_many));
  Call with_a_timeout = too_many;
  with_a_timeout.timeout = milliseconds(5);
  EXPECT_THROW(receive(with_a_timeout), Unpredictable);
  open(kUnixStream);
  send("a");
  EXPECT_EQ(receive(too_many).failure->numbers, std::vector{EMSGSIZE});
}

// They may check arguments when they make the call, too; what leaves waiting to the system checks them first.
TEST_F(ReceiveQueueTest, KnowsNoMoreOfARefusedArgumentWhereAnImplementationWaitsFirst) {
  const Call beyond_int{.buffers = {room(4)}, .flags = std::int64_t{1} << 37};
  EXPECT_FALSE(open(kUdp4).would_wait(beyond_int));
  EXPECT_EQ(receive(beyond_int).failure->kind, Failure::Kind::kRefusedArgument);
  world_.waits_in_system_call = false;
  EXPECT_TRUE(open(kUdp4).would_wait(beyond_int));
  EXPECT_THROW(receive(beyond_int), Unpredictable);
  open(kUdp4);
  send("a");
  EXPECT_EQ(receive(beyond_int).failure->kind, Failure::Kind::kRefusedArgument);
}

// A default of the implementation's own is not known.
TEST_F(ReceiveQueueTest, KnowsNoMoreOfItemsForACallWithoutAnAncbufsize) {
  const Call call{.buffers = {room(8)}};
  open(kUnixStream);
  send("a", 1);
  EXPECT_EQ(receive(call).msg_flags, MSG_CTRUNC) << "in Python there is no room by default";
  world_.default_room = std::nullopt;
  open(kUnixStream);
  send("a");
  EXPECT_EQ(receive(call).data, "a");
  send("a", 1);
  EXPECT_THROW(receive(call), Unpredictable);
}

TEST_F(ReceiveQueueTest, RefusesRoomBeyondAnIntInPythonOnly) {
  const Call call{.buffers = {room(8)}, .ancbufsize = std::int64_t{1} << 31};
  open(kUnixStream);
  EXPECT_EQ(receive(call).failure->kind, Failure::Kind::kRefusedArgument);
  world_.refuses_room_beyond_int = false;
  open(kUnixStream);
  EXPECT_THROW(receive(call), Unpredictable);
  open(kUnixStream);
  EXPECT_EQ(receive({.buffers = {room(8)}, .ancbufsize = -1}).failure->kind, Failure::Kind::kRefusedArgument);
}

TEST_F(ReceiveQueueTest, KnowsNoMoreOfAnInterruptedCallThatDoesNotWaitButInPython) {
  const Call call{.buffers = {room(8)}, .timeout = milliseconds(0)};
  const step::Play interrupted{{.steps = {fails(EINTR), pass()}, .readable = false}};
  open(kUnixStream);
  send("a");
  queue_->apply(interrupted);
  EXPECT_EQ(receive(call).data, "a");
  world_.retries_without_waiting = false;
  open(kUnixStream);
  send("a");
  queue_->apply(interrupted);
  EXPECT_THROW(receive(call), Unpredictable);
}

TEST_F(ReceiveQueueTest, EndsTheWaitAtDescriptorsAndAtTheEnd) {
  ReceiveQueue& queue = open(kUnixStream);
  const Call call{.buffers = {room(8)}, .ancbufsize = 64, .flags = MSG_WAITALL};
  queue.apply(step::Start{call});
  send("ab", 1);
  EXPECT_EQ(queue.apply(step::Finish{})->data, "ab");
  queue.apply(step::Start{call});
  queue.apply(step::PeerShutsDownWriting{});
  EXPECT_EQ(queue.apply(step::Finish{})->data, "");
}

TEST_F(ReceiveQueueTest, KnowsNoMoreWhereTheFasterWins) {
  ReceiveQueue& queue = open(kUnixStream);
  send("a");
  queue.apply(step::Start{{.buffers = {room(8)}}});
  EXPECT_THROW(send("b"), Unpredictable);
  open(kUnixStream).apply(step::Start{{.buffers = {room(8)}, .timeout = milliseconds(5)}});
  EXPECT_THROW(send("b"), Unpredictable);
  open(kUnixStream).apply(step::Start{{.buffers = {room(8)}}});
  EXPECT_THROW(queue_->apply(step::Finish{}), Unpredictable) << "nothing ends the wait";
}

TEST_F(ReceiveQueueTest, KnowsNoMoreWhereTheStageFails) {
  open(kUnixStream).apply(step::PeerShutsDownWriting{});
  EXPECT_FALSE(queue_->can_send(0));
  EXPECT_THROW(send("a"), Unpredictable);
  open(kUdp4);
  EXPECT_THROW(queue_->apply(step::ShutDown{SHUT_RD}), Unpredictable);
  open(kTcp4);
  EXPECT_THROW(queue_->apply(step::AddSender{}), Unpredictable);
  EXPECT_THROW(queue_->apply(step::Listen{}), Unpredictable);
}

}  // namespace
}  // namespace recvinto::kit
