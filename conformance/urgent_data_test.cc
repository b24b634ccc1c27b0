// Urgent data of TCP: one byte beside the stream, and the mark in the stream where it belongs.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

constexpr std::chrono::milliseconds kUrgentWait{200};

/// The last byte of `data` is the urgent one.
void send_urgently(kit::Stage& stage, const kit::Bytes& data) {
  stage.send(data, /*files=*/0, /*sender=*/0, MSG_OOB);
}

CLAIM(UrgentData, MsgOobReturnsTheUrgentByte, cites({"urgent-byte-is-asked-for", "urgent-mark-ends-a-receive"}),
      on(kit::kTcpKinds), needs(kFlags, kMsgFlags, kAncillary)) {
  send("abc");
  send_urgently(stage(), "!");
  send("def");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.data = "!", .msg_flags = MSG_OOB, .ancdata = Items{}});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abc", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "def", .msg_flags = 0});
}

CLAIM(UrgentData, ReceiveWithoutMsgOobSkipsTheUrgentByte,
      cites({"urgent-byte-is-asked-for", "urgent-mark-ends-a-receive"}), on(kit::kTcpKinds), needs()) {
  send_urgently(stage(), "hello");
  send("world");
  expect(receive({.buffers = rooms(2, 8)}), {.data = "hell"});
  expect(receive({.buffers = rooms(2, 8)}), {.data = "world"});
}

// The mark ends a receive wherever it lies in the buffers.
CLAIM(UrgentData, UrgentMarkEndsAReceive, cites("urgent-mark-ends-a-receive"), on(kit::kTcpKinds), needs()) {
  const kit::Bytes alphabet = "abcdefgh";
  for (std::size_t before = 1; before < alphabet.size(); ++before) {
    send_urgently(stage(), alphabet.substr(0, before) + "!");
    send(alphabet.substr(before));
    expect(receive({.buffers = {room(3), room(2), room(9)}}), {.data = alphabet.substr(0, before)});
    expect(receive({.buffers = {room(3), room(2), room(9)}}), {.data = alphabet.substr(before)});
  }
}

CLAIM(UrgentData, UrgentByteIsReturnedOnce, cites({"urgent-byte-comes-once", "urgent-byte-is-asked-for"}),
      on(kit::kTcpKinds), needs(kFlags, kMsgFlags)) {
  send_urgently(stage(), "!");
  expect(receive({.buffers = {room(4)}, .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.data = "!", .msg_flags = MSG_OOB});
  expect(receive({.buffers = {room(4)}, .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EINVAL)});
}

CLAIM(UrgentData, PeekKeepsTheUrgentByte, cites({"peek-leaves-the-data", "urgent-byte-is-asked-for"}),
      on(kit::kTcpKinds), needs(kFlags, kMsgFlags)) {
  send_urgently(stage(), "!");
  for (int i = 0; i < 2; ++i) {
    expect(receive({.buffers = rooms(2, 1), .flags = MSG_OOB | MSG_PEEK, .timeout = without_waiting(handshake())}),
           {.data = "!", .msg_flags = MSG_OOB});
  }
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.data = "!", .msg_flags = MSG_OOB});
  expect(receive({.buffers = rooms(2, 1), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EINVAL)});
}

CLAIM(UrgentData, UrgentByteGoesIntoTheFirstNonEmptyBuffer,
      cites({"fill-empty-buffers-skipped", "urgent-byte-is-asked-for"}), on(kit::kTcpKinds),
      needs(kEmptyBuffers, kFlags, kMsgFlags)) {
  send_urgently(stage(), "!");
  expect(
      receive(
          {.buffers = {room(0), room(0), room(2), room(2)}, .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
      {.data = "!", .msg_flags = MSG_OOB});
}

CLAIM(UrgentData, MsgOobWithoutBuffersDiscardsTheUrgentByte, cites("urgent-byte-without-room"), on(kit::kTcpKinds),
      needs(kNoBuffers, kFlags, kMsgFlags)) {
  send_urgently(stage(), "!");
  expect(receive({.buffers = {}, .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.data = "", .msg_flags = MSG_OOB | MSG_TRUNC});
  expect(receive({.buffers = {room(4)}, .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EINVAL)});
}

CLAIM(UrgentData, MsgOobWithMsgTruncCountsWithoutStoring, cites("trunc-asked-on-tcp-discards"), on(kit::kTcpKinds),
      needs(kFlags, kMsgFlags)) {
  send_urgently(stage(), "!");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_OOB | MSG_TRUNC, .timeout = without_waiting(handshake())}),
         {.data = "", .nbytes = 1, .msg_flags = MSG_OOB});
}

CLAIM(UrgentData, OobinlinePutsTheUrgentByteIntoTheStream, cites({"urgent-byte-inline", "urgent-mark-ends-a-receive"}),
      on(kit::kTcpKinds), needs(kFlags)) {
  stage().set_option(SOL_SOCKET, SO_OOBINLINE, 1);
  send("abc");
  send_urgently(stage(), "!");
  send("def");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EINVAL)});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "abc"});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "!def"});
}

CLAIM(UrgentData, UrgentByteIsFoundInTimeoutMode, cites("urgent-byte-ends-the-wait"), on(kit::kTcpKinds),
      needs(kFlags, kMsgFlags, kTimeout)) {
  send_urgently(stage(), "!");
  expect(receive({.buffers = {room(4)}, .flags = MSG_OOB, .timeout = kUrgentWait}),
         {.data = "!", .msg_flags = MSG_OOB});
}

CLAIM(UrgentData, MsgOobWithoutUrgentDataFailsWithEinval, cites("urgent-byte-comes-once"), on(kit::kTcpKinds),
      needs(kFlags)) {
  send("abc");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EINVAL)});
  expect_queue({{"abc", 0}});
}

CLAIM(UrgentData, MsgOobOnUnixMessagesFailsWithEopnotsupp, cites("unix-oob-finds-nothing"), on(kit::kUnixMessageKinds),
      needs(kFlags)) {
  send("abc");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = os_error(EOPNOTSUPP)});
  expect_queue({{"abc", 0}});
}

// EINVAL since Linux 5.15, where the kernel was configured with CONFIG_AF_UNIX_OOB.
CLAIM(UrgentData, MsgOobOnUnixStreamWithoutUrgentDataFails, cites("unix-oob-finds-nothing"), on(kit::kUnixStream),
      needs(kFlags)) {
  send("abc");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.failure = Failure{.kind = Failure::Kind::kSystem, .numbers = {EINVAL, EOPNOTSUPP}}});
  expect_queue({{"abc", 0}});
}

CLAIM(UrgentData, MsgOobOnUdpIsIgnored, cites("udp-ignores-msg-oob"), on(kit::kUdpKinds), needs(kFlags, kMsgFlags)) {
  send("abcde");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_OOB, .timeout = without_waiting(handshake())}),
         {.data = "abcde", .msg_flags = 0});
}

}  // namespace
}  // namespace recvinto::conformance
