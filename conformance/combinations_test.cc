// Two conditions at once: what is right for each of them alone is right for both.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <utility>

#include "conformance/descriptors.h"
#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Bytes;
using kit::room;
using kit::rooms;

/// More buffers than many a small array has, some more, and more than a byte counts.
constexpr std::array<std::size_t, 3> kManyBuffers{17, 65, 300};

CLAIM(Combination, DescriptorsComeWithManyBytes, cites({"ancdata-rights-in-order", "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights)) {
  std::size_t sent = 0;
  for (const std::size_t size : {4095U, 4096U, 4097U, 9000U}) {
    send(Bytes(size, 'x'), /*files=*/2);
    expect(receive({.buffers = {room(3), room(size)}, .ancbufsize = plenty()}),
           {.data = Bytes(size, 'x'), .files = files_from(sent, 2)});
    sent += 2;
  }
}

CLAIM(Combination, DescriptorsComeWithManyBuffers, cites({"ancdata-rights-in-order", "fill-in-order"}),
      on(kit::kUnixKinds), needs(kScatter, kAncillary, kRights)) {
  std::size_t sent = 0;
  for (const std::size_t count : kManyBuffers) {
    const Bytes message = distinct_bytes(count * 2);
    send(message, /*files=*/2);
    expect(receive({.buffers = rooms(count, 2), .ancbufsize = plenty()}),
           {.data = message, .files = files_from(sent, 2)});
    sent += 2;
  }
}

CLAIM(Combination, ManyBuffersReportTrunc, cites({"trunc-is-reported", "fill-in-order"}), on(kit::kMessageKinds),
      needs(kScatter, kMsgFlags)) {
  for (const std::size_t count : kManyBuffers) {
    const Bytes message = distinct_bytes(count + 3);
    send(message);
    expect(receive({.buffers = rooms(count, 1)}), {.data = message.substr(0, count), .msg_flags = MSG_TRUNC});
  }
}

CLAIM(Combination, PeekFillsManyBuffers, cites({"peek-leaves-the-data", "fill-in-order"}), on(kit::kEveryKind),
      needs(kScatter, kFlags)) {
  for (const std::size_t count : kManyBuffers) {
    const Bytes message = distinct_bytes(count * 2);
    send(message);
    expect(receive({.buffers = rooms(count, 2), .flags = MSG_PEEK}), {.data = message});
    expect(receive({.buffers = rooms(count, 2)}), {.data = message});
  }
}

CLAIM(Combination, LargeBuffersReportTrunc, cites("trunc-is-reported"), on(kit::kMessageKinds), needs(kMsgFlags)) {
  for (const std::size_t size : {4095U, 4096U, 4097U, 20'000U}) {
    send(Bytes(size + 1, 'x'));
    expect(receive({.buffers = {room(3), room(size - 3)}}), {.data = Bytes(size, 'x'), .msg_flags = MSG_TRUNC});
  }
}

CLAIM(Combination, MsgTruncFlagKeepsDescriptors, cites({"trunc-asked-tells-the-length", "ancdata-rights-in-order"}),
      on(kit::kUnixMessageKinds), needs(kFlags, kAncillary, kRights)) {
  send("abcdefgh", /*files=*/2);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_TRUNC}),
         {.data = "abcd", .nbytes = 8, .files = Files{0, 1}});
}

CLAIM(Combination, EmptyMessageReportsCtrunc, cites({"ctrunc-is-reported", "zero-length-message"}),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 0}),
         {.data = "", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
}

CLAIM(Combination, PeekReportsDescriptorsThatFit,
      cites({"descriptors-none-left-open", "ctrunc-keeps-whole-descriptors"}), on(kit::kUnixKinds),
      needs(kFlags, kAncillary, kRights, kAncbufsize)) {
  send("abcd", /*files=*/3);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_len(2 * sizeof(int)), .flags = MSG_PEEK}),
         {.data = "abcd", .files = Files{0, 1}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0, 1, 2}});
}

CLAIM(Combination, MsgCmsgCloexecAppliesBehindCredentials,
      cites({"rights-close-on-exec-on-request", "unix-items-in-order"}), on(kit::kUnixKinds),
      needs(kFlags, kAncillary, kRights), reporting({"credentials"})) {
  require_descriptor_facts(stage());
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd", /*files=*/2);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_CMSG_CLOEXEC});
  expect(answer, {.data = "abcd", .files = Files{0, 1}});
  expect_equal("close-on-exec", std::string("every one"), close_on_exec_of(answer));
}

