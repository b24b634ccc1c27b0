// Ancillary items of IPv6: what RFC 3542 has a socket ask for, and what Linux adds.

#include <netinet/ip6.h>

#include <string_view>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "kit/host/private_network.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Place;
using kit::PrivateNetwork;
using kit::room;
using kit::rooms;
using namespace std::string_view_literals;

// Of <linux/in6.h>, which <netinet/in.h> excludes.
constexpr int kFlowInfo = 11;  // IPV6_FLOWINFO

CLAIM(Ipv6Item, Ipv6PktinfoHasDestinationAndInterface, cites("ipv6-pktinfo"), on(kit::kUdp6),
      needs(kAncillary, kMsgFlags), reporting({"ipv6_pktinfo"})) {
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{ipv6_packet_info("::1", loopback_index())}});
}

CLAIM(Ipv6Item, Ipv6PktinfoOfMulticastIsTheGroup, cites("ipv6-pktinfo"), on(kit::kUdp6), needs(kAncillary, kMsgFlags),
      reporting({"ipv6_pktinfo"})) {
  stage().enter_private_network();
  stage().meet_at(Place::kMulticast);
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd",
          .msg_flags = 0,
          .ancdata = Items{ipv6_packet_info(PrivateNetwork::kGroup, PrivateNetwork::kInterface)}});
}

CLAIM(Ipv6Item, Ipv6HopLimitIsReported, cites("ipv6-hop-limit"), on(kit::kUdp6), needs(kAncillary),
      reporting({"ipv6_hoplimit"})) {
  stage().set_option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  for (const int hops : {1, 2, 33, 127, 128, 255}) {
    stage().set_sender_option(IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .ancdata = Items{item(IPPROTO_IPV6, IPV6_HOPLIMIT, hops)}});
  }
}

CLAIM(Ipv6Item, Ipv6TrafficClassIsReported, cites("ipv6-traffic-class"), on(kit::kUdp6), needs(kAncillary),
      reporting({"ipv6_tclass"})) {
  stage().set_option(IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  for (const int traffic_class : {0, 1, 0x2c, 0x80, 0xff}) {
    stage().set_sender_option(IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .ancdata = Items{item(IPPROTO_IPV6, IPV6_TCLASS, traffic_class)}});
  }
}

CLAIM(Ipv6Item, EachIpv6OptionGivesOneItem, cites("ipv6-items-come-once-each"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags)) {
  stage().set_option(IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  stage().set_option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  stage().set_sender_option(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33);
  stage().set_sender_option(IPPROTO_IPV6, IPV6_TCLASS, 0x2c);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .msg_flags = 0});
  expect_equal("items in any order",
               sorted({ipv6_packet_info("::1", loopback_index()), item(IPPROTO_IPV6, IPV6_HOPLIMIT, 33),
                       item(IPPROTO_IPV6, IPV6_TCLASS, 0x2c)}),
               sorted(answer.seen.ancdata.value_or(Items{})));
}

CLAIM(Ipv6Item, DisabledIpv6OptionGivesNoItem, cites("ipv6-option-off-ends-the-item"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags)) {
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  send("abc");
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}),
         {.data = "abc", .msg_flags = 0, .ancdata = Items{ipv6_packet_info("::1", loopback_index())}});
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 0);
  send("def");
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "def", .msg_flags = 0, .ancdata = Items{}});
}

// Each header holds one unknown option that receivers skip: type 0x1e (RFC 4727), four bytes.
CLAIM(Ipv6Item, Ipv6ExtensionHeaderIsReportedWhole, cites("ipv6-extension-headers"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags)) {
  stage().enter_private_network();
  stage().set_option(IPPROTO_IPV6, IPV6_RECVHOPOPTS, 1);
  stage().set_option(IPPROTO_IPV6, IPV6_RECVDSTOPTS, 1);
  stage().set_sender_bytes(IPPROTO_IPV6, IPV6_HOPOPTS, kit::Bytes("\0\0\x1e\4abcd"sv));
  stage().set_sender_bytes(IPPROTO_IPV6, IPV6_DSTOPTS, kit::Bytes("\0\0\x1e\4efgh"sv));
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .msg_flags = 0});
  // Each begins with the number of the next header: the hop-by-hop options, destination options, UDP.
  const Items headers{{IPPROTO_IPV6, IPV6_HOPOPTS, kit::Bytes("\x3c\0\x1e\4abcd"sv)},
                      {IPPROTO_IPV6, IPV6_DSTOPTS, kit::Bytes("\x11\0\x1e\4efgh"sv)}};
  expect_equal("items in any order", sorted(headers), sorted(answer.seen.ancdata.value_or(Items{})));
}

