// What the model of the receive queue says of data, addresses, other readers and scripts.

#include <cerrno>
#include <csignal>
#include <utility>

#include "kit/tests/receive_queue_words.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// --- data ------------------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, GivesOneMessageACallAndCutsIt) {
  for (const SocketKind& kind : kMessageKinds) {
    open(kind);
    send("abcde");
    send("f");
    const Expected first = receive({.buffers = rooms(2, 2)});
    EXPECT_EQ(first.data, "abcd") << kind.name;
    EXPECT_EQ(first.msg_flags, MSG_TRUNC) << kind.name;
    const Expected second = receive({.buffers = rooms(2, 2)});
    EXPECT_EQ(second.data, "f") << kind.name;
    EXPECT_EQ(second.msg_flags, 0) << kind.name;
    EXPECT_TRUE(would_be_nothing(receive_all())) << kind.name;
  }
}

TEST_F(ReceiveQueueTest, RunsTheSendsOfAStreamTogether) {
  for (const SocketKind& kind : kStreamKinds) {
    ReceiveQueue& queue = open(kind);
    send("abc");
    send("");
    send("def");
    EXPECT_EQ(receive({.buffers = rooms(2, 2)}).data, "abcd") << kind.name;
    EXPECT_EQ(queue.bytes(), 2U);
    EXPECT_EQ(receive_all().data, "ef") << kind.name;
  }
}

TEST_F(ReceiveQueueTest, LeavesWhatIsPeekedAt) {
  for (const SocketKind& kind : kEveryKind) {
    open(kind);
    send("abc");
    EXPECT_EQ(receive({.buffers = {room(2)}, .flags = MSG_PEEK}).data, "ab") << kind.name;
    EXPECT_EQ(receive_all().data, "abc") << kind.name;
  }
}

TEST_F(ReceiveQueueTest, TellsTheLengthOfAMessageThatIsAskedFor) {
  open(kUdp4);
  send("abcde");
  const Expected expected = receive({.buffers = {room(2)}, .flags = MSG_TRUNC});
  EXPECT_EQ(expected.data, "ab");
  EXPECT_EQ(expected.nbytes, 5);
}

TEST_F(ReceiveQueueTest, CountsTheBytesThatTcpDiscards) {
  ReceiveQueue& queue = open(kTcp6);
  send("abcde");
  const Expected expected = receive({.buffers = {room(2)}, .flags = MSG_TRUNC});
  EXPECT_EQ(expected.data, "");
  EXPECT_EQ(expected.nbytes, 2);
  EXPECT_EQ(queue.bytes(), 3U);
}

TEST_F(ReceiveQueueTest, TakesAMessageAndNothingOfAStreamWithoutBuffers) {
  for (const SocketKind& kind : kEveryKind) {
    ReceiveQueue& queue = open(kind);
    send("abc");
    EXPECT_EQ(receive({.buffers = {}}).data, "") << kind.name;
    EXPECT_EQ(queue.bytes(), kind.is_stream() ? 3U : 0U) << kind.name;
  }
}

TEST_F(ReceiveQueueTest, GivesMessagesOfNoBytes) {
  for (const SocketKind& kind : kMessageKinds) {
    open(kind);
    send("");
    EXPECT_EQ(receive_all().data, "") << kind.name;
    EXPECT_TRUE(would_be_nothing(receive_all())) << kind.name;
  }
}

// --- addresses, others who read, scripts -----------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, NamesTheSender) {
  open(kUnixDatagram);
  for (int i = 0; i < 2; ++i) queue_->apply(step::AddSender{});
  send("a", 0, 1);
  send("b", 0, 0);
  EXPECT_EQ(receive_all().address, std::optional(world_.senders[1]));
  EXPECT_EQ(receive_all().address, std::optional<std::optional<Address>>(std::in_place));
  world_.knows_addresses = false;
  send("c", 0, 1);
  EXPECT_FALSE(receive_all().address.has_value());
}

TEST_F(ReceiveQueueTest, LosesWhatOthersTake) {
  ReceiveQueue& queue = open(kUnixStream);
  send("ab", 1);
  queue.apply(step::ReadElsewhere{1});
  const Expected rest = receive_all();
  EXPECT_EQ(rest.data, "b");
  EXPECT_THAT(*rest.files, IsEmpty());
  send("c");
  queue.apply(step::Drain{});
  EXPECT_EQ(queue.messages(), 0U);
  EXPECT_THROW(queue.apply(step::ReadElsewhere{1}), Unpredictable);
}

TEST_F(ReceiveQueueTest, GoesOnAfterInterruptions) {
  open(kUdp4);
  send("abc");
  queue_->apply(step::InstallHandler{SIGUSR1, HandlerAction::kReturn});
  queue_->apply(step::Play{{.steps = times(3, interrupted_by(SIGUSR1), {pass()}), .readable = false}});
  EXPECT_EQ(receive({.buffers = {room(8)}}).data, "abc");
}

TEST_F(ReceiveQueueTest, ComesToWhatAScriptGives) {
  ReceiveQueue& queue = open(kUnixStream);
  send("queued", 1);
  const answer::Result result{.data = "given", .control = {{.type = SCM_RIGHTS, .files = 2}}, .msg_flags = MSG_EOR};
  queue.apply(step::Play{{.steps = {gives(result)}}});
  const Expected given = receive({.buffers = {room(3)}, .ancbufsize = 64});
  EXPECT_EQ(given.data, "giv");
  EXPECT_EQ(given.msg_flags, MSG_EOR);
  EXPECT_THAT(*given.files, ElementsAre(1, 2));
  EXPECT_THAT(*given.ancdata, ElementsAre(rights(2)));
  queue.apply(step::Play{{.steps = {fails(ENOBUFS), pass()}}});
  const Expected failed = receive({.buffers = {room(3)}});
  EXPECT_THAT(errors_of(failed), ElementsAre(ENOBUFS));
  EXPECT_EQ(failed.unused_steps, 1U);
  EXPECT_EQ(receive_all().data, "queued");
  EXPECT_EQ(receive_all().data, "?") << "so that the socket was readable, once";
}

TEST_F(ReceiveQueueTest, CannotTellWhatComesOfNumbersThatAScriptMadeUp) {
  for (const int type : {int{SCM_RIGHTS}, kScmPidfd}) {
    ReceiveQueue& queue = open(kUnixStream);
    const answer::Result result{.data = "a", .control = {{.type = type, .data = Bytes(4, '\x1f')}}};
    queue.apply(step::Play{{.steps = {gives(result)}}});
    EXPECT_THROW(receive_all(), Unpredictable) << type;
  }
}

TEST_F(ReceiveQueueTest, CannotTellWhatComesOfDescriptorsThatNobodyMade) {
  ReceiveQueue& queue = open(kUnixStream);
  queue.apply(step::Send{.data = "a", .control = {sent::Rights{.files = 1, .more = "abc"}}});
  EXPECT_THROW(queue.apply(step::Send{.data = "a", .control = {sent::Rights{.files = 1, .more = "abcd"}}}),
               Unpredictable);
}

TEST(Predict, TellsWhatEachCallComesTo) {
  const ModelWorld world = a_world();
  const Call call{.buffers = rooms(2, 2)};
  const std::vector<Expected> expected = predict(
      {kTcp4, {step::Send{.data = "abcdef"}, step::Start{call}, step::Finish{}, step::Start{call}, step::Finish{}}},
      world);
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_EQ(expected[0].data, "abcd");
  EXPECT_EQ(expected[1].data, "ef");
}

}  // namespace
}  // namespace recvinto::kit
