// The network of our own. Where the host lets us have none, these are skipped.

#include "kit/host/private_network.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "kit/host/sockets.h"
#include "kit/tests/denied.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

class PrivateNetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      PrivateNetwork::get();
    } catch (const EnvironmentLacks& lack) {
      GTEST_SKIP() << lack.what();
    }
  }
};

std::vector<std::string> interfaces() {
  std::vector<std::string> names;
  struct if_nameindex* all = if_nameindex();
  for (const struct if_nameindex* one = all; one != nullptr && one->if_index != 0; ++one)
    names.emplace_back(one->if_name);
  if_freenameindex(all);
  return names;
}

ino_t network_of_this_thread() {
  struct stat status{};
  return stat("/proc/thread-self/ns/net", &status) == 0 ? status.st_ino : 0;
}

TEST_F(PrivateNetworkTest, IsTheSameForAll) {
  EXPECT_EQ(&PrivateNetwork::get(), &PrivateNetwork::get());
}

TEST_F(PrivateNetworkTest, IsEnteredByThatPieceOfWorkOnly) {
  const ino_t before = network_of_this_thread();
  ino_t inside = 0;
  PrivateNetwork::get().enter([&inside] { inside = network_of_this_thread(); });
  EXPECT_NE(inside, before);
  EXPECT_EQ(network_of_this_thread(), before);
}

TEST_F(PrivateNetworkTest, PassesOnWhatTheWorkThrows) {
  EXPECT_THROW(PrivateNetwork::get().enter([] { throw std::logic_error("x"); }), std::logic_error);
}

TEST_F(PrivateNetworkTest, HasOneInterfaceOfAKnownSize) {
  PrivateNetwork::get().enter([] {
    EXPECT_EQ(if_nametoindex("lo"), PrivateNetwork::kInterface);
    ifreq request{.ifr_ifrn = {"lo"}, .ifr_ifru = {}};
    const UniqueFd socket = open_socket(kUdp4);
    ASSERT_EQ(ioctl(socket.get(), SIOCGIFMTU, &request), 0);
    EXPECT_EQ(request.ifr_mtu, PrivateNetwork::kMtu);
  });
}

TEST_F(PrivateNetworkTest, CarriesDatagramsOfItsSocketsAndOfNoOthers) {
  const UniqueFd inside = PrivateNetwork::get().open(kUdp4);
  bind_to(inside.get(), loopback(kUdp4));
  const UniqueFd friendly = PrivateNetwork::get().open(kUdp4);
  connect_to(friendly.get(), local_address(inside.get()));
  send_message(friendly.get(), "abc", {}, 0);
  EXPECT_EQ(queue_memory(inside.get()) == 0, false);
  const UniqueFd outside = open_socket(kUdp4);
  connect_to(outside.get(), local_address(inside.get()));
  const std::size_t before = queue_memory(inside.get());
  send_message(outside.get(), "abc", {}, 0);
  EXPECT_EQ(queue_memory(inside.get()), before);
}

/// Binds to the link-local address and receives a datagram from it; empty, or what failed.
std::string use_link_local() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  inet_pton(AF_INET6, PrivateNetwork::kLinkLocal, &address.sin6_addr);
  address.sin6_scope_id = PrivateNetwork::kInterface;
  const UniqueFd socket = open_socket(kUdp6);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return std::string("bind: ") + std::strerror(errno);
  }
  send_to(socket.get(), "x", local_address(socket.get()), 0);
  pollfd readable{.fd = socket.get(), .events = POLLIN, .revents = 0};
  return poll(&readable, 1, 0) == 1 ? "" : "a datagram to itself is lost";
}

TEST_F(PrivateNetworkTest, HasALinkLocalAddressThatCanBeUsedAtOnce) {
  std::map<std::string, int> failures;
  for (int i = 0; i < 300; ++i) {
    const PrivateNetwork network;
    network.enter([&] {
      const std::string failure = use_link_local();
      if (!failure.empty()) ++failures[failure];
    });
  }
  EXPECT_THAT(failures, testing::IsEmpty());
}

TEST_F(PrivateNetworkTest, GetsItsInterfacesNameBack) {
  PrivateNetwork& network = PrivateNetwork::get();
  network.rename(
      "b\xff"
      "d");
  network.enter([] {
    EXPECT_EQ(interfaces(), std::vector<std::string>{"b\xff"
                                                     "d"});
  });
  network.change_interface();
  network.restore_name();
  network.enter([] { EXPECT_EQ(if_nametoindex("lo"), PrivateNetwork::kInterface); });
}

// As Linux 6.1 and before want it.
TEST_F(PrivateNetworkTest, IsRenamedWhileItsInterfaceIsDown) {
  PrivateNetwork network;
  network.rename_while_down("odd");
  network.enter([] {
    EXPECT_EQ(interfaces(), std::vector<std::string>{"odd"});
    EXPECT_EQ(use_link_local(), "");
  });
  network.rename_while_down("lo");
  network.enter([] {
    EXPECT_EQ(use_link_local(), "");
    const UniqueFd socket = open_socket(kUdp4);
    bind_to(socket.get(), loopback(kUdp4));
    send_to(socket.get(), "x", local_address(socket.get()), 0);
    EXPECT_TRUE(is_ready(socket.get(), POLLIN));
  });
}

TEST_F(PrivateNetworkTest, KeepsItsNameAndItsAddressesWhereItCannotBeRenamed) {
  const auto seen =
      in_a_child([] { return deny({.number = SYS_ioctl, .error = EBUSY, .arguments = {{1, SIOCSIFNAME}}}); },
                 [] {
                   PrivateNetwork network;
                   try {
                     network.rename("odd");
                     return 1;
                   } catch (const EnvironmentLacks&) {
                   }
                   int result = 2;
                   network.enter([&] {
                     if (if_nametoindex("lo") == 1 && use_link_local().empty()) result = 0;
                   });
                   return result;
                 });
  if (!seen) GTEST_SKIP() << "no seccomp(2) here";
  EXPECT_EQ(*seen, 0);
}

}  // namespace
}  // namespace recvinto::kit
