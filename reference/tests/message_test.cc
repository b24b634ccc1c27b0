// The receive that allocates: Python's four values, and an owner for the descriptors.

#include "recvinto/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <stdexcept>
#include <system_error>
#include <variant>
#include <vector>

#include "allocation_census.h"
#include "control_bytes.h"
#include "recvinto/control_space.h"
#include "scripted_kernel.h"
#include "sockets.h"

namespace recvinto {
namespace {

using namespace std::chrono_literals;
using testing::Buffers;
using testing::ControlBytes;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::is_open;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::open_descriptor_count;
using testing::open_nulls;
using testing::ScriptedKernel;
using testing::send_message;
using ::testing::SizeIs;
using testing::SocketPair;
using ::testing::Truly;
using testing::udp_pair;
using testing::unix_pair;

constexpr int kSocket = 1 << 30;  // not open: only scripted kernels are asked about it
constexpr std::int64_t kAncbufsize = 128;

const auto IsOpen = Truly(is_open);

std::vector<std::byte> as_data(const std::vector<int>& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers));
  return {bytes.begin(), bytes.end()};
}

TEST(Message, HasPythonsFourValues) {
  const SocketPair pair = udp_pair(AF_INET);
  testing::set_option(pair.receiver.get(), IPPROTO_IP, IP_RECVTTL, 1);
  testing::set_option(pair.sender.get(), IPPROTO_IP, IP_TTL, 42);
  send_message(pair.sender.get(), "hello world");
  const Buffers buffers({5, 3});
  const Message message = recvmsg_into(pair.receiver.get(), buffers.iovecs(), kAncbufsize);
  EXPECT_EQ(message.nbytes, 8u);
  EXPECT_THAT(message.ancdata, ElementsAre(AncillaryItem{IPPROTO_IP, IP_TTL, as_data({42})}));
  EXPECT_EQ(message.msg_flags, MSG_TRUNC);
  EXPECT_EQ(message.address, Address(Inet4Address{"127.0.0.1", testing::port_of(pair.sender.get())}));
  EXPECT_EQ(buffers.text(), "hello| wo");
}

TEST(Message, HasNoWarningsDescriptorsOrAddressWhereThereAreNone) {
  const SocketPair pair = unix_pair(SOCK_STREAM);
  send_message(pair.sender.get(), "x");
  const Message message = recvmsg_into(pair.receiver.get(), Buffers({1}).iovecs(), kAncbufsize);
  EXPECT_THAT(message.ancdata, IsEmpty());
  EXPECT_THAT(message.warnings, IsEmpty());
  EXPECT_THAT(message.descriptors, IsEmpty());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(message.address));
}

TEST(Message, OwnsTheDescriptorsItNames) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "x", {pair.sender.get(), pair.receiver.get()});
  std::vector<int> numbers;
  {
    const Message message = recvmsg_into(pair.receiver.get(), Buffers({1}).iovecs(), kAncbufsize);
    for (const UniqueFd& fd : message.descriptors) numbers.push_back(fd.get());
    EXPECT_THAT(message.ancdata, ElementsAre(AncillaryItem{SOL_SOCKET, SCM_RIGHTS, as_data(numbers)}));
    EXPECT_THAT(numbers, SizeIs(2));
    EXPECT_THAT(numbers, Each(IsOpen));
  }
  EXPECT_THAT(numbers, Each(Not(IsOpen)));
}

TEST(Message, LeavesOpenWhatIsTakenFromIt) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "x", {pair.sender.get(), pair.sender.get()});
  UniqueFd taken;
  {
    Message message = recvmsg_into(pair.receiver.get(), Buffers({1}).iovecs(), kAncbufsize);
    taken = std::move(message.descriptors.at(1));
  }
  EXPECT_TRUE(is_open(taken.get()));
}

TEST(Message, TellsASizeThatPythonWouldRefuseBeforeAnySystemCall) {
  ScriptedKernel kernel;
  constexpr std::int64_t kMax = std::numeric_limits<int>::max();
  for (const std::int64_t size : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(), kMax + 1,
                                  (std::int64_t{1} << 32) + 64, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THROW(recvmsg_into(kSocket, {}, size, 0, {.kernel = &kernel}), std::invalid_argument) << size;
  }
  EXPECT_THAT(kernel.calls(), IsEmpty());
}

TEST(Message, IsNotWaitedForWithANegativeTimeout) {
  ScriptedKernel kernel;
  EXPECT_THROW(recvmsg_into(kSocket, {}, 0, 0, {.timeout = -1ns, .kernel = &kernel}), std::invalid_argument);
  EXPECT_THAT(kernel.calls(), IsEmpty());
}

TEST(Message, IsReceivedWithTheVeryAncbufsize) {
  ScriptedKernel kernel;
  for (std::int64_t size = 0; size <= 64; ++size) {
    kernel.recvmsg_delivers({.result = 0});
    recvmsg_into(kSocket, {}, size, 0, {.kernel = &kernel});
    const msghdr& header = kernel.calls().back().header;
    EXPECT_EQ(header.msg_controllen, static_cast<std::size_t>(size));
    EXPECT_EQ(header.msg_control == nullptr, size == 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(header.msg_control) % alignof(cmsghdr), 0u);
  }
}

TEST(Message, ComesWithAHugeAncbufsizeToo) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  send_message(pair.sender.get(), "x", {pair.sender.get()});
  const Message message = recvmsg_into(pair.receiver.get(), Buffers({1}).iovecs(), 256 << 20);
  EXPECT_THAT(message.descriptors, SizeIs(1));
  EXPECT_EQ(message.msg_flags, 0);
}

