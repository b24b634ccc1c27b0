// Errors that are queued for a socket: the fate of packets that it sent (MSG_ERRQUEUE).

#include <ctime>  // before <linux/errqueue.h>, which wants timespec

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

bool is_v4(const kit::Stage& stage) {
  return stage.kind().family == AF_INET;
}

/// Has errors queued of what the receiving socket sends.
void ask_for_errors(kit::Stage& stage) {
  if (is_v4(stage)) {
    stage.set_option(IPPROTO_IP, IP_RECVERR, 1);
  } else {
    stage.set_option(IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
}

/// The item of an error: what happened, and who says so.
kit::AncillaryItem item_of(const kit::Stage& stage, const sock_extended_err& error, bool has_offender) {
  kit::AncillaryItem item;
  if (is_v4(stage)) {
    sockaddr_in offender{};
    if (has_offender) {
      offender.sin_family = AF_INET;
      offender.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    item = {IPPROTO_IP, IP_RECVERR, bytes_of(error) + bytes_of(offender)};
  } else {
    sockaddr_in6 offender{};
    if (has_offender) {
      offender.sin6_family = AF_INET6;
      offender.sin6_addr = in6addr_loopback;
    }
    item = {IPPROTO_IPV6, IPV6_RECVERR, bytes_of(error) + bytes_of(offender)};
  }
  return item;
}

/// No socket listens at a port of this host: this host reports it, by ICMP.
Items port_unreachable(const kit::Stage& stage) {
  sock_extended_err error{};
  error.ee_errno = ECONNREFUSED;
  error.ee_origin = is_v4(stage) ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6;
  error.ee_type = is_v4(stage) ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH;
  error.ee_code = is_v4(stage) ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT;
  return {item_of(stage, error, /*has_offender=*/true)};
}

CLAIM(ErrorQueue, QueuedErrorHasCauseAndOffender, cites({"queued-error-is-an-item", "queued-error-is-flagged"}),
      on(kit::kUdpKinds), needs(kFlags, kMsgFlags, kAncillary, kAncbufsize),
      reporting({"ip_recverr", "ipv6_recverr"})) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = {room(8)}, .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE}),
         {.data = "ABCDEF", .msg_flags = MSG_ERRQUEUE, .ancdata = port_unreachable(stage())});
}

CLAIM(ErrorQueue, QueuedErrorReturnsTheFailedPacket,
      cites({"queued-error-brings-its-packet", "queued-error-is-flagged"}), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAncbufsize)) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = {room(3), room(1), room(8)}, .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE}),
         {.data = "ABCDEF", .msg_flags = MSG_ERRQUEUE});
}

CLAIM(ErrorQueue, QueuedErrorAddressIsTheDestination, cites("queued-error-tells-the-destination"), on(kit::kUdpKinds),
      needs(kFlags, kAddress)) {
  ask_for_errors(stage());
  const kit::Address destination = stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty(), .flags = MSG_ERRQUEUE}),
         {.data = "ABCDEF", .address = destination});
}

CLAIM(ErrorQueue, EmptyUdpErrorQueueFailsWithEagain, cites("empty-error-queue-is-eagain"), on(kit::kUdpKinds),
      needs(kFlags, kSystemWait)) {
  ask_for_errors(stage());
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE}), {.failure = would_block()});
}

CLAIM(ErrorQueue, EmptyTcpErrorQueueFailsWithEagain, cites("empty-error-queue-is-eagain"), on(kit::kTcpKinds),
      needs(kFlags, kSystemWait)) {
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE}), {.failure = would_block()});
}

CLAIM(ErrorQueue, EmptyErrorQueueLeavesDataQueued, cites("empty-error-queue-is-eagain"), on(kit::kUdpKinds),
      needs(kFlags, kNonblocking)) {
  ask_for_errors(stage());
  send("abc");
  expect(receive({.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE, .timeout = kNoWait}), {.failure = would_block()});
  expect_queue({{"abc", 0}});
}

