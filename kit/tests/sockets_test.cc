#include "kit/host/sockets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <set>
#include <system_error>

#include "kit/values/socket_kind.h"

namespace recvinto::kit {
namespace {

in_port_t port_of(const SystemAddress& address) {
  in_port_t port = 0;
  std::memcpy(&port, address.bytes.data() + offsetof(sockaddr_in, sin_port), sizeof port);
  return ntohs(port);
}

// One port in 256 would read alike, and hide an implementation that swaps the bytes.
TEST(Sockets, AreBoundToPortsThatReadDifferentlyInTheOtherByteOrder) {
  for (const SocketKind& kind : {kUdp4, kUdp6, kTcp4, kTcp6}) {
    std::set<in_port_t> ports;
    for (int i = 0; i < 1000; ++i) {
      const UniqueFd socket = open_socket(kind);
      bind_to(socket.get(), loopback(kind));
      const in_port_t port = port_of(local_address(socket.get()));
      ASSERT_NE(port / 256, port % 256) << kind.name << ", port " << port;
      ports.insert(port);
    }
    EXPECT_GT(ports.size(), 900U) << "chosen at random from 28,000: the same one hardly ever comes back";
  }
}

TEST(Sockets, AreNotBoundToAPortInUse) {
  const UniqueFd first = open_socket(kUdp4);
  bind_to(first.get(), loopback(kUdp4));
  const UniqueFd second = open_socket(kUdp4);
  EXPECT_THROW(bind_to(second.get(), local_address(first.get())), std::system_error);
}

}  // namespace
}  // namespace recvinto::kit