CLAIM(Combination, CredentialsComeWithTruncatedMessage, cites("credentials-of-the-sender"), on(kit::kUnixMessageKinds),
      needs(kAncillary), reporting({"credentials"})) {
  stage().require_shared_ids();
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcdefgh");
  const ucred mine{.pid = getpid(), .uid = getuid(), .gid = getgid()};
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .ancdata = Items{item(SOL_SOCKET, SCM_CREDENTIALS, mine)}});
}

CLAIM(Combination, CredentialsComeBesideATimestamp, cites({"ancdata-items-are-complete", "credentials-of-the-sender"}),
      on(kit::kUnixMessageKinds), needs(kAncillary), reporting({"credentials", "timestamp"})) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd"});
  ItemShapes shapes = shapes_of(answer);
  std::ranges::sort(shapes, {}, &ItemShape::type);
  expect_equal("items",
               ItemShapes{{SOL_SOCKET, SCM_CREDENTIALS, sizeof(ucred)}, {SOL_SOCKET, SO_TIMESTAMP, 2 * abi().word}},
               shapes);
}

CLAIM(Combination, PktinfoComesWithTruncatedDatagram, cites("ancdata-items-are-complete"), on(kit::kUdpKinds),
      needs(kAncillary), reporting({"ip_pktinfo", "ipv6_pktinfo"})) {
  const bool is_v4 = kind().family == AF_INET;
  stage().set_option(is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  send("abcdefgh");
  const kit::AncillaryItem info = is_v4 ? ipv4_packet_info() : ipv6_packet_info("::1", loopback_index());
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "abcd", .ancdata = Items{info}});
}

// Four options of three levels: each brings its item, in whatever order the system has them.
CLAIM(Combination, PacketItemsComeBesideATimestamp, cites("ancdata-items-are-complete"), on(kit::kUdp4),
      needs(kAncillary, kAncbufsize), reporting({"ip_pktinfo", "ip_ttl", "ip_tos", "timestamp"})) {
  stage().set_option(IPPROTO_IP, IP_PKTINFO, 1);
  stage().set_option(IPPROTO_IP, IP_RECVTTL, 1);
  stage().set_option(IPPROTO_IP, IP_RECVTOS, 1);
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  for (const bool is_cut : {false, true}) {
    send("abcd");
    const Answer answer = receive({.buffers = {room(1), room(is_cut ? 2 : 3)}, .ancbufsize = kPlenty});
    expect(answer, {.data = is_cut ? "abc" : "abcd"});
    ItemShapes shapes = shapes_of(answer);
    std::ranges::sort(shapes, [](const ItemShape& one, const ItemShape& other) {
      return std::pair(one.level, one.type) < std::pair(other.level, other.type);
    });
    expect_equal("items",
                 ItemShapes{{IPPROTO_IP, IP_TOS, 1},
                            {IPPROTO_IP, IP_TTL, sizeof(int)},
                            {IPPROTO_IP, IP_PKTINFO, sizeof(in_pktinfo)},
                            {SOL_SOCKET, SO_TIMESTAMP, 2 * abi().word}},
                 shapes);
  }
}

CLAIM(Combination, DescriptorsComeAfterACallThatFoundNothing,
      cites({"ancdata-rights-in-order", "nonblocking-returns-at-once"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kMsgFlags, kNonblocking)) {
  for (std::size_t i = 0; i < 2; ++i) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = kNoWait}), {.failure = would_block()});
    send("abcd", /*files=*/1);
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = kNoWait}),
           {.data = "abcd", .msg_flags = 0, .files = Files{i}});
  }
}

CLAIM(Combination, NonBlockingCallAfterAnEmptyMessageReceivesTheNext,
      cites({"zero-length-message", "nonblocking-returns-at-once"}), on(kit::kMessageKinds), needs(kNonblocking)) {
  send("");
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.data = ""});
  expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.data = "abcd"});
}

// A receive that has not filled its buffers has not emptied the queue: descriptors end it, too.
CLAIM(Combination, NonBlockingCallAfterAShortOneReceivesTheRest,
      cites({"stream-discards-nothing", "unix-descriptors-are-a-barrier"}), on(kit::kUnixStream), needs(kNonblocking)) {
  send("abcd", /*files=*/1);
  send("efgh");
  expect(receive({.buffers = rooms(2, 8), .timeout = kNoWait}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 8), .timeout = kNoWait}), {.data = "efgh"});
}

CLAIM(Combination, InterruptedCallReportsTrunc, cites({"trunc-is-reported", "eintr-is-retried"}),
      on(kit::kMessageKinds), needs(kMsgFlags, kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  start({.buffers = rooms(2, 2)});
  interrupt(SIGUSR1);
  send("abcdefgh");
  expect(finish(), {.data = "abcd", .msg_flags = MSG_TRUNC, .signals = 1});
}

}  // namespace
}  // namespace recvinto::conformance
