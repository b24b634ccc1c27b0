// The address item of UDP in other places than an unconnected socket on the loopback address.

#include <netinet/in.h>
#include <sys/socket.h>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Place;
using kit::room;
using kit::rooms;

CLAIM(InternetAddress, Ipv4SenderOnDualStackIsMapped, cites("address-of-ipv4-on-ipv6"), on(kit::kUdp6),
      needs(kAddress)) {
  stage().meet_at(Place::kDualStack);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .address = stage().address_of(0)});
}

CLAIM(InternetAddress, LinkLocalSenderHasTheInterfaceAsScope, cites({"address-ipv6-scope", "address-of-the-sender"}),
      on(kit::kUdp6), needs(kAddress)) {
  stage().enter_private_network();
  stage().meet_at(Place::kLinkLocal);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .address = stage().address_of(0)});
}

CLAIM(InternetAddress, MulticastDatagramReportsItsSender, cites({"address-ipv6-scope", "address-of-the-sender"}),
      on(kit::kUdp6), needs(kAddress)) {
  stage().enter_private_network();
  stage().meet_at(Place::kMulticast);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .address = stage().address_of(0)});
}

// The address of an error is where the datagram went to that caused it.
CLAIM(InternetAddress, QueuedErrorAddressHasFlowinfo, cites("address-ipv6-flowinfo"), on(kit::kUdp6),
      needs(kFlags, kAddress)) {
  const kit::Address destination = stage().send_flow_to_nowhere(0x12345);
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .flags = MSG_ERRQUEUE}),
         {.data = "x", .address = destination});
}

CLAIM(InternetAddress, ConnectedUdpReportsThePeer, cites("address-of-connected-udp"), on(kit::kUdpKinds),
      needs(kAddress)) {
  const std::size_t peer = stage().add_sender();
  const std::size_t stranger = stage().add_sender();
  stage().connect_to_peer();
  stage().send_undeliverable("stranger", stranger);
  stage().send("abcd", 0, peer);
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .address = stage().address_of(peer)});
  expect_queue({});
}

}  // namespace
}  // namespace recvinto::conformance
