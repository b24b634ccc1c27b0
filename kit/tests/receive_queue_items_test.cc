// What the model of the receive queue says of ancillary items.

#include <netinet/in.h>

#include <cstring>

#include "kit/tests/receive_queue_words.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AncillaryItem credentials(pid_t pid, uid_t uid, gid_t gid) {
  const ucred ids{.pid = pid, .uid = uid, .gid = gid};
  return {SOL_SOCKET, SCM_CREDENTIALS, bytes_of(ids)};
}

// --- descriptors -----------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, EndsAReceiveBehindDescriptors) {
  open(kUnixStream);
  send("ab");
  send("cd", 2);
  send("ef", 1);
  const Expected first = receive_all();
  EXPECT_EQ(first.data, "abcd");
  EXPECT_THAT(*first.files, ElementsAre(0, 1));
  EXPECT_THAT(*first.ancdata, ElementsAre(rights(2)));
  const Expected second = receive_all();
  EXPECT_EQ(second.data, "ef");
  EXPECT_THAT(*second.files, ElementsAre(2));
}

TEST_F(ReceiveQueueTest, BringsDescriptorsWithTheFirstByteOfTheirData) {
  open(kUnixStream);
  send("abcd", 1);
  send("ef");
  EXPECT_THAT(*receive({.buffers = {room(1)}, .ancbufsize = 64}).files, ElementsAre(0));
  const Expected rest = receive_all();
  EXPECT_EQ(rest.data, "bcdef");
  EXPECT_THAT(*rest.files, IsEmpty());
}

TEST_F(ReceiveQueueTest, MakesDescriptorsCloseOnExecWhereTheFlagsSaySo) {
  open(kUnixStream);
  send("a", 1);
  send("b", 1);
  EXPECT_EQ(receive({.buffers = {room(1)}, .ancbufsize = 64, .flags = MSG_CMSG_CLOEXEC}).close_on_exec,
            CloseOnExec::kAll);
  EXPECT_EQ(receive_all().close_on_exec, CloseOnExec::kAllOrNone);
}

TEST_F(ReceiveQueueTest, BringsDescriptorsThatWereQueuedBeforeTheyWereForbidden) {
  world_.can_forbid_rights = true;
  open(kUnixDatagram);
  send("a", 2);
  queue_->apply(step::SetOption{SOL_SOCKET, kSoPassRights, 0});
  EXPECT_THAT(*receive_all().files, ElementsAre(0, 1));
  EXPECT_THROW(send("b", 1), Unpredictable);
}

TEST_F(ReceiveQueueTest, BringsPidfdsBehindDescriptorsWholeOrNotAtAll) {
  world_.has_pidfds = true;
  const AncillaryItem pidfd{SOL_SOCKET, kScmPidfd, Bytes(sizeof(int), '\xff')};
  open(kUnixDatagram);
  send("before");
  queue_->apply(step::SetOption{SOL_SOCKET, kSoPassPidfd, 1});
  send("a", 1);
  send("b");
  EXPECT_THAT(*receive_all().ancdata, IsEmpty());
  EXPECT_THAT(*receive_all().ancdata, ElementsAre(rights(1), pidfd));
  const Expected cut = receive({.buffers = {room(1)}, .ancbufsize = CMSG_LEN(sizeof(int)) - 1});
  EXPECT_THAT(*cut.ancdata, IsEmpty());
  EXPECT_EQ(cut.msg_flags, MSG_CTRUNC);
}

TEST_F(ReceiveQueueTest, CutsDescriptorsToTheRoomAndLosesTheOthers) {
  open(kUnixSeqpacket);
  send("a", 3);
  const Expected cut = receive({.buffers = {room(1)}, .ancbufsize = CMSG_LEN(2 * sizeof(int))});
  EXPECT_THAT(*cut.files, ElementsAre(0, 1));
  EXPECT_EQ(cut.msg_flags, MSG_CTRUNC);
  EXPECT_TRUE(would_be_nothing(receive_all()));
}

TEST_F(ReceiveQueueTest, PeeksAtDescriptorsBehindTheRoomOfAStream) {
  open(kUnixStream);
  send("ab");
  send("cd", 1);
  const Expected peeked = receive({.buffers = {room(1)}, .ancbufsize = 64, .flags = MSG_PEEK});
  EXPECT_EQ(peeked.data, "a");
  EXPECT_THAT(*peeked.files, ElementsAre(0));
  EXPECT_THAT(*receive({.buffers = {room(1)}, .ancbufsize = 64}).files, IsEmpty());
}

