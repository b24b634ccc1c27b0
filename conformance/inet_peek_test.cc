// Peeking at TCP and UDP: with ancillary data, and at an offset (SO_PEEK_OFF).

#include <netinet/in.h>
#include <sys/socket.h>

#include "conformance/framework/check.h"
#include "conformance/items.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(Peek, PeekReturnsTheAncillaryDataOfThePacket, cites({"peek-brings-ancillary-data", "peek-leaves-the-data"}),
      on(kit::kUdpKinds), needs(kFlags, kMsgFlags, kAncillary, kAllItems, kAncbufsize)) {
  if (kind().family == AF_INET) {
    stage().set_option(IPPROTO_IP, IP_PKTINFO, 1);
  } else {
    stage().set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
  stage().set_option(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  send("abc");
  const kit::Call peek{.buffers = rooms(2, 2), .ancbufsize = kPlenty, .flags = MSG_PEEK};
  const Answer first = receive(peek);
  expect(first, {.data = "abc", .msg_flags = 0});
  const Items items = first.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{2}, items.size());
  expect(receive(peek), {.data = "abc", .msg_flags = 0, .ancdata = items});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty}), {.data = "abc", .msg_flags = 0, .ancdata = items});
}

CLAIM(PeekOffset, PeekOffsetAdvancesWithinAUdpDatagram, cites({"peek-offset-in-datagrams", "trunc-with-peek-measures"}),
      on(kit::kUdpKinds), needs(kFlags, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 0);
  send("aaaabbbb");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "aaaa", .msg_flags = MSG_TRUNC});
  expect(receive({.buffers = rooms(2, 50), .flags = MSG_PEEK}), {.data = "bbbb", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 50)}), {.data = "aaaabbbb", .msg_flags = 0});
}

CLAIM(PeekOffset, PeekOffsetContinuesWithTheNextUdpDatagram, cites("peek-offset-in-datagrams"), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 0);
  send("aaaa");
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_PEEK}), {.data = "aa", .msg_flags = MSG_TRUNC});
  send("bbbb");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "aa", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 50), .flags = MSG_PEEK}), {.data = "bbbb", .msg_flags = 0});
  expect_queue({{"aaaa", 0}, {"bbbb", 0}});
}

CLAIM(PeekOffset, PeekStartsAtTheOffsetThatIsSet, cites("peek-offset-in-datagrams"), on(kit::kUdpKinds),
      needs(kFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 3);
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 50), .flags = MSG_PEEK}), {.data = "defgh"});
  expect_queue({{"abcdefgh", 0}});
}

CLAIM(PeekOffset, PeekOffsetAdvancesThroughATcpStream, cites({"peek-offset-in-tcp", "peek-leaves-the-data"}),
      on(kit::kTcpKinds), needs(kFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 0);
  send("aaaabbbb");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "aaaa"});
  expect(receive({.buffers = rooms(2, 50), .flags = MSG_PEEK}), {.data = "bbbb"});
  expect_queue({{"aaaabbbb", 0}});
}

CLAIM(PeekOffset, PeekAtOffsetSpansTcpSends, cites("peek-offset-in-tcp"), on(kit::kTcpKinds), needs(kFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 0);
  send("aaaa");
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_PEEK}), {.data = "aa"});
  send("bbbb");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "aabb"});
  expect_queue({{"aaaabbbb", 0}});
}

CLAIM(PeekOffset, TcpReceiveMovesPeekOffsetBack, cites("peek-offset-in-tcp"), on(kit::kTcpKinds), needs(kFlags)) {
  stage().set_option(SOL_SOCKET, SO_PEEK_OFF, 0);
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 1)}), {.data = "ab"});
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_PEEK}), {.data = "ef"});
  expect_queue({{"cdefgh", 0}});
}

}  // namespace
}  // namespace recvinto::conformance