CLAIM(ErrorQueue, ErrorReportedByReceiveStaysInErrorQueue, cites("pending-error-comes-before-data"), on(kit::kUdpKinds),
      needs(kFlags)) {
  ask_for_errors(stage());
  send("data");
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 4)}), {.failure = os_error(ECONNREFUSED)});
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty(), .flags = MSG_ERRQUEUE}), {.data = "ABCDEF"});
  expect(receive({.buffers = rooms(2, 4)}), {.data = "data"});
}

CLAIM(ErrorQueue, ErrorTakenFromErrorQueueIsNotPending, cites("emptied-error-queue-clears-the-error"),
      on(kit::kUdpKinds), needs(kFlags, kNonblocking)) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty(), .flags = MSG_ERRQUEUE, .timeout = kNoWait}),
         {.data = "ABCDEF"});
  expect(receive({.buffers = rooms(2, 4), .timeout = kNoWait}), {.failure = would_block()});
  send("data");
  expect(receive({.buffers = rooms(2, 4), .timeout = kNoWait}), {.data = "data"});
}

CLAIM(ErrorQueue, ErrorQueueReturnsOneErrorPerCall,
      cites({"queued-errors-come-one-by-one", "queued-error-tells-the-destination"}), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAddress, kAncillary, kAncbufsize, kNonblocking),
      reporting({"ip_recverr", "ipv6_recverr"})) {
  ask_for_errors(stage());
  const std::vector<kit::Bytes> sent{"first", "the second", "3"};
  std::vector<kit::Address> destinations;
  for (std::size_t i = 0; i < sent.size(); ++i) destinations.push_back(stage().send_to_nowhere(sent[i], i));
  const kit::Call call{
      .buffers = {room(2), room(40)}, .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE, .timeout = kNoWait};
  for (std::size_t i = 0; i < sent.size(); ++i) {
    expect(
        receive(call),
        {.data = sent[i], .msg_flags = MSG_ERRQUEUE, .ancdata = port_unreachable(stage()), .address = destinations[i]});
  }
  expect(receive(call), {.failure = would_block()});
}

CLAIM(ErrorQueue, QueuedPacketLargerThanBuffersReportsTrunc, cites({"queued-error-is-flagged", "trunc-is-reported"}),
      on(kit::kUdpKinds), needs(kFlags, kMsgFlags, kAncillary, kAncbufsize, kNonblocking),
      reporting({"ip_recverr", "ipv6_recverr"})) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  const kit::Call call{.buffers = rooms(2, 2), .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE, .timeout = kNoWait};
  expect(receive(call), {.data = "ABCD", .msg_flags = MSG_ERRQUEUE | MSG_TRUNC, .ancdata = port_unreachable(stage())});
  expect(receive(call), {.failure = would_block()});
}

CLAIM(ErrorQueue, QueuedErrorWithoutBuffersReportsTrunc, cites("queued-error-is-flagged"), on(kit::kUdpKinds),
      needs(kNoBuffers, kFlags, kMsgFlags, kAncillary, kAncbufsize), reporting({"ip_recverr", "ipv6_recverr"})) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = {}, .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE}),
         {.data = "", .msg_flags = MSG_ERRQUEUE | MSG_TRUNC, .ancdata = port_unreachable(stage())});
}

CLAIM(ErrorQueue, QueuedErrorWithoutControlBufferReportsCtrunc,
      cites({"queued-error-is-flagged", "ctrunc-is-reported"}), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAncillary, kAncbufsize)) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = 0, .flags = MSG_ERRQUEUE}),
         {.data = "ABCDEF", .msg_flags = MSG_ERRQUEUE | MSG_CTRUNC, .ancdata = Items{}});
}

CLAIM(ErrorQueue, PeekRemovesTheQueuedError, cites("error-queue-ignores-peek"), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAncbufsize, kNonblocking)) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  const kit::Call call{
      .buffers = rooms(2, 4), .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE | MSG_PEEK, .timeout = kNoWait};
  expect(receive(call), {.data = "ABCDEF", .msg_flags = MSG_ERRQUEUE});
  expect(receive(call), {.failure = would_block()});
}

