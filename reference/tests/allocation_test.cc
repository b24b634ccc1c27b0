// The core receive does not allocate, whatever becomes of it.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <new>
#include <optional>
#include <system_error>

#include "allocation_census.h"
#include "recvinto/recvmsg_into.h"
#include "sockets.h"

namespace recvinto {
namespace {

using namespace std::chrono_literals;
using testing::AllocationCensus;
using testing::Buffers;
using testing::SocketPair;
using testing::unix_pair;

class Core : public ::testing::Test {
 protected:
  std::size_t allocations_of_a_receive(int fd, const Wait& wait = {}) {
    const AllocationCensus census;
    recvmsg_into(host_kernel(), fd, buffers_.iovecs(), control_, 0, wait, error_);
    return census.allocations();
  }

  ControlStorage<256> storage_;
  ControlBuffer control_{storage_};
  Buffers buffers_{{1, 2, 3}};
  std::error_code error_;
};

TEST_F(Core, DoesNotAllocateForData) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  for (const std::optional<std::chrono::nanoseconds> timeout :
       {std::optional<std::chrono::nanoseconds>(), {0s}, {1h}}) {
    testing::send_message(pair.sender.get(), "data");
    EXPECT_EQ(allocations_of_a_receive(pair.receiver.get(), {.timeout = timeout}), 0u);
    EXPECT_EQ(error_, std::error_code());
  }
}

TEST_F(Core, DoesNotAllocateForDescriptors) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  testing::send_message(pair.sender.get(), "x", {pair.sender.get(), pair.sender.get(), pair.sender.get()});
  EXPECT_EQ(allocations_of_a_receive(pair.receiver.get()), 0u);
  const AllocationCensus census;
  const UniqueFd taken = control_.take_descriptor();
  EXPECT_TRUE(taken);
  EXPECT_EQ(control_.close_descriptors(), 2u);
  EXPECT_EQ(census.allocations(), 0u);
}

TEST_F(Core, DoesNotAllocateForControlMessages) {
  const SocketPair pair = testing::udp_pair(AF_INET);
  for (const int option : {IP_RECVTOS, IP_RECVTTL, IP_PKTINFO}) {
    testing::set_option(pair.receiver.get(), IPPROTO_IP, option, 1);
  }
  testing::send_message(pair.sender.get(), "x");
  EXPECT_EQ(allocations_of_a_receive(pair.receiver.get()), 0u);
  const AllocationCensus census;
  std::size_t data_size = 0;
  for (const ControlMessage& message : control_.messages()) data_size += message.data.size();
  EXPECT_EQ(data_size, sizeof(in_pktinfo) + sizeof(int) + 1);
  EXPECT_EQ(census.allocations(), 0u);
}

TEST_F(Core, DoesNotAllocateForErrorsAndTimeouts) {
  const SocketPair pair = unix_pair(SOCK_DGRAM);
  EXPECT_EQ(allocations_of_a_receive(-1), 0u);
  EXPECT_EQ(allocations_of_a_receive(pair.receiver.get(), {.timeout = 0s}), 0u);
  EXPECT_EQ(allocations_of_a_receive(pair.receiver.get(), {.timeout = 1us}), 0u);
  EXPECT_EQ(error_, ReceiveErrc::kTimedOut);
}

// The other tests would hold of a census that counts nothing.
TEST(AllocationCensus, CountsAllocations) {
  const AllocationCensus census;
  ::operator delete(::operator new(1));
  ::operator delete(::operator new(2));
  EXPECT_EQ(census.allocations(), 2u);
}

}  // namespace
}  // namespace recvinto