TEST_F(ReceiveQueueTest, CountsFilesInTheOrderOfSending) {
  open(kUnixStream);
  send("", 2);  // leaves nothing
  queue_->apply(
      step::Send{.data = "a", .control = {sent::Rights{.files = 1}, sent::OwnSocket{}, sent::Rights{1, "abc"}}});
  EXPECT_THAT(*receive_all().files, ElementsAre(2, 3, 4));
  queue_->apply(step::Send{.data = "a", .control = {sent::OwnSocket{}}});
  EXPECT_THAT(*receive_all().files, ElementsAre(3));
}

// --- credentials -----------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, PutsCredentialsBeforeDescriptors) {
  for (const SocketKind& kind : kUnixKinds) {
    open(kind);
    pass_credentials();
    send("a", 1);
    EXPECT_THAT(*receive_all().ancdata, ElementsAre(credentials(100, 7, 8), rights(1))) << kind.name;
  }
}

TEST_F(ReceiveQueueTest, EndsAReceiveWhereCredentialsChange) {
  open(kUnixStream);
  send("before");
  pass_credentials();
  send("mine");
  send("mine");
  queue_->apply(step::Send{.data = "chosen", .control = {sent::Credentials{.pid = {}, .uid = 0, .gid = {}}}});
  const Expected before = receive_all();
  EXPECT_EQ(before.data, "before");
  EXPECT_THAT(*before.ancdata, ElementsAre(credentials(0, world_.overflow_uid, world_.overflow_gid)));
  EXPECT_EQ(receive_all().data, "minemine");
  EXPECT_THAT(*receive_all().ancdata, ElementsAre(credentials(100, 0, 8)));
}

TEST_F(ReceiveQueueTest, MergesCredentialsThatNobodyAsksFor) {
  open(kUnixStream);
  send("before");
  pass_credentials();
  send("after");
  pass_credentials(false);
  const Expected both = receive_all();
  EXPECT_EQ(both.data, "beforeafter");
  EXPECT_THAT(*both.ancdata, IsEmpty());
}

TEST_F(ReceiveQueueTest, HasCredentialsOfNobodyAtTheEndOfAStreamOnly) {
  for (const SocketKind& kind : kUnixConnectedKinds) {
    open(kind);
    pass_credentials();
    queue_->apply(step::PeerCloses{});
    const Expected end = receive_all();
    EXPECT_EQ(end.data, "");
    EXPECT_EQ(end.ancdata->size(), kind.is_stream() ? 1U : 0U);
    EXPECT_EQ(receive({.buffers = {room(1)}}).msg_flags, kind.is_stream() ? MSG_CTRUNC : 0);
  }
}

// --- items of packets ------------------------------------------------------------------------------------------------

TEST_F(ReceiveQueueTest, HasPacketInformationOfBeforeTheOptionWithoutAnInterface) {
  open(kUdp4);
  send("a");
  queue_->apply(step::SetOption{IPPROTO_IP, IP_PKTINFO, 1});
  send("b");
  std::vector<int> interfaces;
  for (int i = 0; i < 2; ++i) {
    const Expected expected = receive_all();
    ASSERT_EQ(expected.ancdata->size(), 1U);
    in_pktinfo info{};
    std::memcpy(&info, expected.ancdata->front().data.data(), sizeof info);
    EXPECT_EQ(info.ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    interfaces.push_back(info.ipi_ifindex);
  }
  EXPECT_THAT(interfaces, ElementsAre(0, world_.loopback));
}

TEST_F(ReceiveQueueTest, TellsWhatASenderIsSetTo) {
  open(kUdp6);
  queue_->apply(step::SetOption{IPPROTO_IPV6, IPV6_RECVTCLASS, 1});
  queue_->apply(step::SetSenderOption{0, IPPROTO_IPV6, IPV6_TCLASS, 0x2c});
  send("a");
  const Expected expected = receive_all();
  ASSERT_EQ(expected.ancdata->size(), 1U);
  EXPECT_EQ(expected.ancdata->front().data, Bytes("\x2c\0\0\0", 4));
  queue_->apply(step::SetOption{IPPROTO_IPV6, IPV6_RECVTCLASS, 0});
  send("b");
  EXPECT_THAT(*receive_all().ancdata, IsEmpty());
}

}  // namespace
}  // namespace recvinto::kit