CLAIM(Ipv6Item, Ipv6FlowinfoIsInNetworkByteOrder, cites("ipv6-flow-item"), on(kit::kUdp6), needs(kAncillary),
      reporting({"ipv6_flowinfo"})) {
  stage().set_option(IPPROTO_IPV6, kFlowInfo, 1);
  stage().set_sender_option(IPPROTO_IPV6, IPV6_TCLASS, 0x2c);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd"});
  // The traffic class is its upper part; the label below is of the system's choice (RFC 6437).
  Items items = answer.seen.ancdata.value_or(Items{});
  std::uint32_t flow = 0;
  if (items.size() == 1 && items[0].data.size() == sizeof flow) {
    std::memcpy(&flow, items[0].data.data(), sizeof flow);
    items[0].data = bytes_of(flow & htonl(0xfff00000));
  }
  expect_equal("items, without the flow label", sorted({item(IPPROTO_IPV6, kFlowInfo, htonl(0x02c00000))}),
               sorted(items));
}

CLAIM(Ipv6Item, Ipv4PacketOnDualStackHasBothPktinfoItems, cites("ipv6-packet-info-of-ipv4"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags)) {
  stage().meet_at(Place::kDualStack);
  stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  stage().set_option(IPPROTO_IP, IP_PKTINFO, 1);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .msg_flags = 0});
  expect_equal("items in any order",
               sorted({ipv6_packet_info("::ffff:127.0.0.1", loopback_index()), ipv4_packet_info()}),
               sorted(answer.seen.ancdata.value_or(Items{})));
}

/// The receiver has sent more than the path MTU, and asks to receive that MTU.
void send_too_much(kit::Stage& stage) {
  stage.enter_private_network();
  stage.set_option(IPPROTO_IPV6, IPV6_RECVPATHMTU, 1);
  stage.set_option(IPPROTO_IPV6, IPV6_DONTFRAG, 1);
  stage.connect_to_peer();
  if (stage.send_backwards(kit::Bytes(3000, 'x')) != std::errc::message_size) {
    throw kit::EnvironmentLacks("a datagram larger than the MTU is sent with IPV6_DONTFRAG");
  }
}

/// What the receive returns then, with no data.
Expected path_mtu() {
  ip6_mtuinfo info{};
  info.ip6m_addr.sin6_family = AF_INET6;
  info.ip6m_addr.sin6_addr = in6addr_loopback;
  info.ip6m_mtu = PrivateNetwork::kMtu;
  const kit::Address destination{.family = AF_INET6, .path = {}, .host = "::1", .raw = {}};
  return {.data = "", .msg_flags = 0, .ancdata = Items{item(IPPROTO_IPV6, IPV6_PATHMTU, info)}, .address = destination};
}

CLAIM(Ipv6Item, Ipv6PathMtuArrivesWithoutData, cites("ipv6-path-mtu"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags, kAddress, kNonblocking)) {
  send_too_much(stage());
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = std::chrono::milliseconds(0)}),
         path_mtu());
}

// It makes no poll(2) report the socket readable: who waits for that first never sees it.
CLAIM(Ipv6Item, Ipv6PathMtuIsFoundInTimeoutMode, cites("ipv6-path-mtu-with-a-timeout"), on(kit::kUdp6),
      needs(kAncillary, kAllItems, kMsgFlags, kAddress, kTimeout)) {
  send_too_much(stage());
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = std::chrono::milliseconds(100)}),
         path_mtu());
}

}  // namespace
}  // namespace recvinto::conformance
