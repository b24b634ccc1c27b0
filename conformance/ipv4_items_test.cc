// Ancillary items of IPv4 (ip(7)), and those of the socket level that tell what the sender's socket was set to.

#include <ctime>  // before <linux/errqueue.h>, which wants timespec

#include <linux/errqueue.h>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "kit/host/private_network.h"
#include "kit/host/sockets.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Bytes;
using kit::room;
using kit::rooms;

// Newer than many a <sys/socket.h>.
constexpr int kReceiveMark = 75;      // SO_RCVMARK, Linux 5.19
constexpr int kReceivePriority = 82;  // SO_RCVPRIORITY, Linux 6.14

CLAIM(Ipv4Item, Ipv4PktinfoHasDestinationAndInterface, cites("ipv4-pktinfo"), on(kit::kUdp4),
      needs(kAncillary, kMsgFlags), reporting({"ip_pktinfo"})) {
  stage().set_option(IPPROTO_IP, IP_PKTINFO, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{ipv4_packet_info()}});
}

CLAIM(Ipv4Item, Ipv4TtlIsAnInt, cites("ipv4-ttl"), on(kit::kUdp4), needs(kAncillary), reporting({"ip_ttl"})) {
  stage().set_option(IPPROTO_IP, IP_RECVTTL, 1);
  for (const int ttl : {1, 37, 127, 128, 255}) {
    stage().set_sender_option(IPPROTO_IP, IP_TTL, ttl);
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .ancdata = Items{item(IPPROTO_IP, IP_TTL, ttl)}});
  }
}

CLAIM(Ipv4Item, Ipv4TosIsOneByte, cites("ipv4-tos"), on(kit::kUdp4), needs(kAncillary), reporting({"ip_tos"})) {
  stage().set_option(IPPROTO_IP, IP_RECVTOS, 1);
  for (const int tos : {0, 0x1c, 0x80, 0xfc}) {
    stage().set_sender_option(IPPROTO_IP, IP_TOS, tos);
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .ancdata = Items{item(IPPROTO_IP, IP_TOS, static_cast<unsigned char>(tos))}});
  }
}

CLAIM(OriginalDestination, OrigdstaddrIsTheReceiverAddress, cites("original-destination"), on(kit::kUdpKinds),
      needs(kAncillary, kMsgFlags), reporting({"ip_origdstaddr", "ipv6_origdstaddr"})) {
  const bool v4 = kind().family == AF_INET;
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int type = v4 ? IP_ORIGDSTADDR : IPV6_ORIGDSTADDR;
  stage().set_option(level, type, 1);
  send("abcd");
  const kit::SystemAddress own = kit::local_address(stage().receiver());
  const Bytes bytes(reinterpret_cast<const char*>(own.bytes.data()), own.bytes.size());
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{{level, type, bytes}}});
}

// Three options that do nothing, and the end. To be sent back, nothing of them is left (RFC 1122, 3.2.1.8).
CLAIM(Ipv4Item, Ipv4RetoptsMayBeEmpty, cites({"ipv4-options", "ancdata-items-without-data"}), on(kit::kUdp4),
      needs(kAncillary, kMsgFlags), reporting({"ip_retopts"})) {
  const Bytes options("\1\1\1\0", 4);
  stage().set_option(IPPROTO_IP, IP_RECVOPTS, 1);
  stage().set_option(IPPROTO_IP, IP_RETOPTS, 1);
  stage().set_sender_bytes(IPPROTO_IP, IP_OPTIONS, options);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd",
          .msg_flags = 0,
          .ancdata = Items{{IPPROTO_IP, IP_RECVOPTS, options}, {IPPROTO_IP, IP_RETOPTS, ""}}});
}

CLAIM(Ipv4Item, OversizedIpv4DatagramReportsTheMtu, cites("error-queue-local-error"), on(kit::kUdp4),
      needs(kFlags, kAncillary, kMsgFlags, kAddress), reporting({"ip_recverr"})) {
  stage().enter_private_network();
  stage().set_option(IPPROTO_IP, IP_RECVERR, 1);
  stage().set_option(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  stage().connect_to_peer();
  if (stage().send_backwards(Bytes(2000, 'x')) != std::errc::message_size) {
    throw kit::EnvironmentLacks("a datagram larger than the MTU is sent with IP_PMTUDISC_DO");
  }
  struct {
    sock_extended_err error;
    sockaddr_in offender;  // none: this host itself rejects the datagram
  } told{};
  told.error.ee_errno = EMSGSIZE;
  told.error.ee_origin = SO_EE_ORIGIN_LOCAL;
  told.error.ee_info = kit::PrivateNetwork::kMtu;
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_ERRQUEUE}),
         {.data = "",
          .msg_flags = MSG_ERRQUEUE,
          .ancdata = Items{item(IPPROTO_IP, IP_RECVERR, told)},
          .address = stage().address_of(0)});
}

CLAIM(SocketItem, SoMarkIsTheMarkOfTheSender, cites("item-of-the-mark"), on(kit::kUdpKinds),
      needs(kAncillary, kMsgFlags), reporting({"mark"})) {
  constexpr std::uint32_t kMark = 0x81234567;
  stage().enter_private_network();
  stage().set_option(SOL_SOCKET, kReceiveMark, 1);
  stage().set_sender_option(SOL_SOCKET, SO_MARK, static_cast<int>(kMark));
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{item(SOL_SOCKET, SO_MARK, kMark)}});
}

CLAIM(SocketItem, SoPriorityIsThePriorityOfTheSender, cites("item-of-the-priority"), on(kit::kUdpKinds),
      needs(kAncillary, kMsgFlags), reporting({"priority"})) {
  stage().set_option(SOL_SOCKET, kReceivePriority, 1);
  stage().set_sender_option(SOL_SOCKET, SO_PRIORITY, 5);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{item(SOL_SOCKET, SO_PRIORITY, std::uint32_t{5})}});
}

}  // namespace
}  // namespace recvinto::conformance
