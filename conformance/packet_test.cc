// Packet sockets (packet(7)) and raw sockets (raw(7)): packets with their headers.

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/peeked.h"
#include "kit/host/private_network.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Bytes;
using kit::room;
using kit::rooms;
using kit::to_hex;

constexpr std::size_t kIpHeader = 20;
constexpr std::size_t kHeaders = kIpHeader + 8;  // and that of UDP

/// The packet at the head of the queue: its header has an unpredictable identification.
/// A packet socket fails with EINVAL for flags that it does not know, and MSG_CMSG_CLOEXEC is one of those (packet(7)):
/// an implementation that sets it in every call receives no packets, whatever else it does.
void require_packets_are_received(const Answer& answer) {
  if (answer.seen.error && answer.seen.error->number == EINVAL) {
    throw kit::Ended(kit::Cause::kNotDeclared,
                     "the implementation adds a flag that packet sockets refuse: EINVAL (packet(7))");
  }
}

CLAIM(PacketSocket, PacketAddressIsTheLinkAddress, cites("address-of-a-packet"), on(kit::kPacket),
      needs(kMsgFlags, kAddress)) {
  send("abcd");
  const Bytes packet = data_of(by_recvmsg(kPeek));
  const Answer answer = receive({.buffers = {room(kIpHeader), room(64)}});
  require_packets_are_received(answer);
  expect(answer, {.data = packet, .msg_flags = 0});
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = kit::PrivateNetwork::kInterface;
  address.sll_hatype = ARPHRD_LOOPBACK;
  address.sll_pkttype = PACKET_HOST;
  address.sll_halen = ETH_ALEN;
  // Behind the hardware address Linux gives the rest of the structure since version 5.
  const std::size_t length = offsetof(sockaddr_ll, sll_addr) + ETH_ALEN - sizeof address.sll_family;
  const kit::Address told = answer.seen.address.value_or(kit::Address{});
  expect_equal("family of the address", AF_PACKET, told.family);
  expect_equal("address behind the family", to_hex(bytes_of(address).substr(sizeof address.sll_family, length)),
               to_hex(told.raw.substr(0, length)));
}

CLAIM(PacketSocket, TruncatedPacketReturnsItsLength, cites("trunc-asked-tells-the-length"), on(kit::kPacket),
      needs(kFlags, kMsgFlags)) {
  send("abcde");
  const Bytes packet = data_of(by_recvmsg(kPeek));
  const Answer answer = receive({.buffers = rooms(2, 5), .flags = MSG_TRUNC});
  require_packets_are_received(answer);
  expect(answer, {.data = packet.substr(0, 10), .nbytes = kHeaders + 5, .msg_flags = MSG_TRUNC});
}

CLAIM(PacketSocket, PacketAuxdataHasTheLength, cites("packet-auxiliary-data"), on(kit::kPacket),
      needs(kAncillary, kMsgFlags), reporting({"packet_auxdata"})) {
  stage().set_option(SOL_PACKET, PACKET_AUXDATA, 1);
  send("abcde");
  const Answer answer = receive({.buffers = rooms(2, 5), .ancbufsize = plenty()});
  require_packets_are_received(answer);
  expect(answer, {.nbytes = 10, .msg_flags = MSG_TRUNC});
  const Items items = answer.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{1}, items.size());
  if (items.size() != 1) return;
  tpacket_auxdata auxiliary{};
  expect_equal(
      "level, type and size", std::vector<std::size_t>{SOL_PACKET, PACKET_AUXDATA, sizeof auxiliary},
      {static_cast<std::size_t>(items[0].level), static_cast<std::size_t>(items[0].type), items[0].data.size()});
  std::memcpy(&auxiliary, items[0].data.data(), std::min(items[0].data.size(), sizeof auxiliary));
  expect_equal("tp_len", kHeaders + 5, std::size_t{auxiliary.tp_len});
}

// The name of an interface is a string of bytes like that of a file.
CLAIM(PacketSocket, NonTextInterfaceNameLosesNoPacket, cites("interface-name-is-bytes"), on(kit::kPacket), needs()) {
  stage().enter_private_network();
  stage().rename_interface(
      "b\xff"
      "d");
  send("abcd");
  const Bytes packet = data_of(by_recvmsg(kPeek));
  const Answer answer = receive({.buffers = {room(kIpHeader), room(64)}});
  require_packets_are_received(answer);
  expect(answer, {.data = packet});
}

/// An echo reply: it is not answered.
Bytes icmp_message(std::string_view body) {
  icmphdr header{};
  header.type = ICMP_ECHOREPLY;
  header.un.echo.id = htons(0x1234);
  return bytes_of(header) + Bytes(body);
}

CLAIM(RawSocket, RawPacketStartsWithTheIpHeader, cites({"raw-data-have-the-header", "fill-in-order"}), on(kit::kRaw4),
      needs(kScatter, kMsgFlags)) {
  const Bytes sent = icmp_message("abcd");
  send(sent);
  const Bytes packet = data_of(by_recvmsg(kPeek));
  const Answer answer = receive({.buffers = {room(kIpHeader), room(sizeof(icmphdr)), room(16)}});
  expect(answer, {.data = packet, .msg_flags = 0});
  expect_equal("nbytes", static_cast<std::int64_t>(kIpHeader + sent.size()), answer.seen.nbytes);
  expect_equal("version, length of the header, and protocol", std::vector<int>{0x45, IPPROTO_ICMP},
               {answer.seen.storages[0][0], answer.seen.storages[0][9]});
  expect_equal("header of ICMP", to_hex(sent.substr(0, sizeof(icmphdr))), to_hex(answer.seen.storages[1]));
}

CLAIM(RawSocket, RawSenderHasNoPort, cites("address-of-a-raw-socket"), on(kit::kRaw4), needs(kAddress)) {
  send(icmp_message("abcd"));
  const Bytes packet = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = {room(kIpHeader), room(64)}}), {.data = packet, .address = stage().address_of(0)});
}

}  // namespace
}  // namespace recvinto::conformance
