// The sender of a message, whatever else the call asks for and whatever comes with the message.

#include <netinet/in.h>
#include <sys/socket.h>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::BoundName;
using kit::room;
using kit::rooms;

/// A sender that has an address to be reported.
std::size_t add_named_sender(kit::Stage& stage) {
  return stage.add_sender({stage.kind().is_unix() ? BoundName::Kind::kPathname : BoundName::Kind::kUnnamed});
}

CLAIM(Address, PeekReportsTheSender, cites({"address-of-the-sender", "peek-leaves-the-data"}), on(kit::kDatagramKinds),
      needs(kAddress, kFlags)) {
  const std::size_t sender = add_named_sender(stage());
  stage().send("abcd", 0, sender);
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd", .address = stage().address_of(sender)});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd", .address = stage().address_of(sender)});
}

CLAIM(Address, SenderIsReportedWhereMsgTruncIsGiven, cites({"address-of-the-sender", "trunc-asked-tells-the-length"}),
      on(kit::kDatagramKinds), needs(kAddress, kFlags)) {
  const std::size_t sender = add_named_sender(stage());
  stage().send("abcdefgh", 0, sender);
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_TRUNC}),
         {.data = "abcd", .nbytes = 8, .address = stage().address_of(sender)});
}

CLAIM(Address, SenderIsReportedWithoutBuffers, cites({"address-of-the-sender", "no-buffers-take-one-message"}),
      on(kit::kDatagramKinds), needs(kAddress, kNoBuffers)) {
  const std::size_t sender = add_named_sender(stage());
  stage().send("abcd", 0, sender);
  expect(receive({.buffers = {}}), {.nbytes = 0, .address = stage().address_of(sender)});
}

CLAIM(Address, SenderIsReportedBesideDescriptors, cites({"address-of-the-sender", "ancdata-rights-in-order"}),
      on(kit::kUnixDatagram), needs(kAddress, kAncillary, kRights)) {
  const std::size_t sender = add_named_sender(stage());
  stage().send("abcd", /*files=*/2, sender);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .files = Files{0, 1}, .address = stage().address_of(sender)});
}

CLAIM(Address, SenderIsReportedBesidePktinfo, cites("address-of-the-sender"), on(kit::kUdpKinds),
      needs(kAddress, kAncillary), reporting({"ip_pktinfo", "ipv6_pktinfo"})) {
  const bool is_v4 = kind().family == AF_INET;
  stage().set_option(is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .address = stage().address_of(0)});
  expect_equal("number of items", std::size_t{1}, answer.seen.ancdata.value_or(Items{}).size());
}

// Who waits by a first receive that finds nothing makes a second one: with room for the address, too.
CLAIM(Address, SenderIsReportedAfterAWait, cites({"address-of-the-sender", "timeout-data-ends-the-wait"}),
      on(kit::kDatagramKinds), needs(kAddress, kTimeout)) {
  const std::size_t sender = add_named_sender(stage());
  start({.buffers = rooms(2, 2), .timeout = kLong});
  expect_sleep();
  stage().send("abcd", 0, sender);
  expect(finish(), {.data = "abcd", .address = stage().address_of(sender)});
}

CLAIM(Address, SenderOfALargeMessageIsReported, cites("address-of-the-sender"), on(kit::kDatagramKinds),
      needs(kAddress)) {
  const std::size_t sender = add_named_sender(stage());
  for (const std::size_t size : {4095U, 4096U, 4097U, 20'000U}) {
    stage().send(kit::Bytes(size, 'x'), 0, sender);
    expect(receive({.buffers = {room(3), room(size)}}),
           {.data = kit::Bytes(size, 'x'), .address = stage().address_of(sender)});
  }
}

CLAIM(InternetAddress, PeekReportsTheScope, cites({"address-ipv6-scope", "peek-leaves-the-data"}), on(kit::kUdp6),
      needs(kAddress, kFlags)) {
  stage().enter_private_network();
  stage().meet_at(kit::Place::kLinkLocal);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd", .address = stage().address_of(0)});
}

}  // namespace
}  // namespace recvinto::conformance
