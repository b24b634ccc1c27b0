// The core receive: what it passes to the kernel, and what it makes of the kernel's answer.

#include "recvinto/recvmsg_into.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "scripted_kernel.h"
#include "sockets.h"

namespace recvinto {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::bind_unix;
using testing::Buffers;
using testing::ControlBytes;
using ::testing::ElementsAre;
using testing::open_descriptor_count;
using testing::ScriptedKernel;
using testing::send_message;
using testing::SocketPair;
using testing::udp_pair;
using testing::unix_pair;

constexpr int kSocket = 1 << 30;  // not open: only scripted kernels are asked about it

// A receive of a message that is there, from a socket of this machine's kernel.
Received receive(const UniqueFd& socket, const Buffers& buffers, ControlBuffer& control, int flags = 0) {
  return recvmsg_into(host_kernel(), socket.get(), buffers.iovecs(), control, flags | MSG_DONTWAIT);
}

Received receive(const UniqueFd& socket, const Buffers& buffers, int flags = 0) {
  ControlBuffer none;
  return receive(socket, buffers, none, flags);
}

TEST(RecvmsgInto, FillsTheBuffersInTurnAndNothingElse) {
  const SocketPair pair = unix_pair(SOCK_STREAM);
  const Buffers buffers({4, 0, 3, 8, 2});
  send_message(pair.sender.get(), "Mary had a");
  const Received received = receive(pair.receiver, buffers);
  EXPECT_EQ(received.nbytes, 10u);
  EXPECT_EQ(received.msg_flags, 0);
  EXPECT_EQ(buffers.text(), "Mary|| ha|d a.....|..");
}

TEST(RecvmsgInto, WithoutBuffersTakesAMessageAndSaysItWasTruncated) {
  const SocketPair pair = unix_pair(SOCK_SEQPACKET);
  send_message(pair.sender.get(), "gone");
  send_message(pair.sender.get(), "next");
  const Received received = receive(pair.receiver, Buffers({}));
  EXPECT_EQ(received.nbytes, 0u);
  EXPECT_EQ(received.msg_flags, MSG_TRUNC);
  const Buffers buffers({4});
  receive(pair.receiver, buffers);
  EXPECT_EQ(buffers.text(), "next");
}

TEST(RecvmsgInto, CutsAMessageToTheBuffersAndSaysSo) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  const Buffers buffers({2, 3});
  send_message(pair.sender.get(), "too long");
  const Received received = receive(pair.receiver, buffers);
  EXPECT_EQ(received.nbytes, 5u);
  EXPECT_EQ(received.msg_flags, MSG_TRUNC);
  EXPECT_EQ(buffers.text(), "to|o l");
}

// recvmsg(2), MSG_TRUNC: "return the real length of the packet or datagram".
TEST(RecvmsgInto, TellsTheWholeLengthWhereMsgTruncAsks) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  const Buffers buffers({2, 3});
  send_message(pair.sender.get(), "too long");
  const Received received = receive(pair.receiver, buffers, MSG_TRUNC);
  EXPECT_EQ(received.nbytes, 8u);
  EXPECT_EQ(buffers.text(), "to|o l");
}

// POSIX recvmsg(), EMSGSIZE: "The msg_iovlen member ... is ... greater than {IOV_MAX}".
TEST(RecvmsgInto, WithTooManyBuffersFailsAndLeavesTheMessageQueued) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "still here");
  ControlBuffer control;
  std::error_code error;
  const Buffers too_many(std::vector<std::size_t>(IOV_MAX + 1, 1));
  recvmsg_into(host_kernel(), pair.receiver.get(), too_many.iovecs(), control, 0, {}, error);
  EXPECT_EQ(error, std::errc::message_size);
  EXPECT_EQ(receive(pair.receiver, Buffers(std::vector<std::size_t>(IOV_MAX, 1))).nbytes, 10u);
}

TEST(RecvmsgInto, OnANonBlockingDescriptorFailsAtOnce) {
  const SocketPair pair = unix_pair(SOCK_DGRAM | SOCK_NONBLOCK);
  ControlBuffer control;
  std::error_code error;
  recvmsg_into(host_kernel(), pair.receiver.get(), Buffers({1}).iovecs(), control, 0, {}, error);
  EXPECT_EQ(error, std::error_code(EAGAIN, std::system_category()));
}