TEST(Message, IsNotThereWhereTheKernelFails) {
  ScriptedKernel kernel;
  kernel.recvmsg_fails(EIO);
  try {
    recvmsg_into(kSocket, {}, 0, 0, {.kernel = &kernel});
    FAIL() << "did not throw";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::error_code(EIO, std::system_category()));
  }
}

TEST(Message, IsNotThereWhereTheTimeoutPasses) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  try {
    recvmsg_into(pair.receiver.get(), {}, 0, 0, {.timeout = 1us});
    FAIL() << "did not throw";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), ReceiveErrc::kTimedOut);
  }
}

TEST(Message, IsEmptyBesideAnErrorThatIsNotThrown) {
  ScriptedKernel kernel;
  std::error_code error;
  kernel.recvmsg_fails(EIO);
  const Message failed = recvmsg_into(kSocket, {}, 0, 0, {.kernel = &kernel}, error);
  EXPECT_EQ(error, std::error_code(EIO, std::system_category()));
  EXPECT_EQ(failed.nbytes, 0U);

  const SocketPair pair = unix_pair(SOCK_DGRAM);
  recvmsg_into(pair.receiver.get(), {}, 0, 0, {.timeout = 1us}, error);
  EXPECT_EQ(error, ReceiveErrc::kTimedOut);

  ASSERT_EQ(send(pair.sender.get(), "a", 1, 0), 1);
  std::array<char, 4> room{};
  const iovec buffer{.iov_base = room.data(), .iov_len = room.size()};
  EXPECT_EQ(recvmsg_into(pair.receiver.get(), std::span(&buffer, 1), 0, 0, {}, error).nbytes, 1U);
  EXPECT_FALSE(error) << "that of the call before";
}

// Python documentation, socket.recvmsg: the part inside the buffer is returned, and a RuntimeWarning issued.
TEST(Message, OfMalformedAncillaryDataIsReturnedWithAWarning) {
  ScriptedKernel kernel;
  const std::vector<int> sent = open_nulls(3);
  kernel.recvmsg_delivers({.result = 1, .control = ControlBytes{}.rights(sent).cut_to(*cmsg_len(10))});
  const Message message = recvmsg_into(kSocket, {}, kAncbufsize, 0, {.kernel = &kernel});
  EXPECT_THAT(message.warnings, ElementsAre(ReceiveWarning::kMalformedAncillaryData));
  ASSERT_THAT(message.ancdata, SizeIs(1));
  EXPECT_THAT(message.ancdata.front().data, SizeIs(10));
  EXPECT_THAT(message.descriptors, SizeIs(2));
  const UniqueFd third(sent[2]);
  EXPECT_TRUE(is_open(third.get()));
}

// ... "If recvmsg() raises an exception after the system call returns, it will first attempt to close any file
// descriptors received via this mechanism."
TEST(Message, OfMalformedAncillaryDataIsClosedWhereWarningsAreErrors) {
  ScriptedKernel kernel;
  const std::vector<int> sent = open_nulls(3);
  kernel.recvmsg_delivers(
      {.result = 1,
       .control = ControlBytes{}.rights({sent[0]}).rights({sent[1], sent[2]}).message(1, 2, {}).declare_length(3)});
  try {
    recvmsg_into(kSocket, {}, kAncbufsize, 0, {.warnings_are_errors = true, .kernel = &kernel});
    FAIL() << "did not throw";
  } catch (const ReceiveWarningError& error) {
    EXPECT_EQ(error.warning(), ReceiveWarning::kMalformedAncillaryData);
    EXPECT_STREQ(error.what(), "received malformed or improperly-truncated ancillary data");
    EXPECT_EQ(error.descriptors_closed(), 3u);
  }
  EXPECT_THAT(sent, Each(Not(IsOpen)));
}

TEST(Message, ThatIsSoundIsNoErrorWhereWarningsAreErrors) {
  ScriptedKernel kernel;
  kernel.recvmsg_delivers({.result = 1, .control = ControlBytes{}.message(1, 2, {}), .flags = MSG_CTRUNC});
  const Message message = recvmsg_into(kSocket, {}, kAncbufsize, 0, {.warnings_are_errors = true, .kernel = &kernel});
  EXPECT_THAT(message.ancdata, SizeIs(1));
}

// Whichever allocation fails: before the system call the message stays queued, after it no descriptor stays open.
TEST(Message, LeaksNoDescriptorWhicheverAllocationFails) {
  std::size_t failures = 0;
  for (bool failed = true; failed; ++failures) {
    const SocketPair pair = unix_pair(SOCK_DGRAM);
    send_message(pair.sender.get(), "x", {pair.sender.get(), pair.sender.get(), pair.sender.get()});
    const Buffers buffers({1});
    const std::size_t before = open_descriptor_count();
    failed = false;
    try {
      const testing::AllocationFailure failure(failures);
      recvmsg_into(pair.receiver.get(), buffers.iovecs(), kAncbufsize);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    ASSERT_EQ(open_descriptor_count(), before) << "allocation " << failures;
  }
  EXPECT_GE(failures, 4u) << "the control buffer, an item, its data and the list of descriptors are allocated";
}

TEST(Message, LeaksNoDescriptorOverManyReceives) {
  const SocketPair pair = unix_pair(SOCK_SEQPACKET);
  const std::size_t before = open_descriptor_count();
  for (std::int64_t cycle = 0; cycle < 500; ++cycle) {
    send_message(pair.sender.get(), "x", {pair.sender.get(), pair.sender.get()});
    recvmsg_into(pair.receiver.get(), Buffers({1}).iovecs(), cycle % 40);
  }
  EXPECT_EQ(open_descriptor_count(), before);
}

}  // namespace
}  // namespace recvinto