// The first call comes before the packet that fails: an implementation that sets the option itself has done so by then.
CLAIM(ErrorQueue, ErrorQueueStaysEmptyWithoutRecverr,
      cites({"errors-are-queued-on-demand", "empty-error-queue-is-eagain"}), on(kit::kUdpKinds),
      needs(kFlags, kNonblocking)) {
  const kit::Call call{.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE, .timeout = kNoWait};
  expect(receive(call), {.failure = would_block()});
  stage().send_to_nowhere("ABCDEF");
  expect(receive(call), {.failure = would_block()});
}

CLAIM(ErrorQueue, Ipv6ErrorQueueStaysEmptyWithIpv4Recverr, cites("errors-are-queued-on-demand"), on(kit::kUdp6),
      needs(kFlags, kNonblocking)) {
  stage().set_option(IPPROTO_IP, IP_RECVERR, 1);
  const kit::Call call{.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE, .timeout = kNoWait};
  expect(receive(call), {.failure = would_block()});
  stage().send_to_nowhere("ABCDEF");
  expect(receive(call), {.failure = would_block()});
}

CLAIM(ErrorQueue, QueuedErrorIsFoundInTimeoutMode, cites("queued-error-ends-the-wait"), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAncbufsize, kTimeout)) {
  ask_for_errors(stage());
  stage().send_to_nowhere("ABCDEF");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE, .timeout = kLong}),
         {.data = "ABCDEF", .msg_flags = MSG_ERRQUEUE});
}

// A wait for data ends at once: data are there. It is the error queue that is empty.
CLAIM(ErrorQueue, EmptyErrorQueueKeepsTheDeadline, cites("empty-error-queue-keeps-the-deadline"), on(kit::kUdpKinds),
      needs(kFlags, kTimeout)) {
  ask_for_errors(stage());
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 4), .flags = MSG_ERRQUEUE, .timeout = kShort});
  const bool timed_out_as_asked = answer.seen.error && answer.seen.error->is_timeout();
  expect(answer, {.failure = timed_out_as_asked ? timed_out() : would_block()});
  expect_queue({{"abc", 0}});
}

// Over the loopback interface the data are copied all the same, and the item says so. Where they are not, it does not.
CLAIM(ErrorQueue, ZerocopySendCompletionIsReported, cites("zero-copy-completion-is-an-item"), on(kit::kTcpKinds),
      needs(kNoBuffers, kFlags, kMsgFlags, kAncillary, kAncbufsize), reporting({"ip_recverr", "ipv6_recverr"})) {
  stage().set_option(SOL_SOCKET, SO_ZEROCOPY, 1);
  for (std::uint32_t i = 0; i < 2; ++i) {
    if (const std::error_code error = stage().send_backwards(kit::Bytes(20'000, 'x'), MSG_ZEROCOPY)) {
      if (error.value() == ENOBUFS) throw kit::EnvironmentLacks("no memory may be locked for MSG_ZEROCOPY");
      if (error.value() == EINVAL) throw kit::EnvironmentLacks("send MSG_ZEROCOPY: " + error.message());
      throw std::system_error(error, "send MSG_ZEROCOPY");
    }
    stage().await_error();
    const Answer answer = receive({.buffers = {}, .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE});
    sock_extended_err error{};
    error.ee_origin = SO_EE_ORIGIN_ZEROCOPY;
    error.ee_info = i;
    error.ee_data = i;
    const Items not_copied{item_of(stage(), error, /*has_offender=*/false)};
    error.ee_code = SO_EE_CODE_ZEROCOPY_COPIED;
    const Items copied{item_of(stage(), error, /*has_offender=*/false)};
    expect(answer,
           {.data = "", .msg_flags = MSG_ERRQUEUE, .ancdata = answer.seen.ancdata == not_copied ? not_copied : copied});
  }
}

}  // namespace
}  // namespace recvinto::conformance
