// Segmentation offload of UDP: batches of datagrams that are sent and received as one (UDP_SEGMENT, UDP_GRO).

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <chrono>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

constexpr int kSegment = 100;

/// Three whole segments and a half: 350 bytes, no segment like the other.
kit::Bytes batch() {
  return kit::Bytes(kSegment, 'a') + kit::Bytes(kSegment, 'b') + kit::Bytes(kSegment, 'c') +
         kit::Bytes(kSegment / 2, 'd');
}

/// Has batches sent and received as such. They fall apart on the way where the interface does no segmentation of its
/// own (ethtool(8), tx-udp-segmentation): then there is nothing to judge.
void ask_for_batches(kit::Stage& stage) {
  stage.set_option(IPPROTO_UDP, UDP_GRO, 1);
  stage.set_sender_option(IPPROTO_UDP, UDP_SEGMENT, kSegment);
  stage.send(batch());
  if (stage.drain() != std::vector<kit::QueuedMessage>{{batch(), 0}}) {
    throw kit::EnvironmentLacks("batches of UDP do not stay together on the loopback interface");
  }
}

kit::AncillaryItem segment_size() {
  return {IPPROTO_UDP, UDP_GRO, bytes_of(kSegment)};
}

CLAIM(UdpGro, GroBatchIsOneMessageWithItsSegmentSize,
      cites({"batch-tells-its-segment-size", "message-is-read-whole", "fill-in-order"}), on(kit::kUdpKinds),
      needs(kMsgFlags, kAddress, kAncillary, kAncbufsize), reporting({"udp_gro"})) {
  ask_for_batches(stage());
  send(batch());
  // A buffer for each segment, and one to spare: so receivers split a batch.
  expect(receive({.buffers = rooms(5, kSegment), .ancbufsize = kPlenty}),
         {.data = batch(), .msg_flags = 0, .ancdata = Items{segment_size()}, .address = stage().address_of(0)});
}

CLAIM(UdpGro, SingleDatagramHasNoGroSegmentSize, cites("batch-of-one-has-no-segment-size"), on(kit::kUdpKinds),
      needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"udp_gro"})) {
  stage().set_option(IPPROTO_UDP, UDP_GRO, 1);
  send(batch());
  expect(receive({.buffers = rooms(5, kSegment), .ancbufsize = kPlenty}),
         {.data = batch(), .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(UdpGro, SegmentsWithoutGroAreSeparateMessages, cites({"segments-are-messages", "message-is-read-whole"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary)) {
  stage().set_sender_option(IPPROTO_UDP, UDP_SEGMENT, kSegment);
  send(batch());
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    expect(receive({.buffers = rooms(5, kSegment), .ancbufsize = plenty()}),
           {.data = kit::Bytes(letter == 'd' ? kSegment / 2 : kSegment, letter), .msg_flags = 0, .ancdata = Items{}});
  }
}

CLAIM(UdpGro, GroBatchLargerThanBuffersIsTruncatedOnce, cites({"batch-is-cut-as-one-message", "trunc-is-reported"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize, kNonblocking), reporting({"udp_gro"})) {
  ask_for_batches(stage());
  send(batch());
  const kit::Call call{.buffers = {room(100), room(50)}, .ancbufsize = kPlenty, .timeout = kNoWait};
  expect(receive(call), {.data = batch().substr(0, 150), .msg_flags = MSG_TRUNC, .ancdata = Items{segment_size()}});
  expect(receive(call), {.failure = would_block()});
}

}  // namespace
}  // namespace recvinto::conformance