TEST(RecvmsgInto, ThrowsTheKernelsErrorWhereNoErrorCodeIsGiven) {
  ControlBuffer control;
  try {
    recvmsg_into(host_kernel(), -1, Buffers({1}).iovecs(), control);
    FAIL() << "did not throw";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::error_code(EBADF, std::system_category()));
  }
}

TEST(RecvmsgInto, TellsTheSenderOfEachDatagram) {
  const SocketPair pair = udp_pair(AF_INET);
  const UniqueFd other = testing::udp_sender_to(pair.receiver.get());
  for (const int sender : {pair.sender.get(), other.get(), pair.sender.get(), other.get()}) {
    send_message(sender, "x");
    EXPECT_EQ(receive(pair.receiver, Buffers({1})).address.decode(),
              Address(Inet4Address{"127.0.0.1", testing::port_of(sender)}));
  }
}

TEST(RecvmsgInto, TellsAnInet6Sender) {
  if (!testing::has_inet6()) GTEST_SKIP() << "there is no IPv6 loopback";
  const SocketPair pair = udp_pair(AF_INET6);
  send_message(pair.sender.get(), "x");
  EXPECT_EQ(receive(pair.receiver, Buffers({1})).address.decode(),
            Address(Inet6Address{"::1", testing::port_of(pair.sender.get()), 0, 0}));
}

TEST(RecvmsgInto, TellsNoAddressForAnUnnamedSender) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "x");
  EXPECT_TRUE(receive(pair.receiver, Buffers({1})).address.empty());
}

TEST(RecvmsgInto, TellsAnAbstractSenderByteForByte) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{17}, std::size_t{108}}) {
    const SocketPair pair = unix_pair(SOCK_DGRAM);
    std::string name = "\0r\0\xFF"s + std::to_string(::getpid()) + "/" + std::to_string(pair.sender.get());
    name.resize(size, '\0');
    bind_unix(pair.sender.get(), name);
    send_message(pair.sender.get(), "x");
    EXPECT_EQ(receive(pair.receiver, Buffers({1})).address.decode(), Address(UnixAddress{name})) << size;
  }
}

// unix(7), BUGS: a pathname that fills sun_path has no NUL there, and its address is longer than sockaddr_un.
TEST(RecvmsgInto, TellsThePathnameThatFillsSunPath) {
  std::string directory = ::testing::TempDir() + "recvinto-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  ASSERT_LT(directory.size(), 100u);
  for (const std::size_t size : {std::size_t{107}, std::size_t{108}}) {
    std::string path = directory + '/';
    path.resize(size, 'p');
    const SocketPair pair = unix_pair(SOCK_DGRAM);
    bind_unix(pair.sender.get(), path);
    send_message(pair.sender.get(), "x");
    EXPECT_EQ(receive(pair.receiver, Buffers({1})).address.decode(), Address(UnixAddress{path})) << size;
    ::unlink(path.c_str());
  }
  ::rmdir(directory.c_str());
}

// unix(7): descriptors that do not fit are closed by the kernel, and MSG_CTRUNC says so.
TEST(RecvmsgInto, OwnsAsManyDescriptorsAsThereIsRoomFor) {
  const std::size_t before = open_descriptor_count();
  ControlStorage<64> storage;
  for (std::size_t sent = 1; sent <= 3; ++sent) {
    for (std::size_t ancbufsize = 0; ancbufsize <= 64; ++ancbufsize) {
      const SocketPair pair = unix_pair(SOCK_DGRAM);
      const std::vector<int> descriptors(sent, pair.sender.get());
      send_message(pair.sender.get(), "body", descriptors);
      const std::size_t unreceived = open_descriptor_count();
      {
        ControlBuffer control(storage.bytes().first(ancbufsize));
        const Buffers buffers({4});
        const Received received = receive(pair.receiver, buffers, control);
        const std::size_t room = std::max(ancbufsize, CMSG_LEN(0)) - CMSG_LEN(0);
        const std::size_t expected = std::min(sent, room / sizeof(int));
        ASSERT_EQ(received.nbytes, 4u);
        ASSERT_EQ(received.msg_flags, expected < sent ? MSG_CTRUNC : 0) << sent << " in " << ancbufsize;
        ASSERT_FALSE(received.control_malformed);
        ASSERT_EQ(open_descriptor_count() - unreceived, expected) << sent << " in " << ancbufsize;
      }
      ASSERT_EQ(open_descriptor_count(), unreceived) << sent << " in " << ancbufsize;
    }
  }
  EXPECT_EQ(open_descriptor_count(), before);
}

