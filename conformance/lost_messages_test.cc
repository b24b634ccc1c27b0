// The number of messages that found no room in the receiver's queue (SO_RXQ_OVFL).

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "conformance/framework/check.h"
#include "conformance/items.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::rooms;

CLAIM(DroppedMessages, DroppedDatagramsAreCounted, cites({"lost-messages-are-counted", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"rxq_ovfl"})) {
  stage().set_option(SOL_SOCKET, SO_RXQ_OVFL, 1);
  stage().set_option(SOL_SOCKET, SO_RCVBUF, 1);  // the system takes the least that it allows
  std::uint32_t lost = 0;
  for (int i = 0; i < 2; ++i) {
    lost += static_cast<std::uint32_t>(stage().flood(kit::Bytes(500, 'x'), 50));
    if (lost == 0) throw kit::EnvironmentLacks("all of 50 messages found room in the smallest queue");
    send("abc");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty}),
           {.data = "abc", .msg_flags = 0, .ancdata = Items{{SOL_SOCKET, SO_RXQ_OVFL, bytes_of(lost)}}});
  }
}

CLAIM(DroppedMessages, NoDroppedDatagramsGiveNoItem, cites("lost-messages-are-counted"), on(kit::kUdpKinds),
      needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"rxq_ovfl"})) {
  stage().set_option(SOL_SOCKET, SO_RXQ_OVFL, 1);
  send("abc");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty}), {.data = "abc", .msg_flags = 0, .ancdata = Items{}});
}

}  // namespace
}  // namespace recvinto::conformance