TEST(RecvmsgInto, ClosesWhatThePreviousReceiveBroughtThoughItFails) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "x", {pair.sender.get(), pair.sender.get()});
  const std::size_t before = open_descriptor_count();
  ControlStorage<CMSG_SPACE(2 * sizeof(int))> storage;
  ControlBuffer control(storage);
  receive(pair.receiver, Buffers({1}), control);
  ASSERT_EQ(open_descriptor_count(), before + 2);
  std::error_code error;
  recvmsg_into(host_kernel(), -1, Buffers({1}).iovecs(), control, 0, {}, error);
  EXPECT_EQ(error, std::errc::bad_file_descriptor);
  EXPECT_EQ(open_descriptor_count(), before);
  EXPECT_TRUE(control.bytes().empty());
}

TEST(RecvmsgInto, LeavesNothingOfTheMessageBefore) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  ControlStorage<CMSG_SPACE(sizeof(int))> storage;
  ControlBuffer control(storage);
  send_message(pair.sender.get(), "x", {pair.sender.get()});
  receive(pair.receiver, Buffers({1}), control);
  ASSERT_FALSE(control.bytes().empty());
  send_message(pair.sender.get(), "y");
  receive(pair.receiver, Buffers({1}), control);
  EXPECT_TRUE(control.bytes().empty());
  EXPECT_TRUE(control.messages().begin() == control.messages().end());
}

TEST(RecvmsgInto, BringsControlMessagesInTheKernelsOrder) {
  const SocketPair pair = udp_pair(AF_INET);
  for (const int option : {IP_RECVTOS, IP_RECVTTL, IP_PKTINFO}) {
    testing::set_option(pair.receiver.get(), IPPROTO_IP, option, 1);
  }
  send_message(pair.sender.get(), "x");
  ControlStorage<256> storage;
  ControlBuffer control(storage);
  receive(pair.receiver, Buffers({1}), control);
  std::vector<std::pair<int, std::size_t>> seen;
  for (const ControlMessage& message : control.messages()) seen.emplace_back(message.type, message.data.size());
  EXPECT_THAT(seen, ElementsAre(std::pair(IP_PKTINFO, sizeof(in_pktinfo)), std::pair(IP_TTL, sizeof(int)),
                                std::pair(IP_TOS, std::size_t{1})));
}

TEST(RecvmsgInto, RefusesAMisalignedControlBufferAndLeavesTheMessageQueued) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "still here");
  ControlStorage<64> storage;
  ControlBuffer misaligned(storage.bytes().subspan(1));
  std::error_code error;
  recvmsg_into(host_kernel(), pair.receiver.get(), Buffers({1}).iovecs(), misaligned, 0, {}, error);
  EXPECT_EQ(error, ReceiveErrc::kControlMisaligned);
  EXPECT_EQ(receive(pair.receiver, Buffers({16})).nbytes, 10u);
}

// What follows, no kernel of this machine does on demand.
class ScriptedReceive : public ::testing::Test {
 protected:
  Received receive(ControlBuffer& control, int flags = 0) {
    return recvmsg_into(kernel_, kSocket, buffers_.iovecs(), control, flags, {}, error_);
  }

  Received receive() { return receive(control_); }

  ScriptedKernel kernel_;
  ControlStorage<64> storage_;
  ControlBuffer control_{storage_};
  Buffers buffers_{{3, 0, 7, 1}};
  std::error_code error_;
};

TEST_F(ScriptedReceive, PassesTheBuffersAsTheyAre) {
  kernel_.recvmsg_delivers({.result = 0});
  const std::vector<iovec> before(buffers_.iovecs().begin(), buffers_.iovecs().end());
  receive();
  EXPECT_EQ(kernel_.calls().front().header.msg_iov, buffers_.iovecs().data());
  EXPECT_EQ(kernel_.calls().front().header.msg_iovlen, 4u);
  EXPECT_EQ(std::memcmp(before.data(), buffers_.iovecs().data(), before.size() * sizeof(iovec)), 0);
}

TEST_F(ScriptedReceive, PassesEveryBitOfTheFlags) {
  for (const int flags : {0, MSG_PEEK | MSG_TRUNC, INT_MAX, INT_MIN, -1}) {
    kernel_.recvmsg_delivers({.result = 0});
    receive(control_, flags);
    EXPECT_EQ(kernel_.calls().back().flags, flags);
  }
}

TEST_F(ScriptedReceive, PassesTheControlBuffersSizeExactly) {
  for (std::size_t size = 1; size <= 64; ++size) {
    kernel_.recvmsg_delivers({.result = 0});
    ControlBuffer control(storage_.bytes().first(size));
    receive(control);
    EXPECT_EQ(kernel_.calls().back().header.msg_control, storage_.bytes().data());
    EXPECT_EQ(kernel_.calls().back().header.msg_controllen, size);
  }
}

TEST_F(ScriptedReceive, PassesNoControlBufferWhereThereIsNoRoom) {
  kernel_.recvmsg_delivers({.result = 0});
  ControlBuffer empty(storage_.bytes().first(0));
  receive(empty);
  EXPECT_EQ(kernel_.calls().back().header.msg_control, nullptr);
  EXPECT_EQ(kernel_.calls().back().header.msg_controllen, 0u);
}

TEST_F(ScriptedReceive, TellsEveryBitOfTheKernelsFlags) {
  std::vector<int> answers = {0, INT_MAX, INT_MIN, -1};
  for (int bit = 0; bit < 31; ++bit) answers.push_back(1 << bit);
  for (const int flags : answers) {
    kernel_.recvmsg_delivers({.result = 0, .flags = flags});
    EXPECT_EQ(receive().msg_flags, flags);
  }
}

TEST_F(ScriptedReceive, TellsByteCountsAboveTwoGigabytes) {
  for (const ssize_t nbytes : {ssize_t{1} << 31, (ssize_t{1} << 31) + 5, ssize_t{1} << 40}) {
    kernel_.recvmsg_delivers({.result = nbytes});
    EXPECT_EQ(receive().nbytes, static_cast<std::size_t>(nbytes));
  }
}

TEST_F(ScriptedReceive, TellsTheKernelsErrorAndNothingElse) {
  const int descriptor = testing::open_null().get();  // closed again at once
  for (int error = 1; error < 134; ++error) {
    if (error == EINTR) continue;
    kernel_.recvmsg_fails_and_scribbles(
        error, {.data = "xyz", .control = ControlBytes{}.rights({descriptor}), .address = "address", .flags = -1});
    const Received received = receive();
    EXPECT_EQ(error_, std::error_code(error, std::system_category()));
    EXPECT_EQ(received.nbytes, 0u);
    EXPECT_EQ(received.msg_flags, 0);
    EXPECT_TRUE(received.address.empty());
    EXPECT_TRUE(control_.bytes().empty());
    EXPECT_FALSE(control_.take_descriptor());
  }
}

TEST_F(ScriptedReceive, ClearsAnErrorOfBefore) {
  kernel_.recvmsg_delivers({.result = 0});
  error_ = ReceiveErrc::kTimedOut;
  receive();
  EXPECT_EQ(error_, std::error_code());
}

TEST_F(ScriptedReceive, DoesNotBelieveALengthBeyondTheControlBuffer) {
  kernel_.recvmsg_delivers({.result = 0, .control = ControlBytes{}.message(1, 2, {}), .controllen = 65536});
  std::fill(storage_.bytes().begin(), storage_.bytes().end(), std::byte{0});
  receive();
  EXPECT_EQ(control_.bytes().size(), 64u);
}

TEST_F(ScriptedReceive, DoesNotBelieveALengthWithoutAControlBuffer) {
  kernel_.recvmsg_delivers({.result = 0, .controllen = 64});
  ControlBuffer none;
  receive(none);
  EXPECT_TRUE(none.bytes().empty());
}

TEST_F(ScriptedReceive, DoesNotBelieveALengthBeyondTheAddress) {
  kernel_.recvmsg_delivers({.result = 0, .address = "\1\0/tmp/x\0"sv, .namelen = 300});
  EXPECT_EQ(receive().address.length(), SocketAddress::kCapacity);
}

TEST_F(ScriptedReceive, SaysWhetherTheControlDataIsMalformed) {
  kernel_.recvmsg_delivers({.result = 0, .control = ControlBytes{}.message(1, 2, {}).declare_length(76)});
  EXPECT_TRUE(receive().control_malformed);
  kernel_.recvmsg_delivers({.result = 0, .control = ControlBytes{}.message(1, 2, {})});
  EXPECT_FALSE(receive().control_malformed);
}

}  // namespace
}  // namespace recvinto
