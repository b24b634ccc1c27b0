// The end of a stream, shutdown, and messages of no bytes, which are no end.

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
using std::chrono::milliseconds;

CLAIM(EndOfStream, EndOfStreamReturnsZeroEachTime, cites("eof-is-zero"), on(kit::kConnectedKinds), needs()) {
  stage().peer_closes();
  for (int i = 0; i < 3; ++i) expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(EndOfStream, EndOfStreamHasNoFlagsAndNoItems, cites({"eof-is-zero", "ancdata-is-empty-without-items"}),
      on(kit::kConnectedKinds), needs(kAncillary, kMsgFlags)) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3)}}), {.data = "", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(EndOfStream, EndOfStreamFollowsQueuedData, cites("eof-comes-after-the-data"), on(kit::kConnectedKinds), needs()) {
  send("abcd");
  stage().peer_closes();
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(EndOfStream, EndOfStreamFollowsQueuedDescriptors, cites({"eof-comes-after-the-data", "ancdata-rights-in-order"}),
      on(kit::kUnixConnectedKinds), needs(kAncillary, kRights)) {
  send("abcd", /*files=*/1);
  stage().peer_closes();
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0}});
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "", .files = Files{}});
}

CLAIM(EndOfStream, PeerShutdownWriteLeavesSendingUsable, cites({"eof-of-one-direction", "eof-is-zero"}),
      on(kit::kConnectedKinds), needs()) {
  stage().peer_shuts_down_writing();
  expect(receive({.buffers = {room(8)}}), {.data = ""});
  const std::error_code sent = stage().send_backwards("reply");
  expect_that("sending the other way", "works", sent ? sent.message() : "works", !sent);
  if (sent) return;
  expect_equal("what the peer reads", kit::Bytes("reply"), stage().peer_reads());
}

CLAIM(EndOfStream, PeerCloseWakesAWaitingCall, cites("eof-wakes-a-waiting-call"), on(kit::kConnectedKinds), needs()) {
  start({.buffers = rooms(2, 3)});
  expect_sleep();
  stage().peer_closes();
  expect(finish(), {.data = ""});
}

CLAIM(EndOfStream, PeerShutdownWriteWakesAWaitingCall, cites("eof-wakes-a-waiting-call"), on(kit::kConnectedKinds),
      needs()) {
  start({.buffers = rooms(2, 3)});
  expect_sleep();
  stage().peer_shuts_down_writing();
  expect(finish(), {.data = ""});
}

CLAIM(EndOfStream, EndOfStreamIsFoundInTimeoutMode, cites("eof-is-zero"), on(kit::kConnectedKinds), needs(kTimeout)) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3)}, .timeout = std::chrono::seconds(30)}), {.data = ""});
}

CLAIM(EndOfStream, EndOfStreamIsFoundInNonBlockingMode, cites("eof-is-zero"), on(kit::kConnectedKinds),
      needs(kNonblocking)) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3)}, .timeout = kNoWait}), {.data = ""});
}

CLAIM(EndOfStream, PeekReturnsEndOfStream, cites({"eof-is-zero", "peek-leaves-the-data"}), on(kit::kConnectedKinds),
      needs(kFlags)) {
  stage().peer_closes();
  for (int i = 0; i < 2; ++i) expect(receive({.buffers = {room(3)}, .flags = MSG_PEEK}), {.data = ""});
  expect(receive({.buffers = {room(3)}}), {.data = ""});
}

CLAIM(EndOfStream, UnixDatagramPeerCloseIsNotEndOfStream, cites("unix-datagram-has-no-end"), on(kit::kUnixDatagram),
      needs(kNonblocking)) {
  stage().peer_closes();
  expect(receive({.buffers = {room(3)}, .timeout = kNoWait}), {.failure = would_block()});
}

CLAIM(EndOfStream, UnixDatagramPeerShutdownWriteEndsInTimeout, cites("unix-datagram-has-no-end"),
      on(kit::kUnixDatagram), needs(kTimeout)) {
  stage().peer_shuts_down_writing();
  expect(receive({.buffers = rooms(2, 3), .timeout = milliseconds(5)}), {.failure = timed_out()});
}

CLAIM(EndOfStream, UnixDatagramPeerCloseWithUnreadDataIsNoError, cites("unix-datagram-has-no-end"),
      on(kit::kUnixDatagram), needs(kNonblocking)) {
  send("abcd");
  stage().send_backwards("never read");
  stage().peer_closes();
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3), .timeout = kNoWait}), {.failure = would_block()});
}

CLAIM(EndOfStream, ShutdownReadReturnsQueuedDataThenZero, cites("shut-down-reader-gets-the-queue"),
      on(kit::kConnectedKinds), needs()) {
  send("abcd");
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(EndOfStream, ShutdownReadWakesAWaitingCall, cites("shut-down-wakes-a-waiting-call"), on(kit::kConnectedKinds),
      needs()) {
  start({.buffers = rooms(2, 3)});
  expect_sleep();
  stage().shut_down(SHUT_RD);
  expect(finish(), {.data = ""});
}

// Only the system call itself: poll(2) goes on calling such a socket readable, and to a call that may not wait there is
// nothing to read.
CLAIM(ShutdownRead, BlockingUnixDatagramShutdownReadReturnsZero,
      cites({"unix-datagram-after-shutdown", "shut-down-reader-gets-the-queue"}), on(kit::kUnixDatagram),
      needs(kSystemWait)) {
  send("abcd");
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(ShutdownRead, UnixDatagramShutdownReadWakesAWaitingCall, cites("shut-down-wakes-a-waiting-call"),
      on(kit::kUnixDatagram), needs(kSystemWait)) {
  start({.buffers = rooms(2, 3)});
  expect_sleep();
  stage().shut_down(SHUT_RD);
  expect(finish(), {.data = ""});
}

CLAIM(ShutdownRead, NonBlockingUnixDatagramShutdownReadFailsWithEagain, cites("unix-datagram-after-shutdown"),
      on(kit::kUnixDatagram), needs(kNonblocking)) {
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3), .timeout = kNoWait}), {.failure = would_block()});
}

CLAIM(ShutdownRead, UnixDatagramShutdownReadWaitsForTheTimeout,
      cites({"false-readiness-goes-on-waiting", "false-readiness-keeps-the-deadline"}), on(kit::kUnixDatagram),
      needs(kTimeout), measures_time()) {
  start({.buffers = rooms(2, 3), .timeout = kLong});
  expect_sleep();
  const bool is_timed_by_the_socket = is_timed_by_the_system(stage(), handshake());
  send("abcd");
  expect(finish(), {.data = "abcd"});
  stage().shut_down(SHUT_RD);
  const Answer answer = receive({.buffers = rooms(2, 3), .timeout = kShort});
  if (is_timed_by_the_socket) {  // then it waits in recvmsg(2), to which this is the end
    expect(answer, {.data = ""});
    return;
  }
  expect(answer, {.failure = timed_out()});
  expect_that("elapsed", "40 ms or a little less", fmt_milliseconds(answer.seen.elapsed),
              answer.seen.elapsed >= kShort - kRounding);
}

CLAIM(ZeroLengthMessage, ZeroLengthMessageIsReceivedAsOneMessage, cites("zero-length-message"), on(kit::kMessageKinds),
      needs()) {
  send("");
  send("y");
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
  expect(receive({.buffers = rooms(2, 3)}), {.data = "y"});
}

CLAIM(ZeroLengthMessage, ZeroLengthMessageHasNoFlags, cites({"zero-length-message", "trunc-only-when-cut"}),
      on(kit::kMessageKinds), needs(kMsgFlags)) {
  send("");
  expect(receive({.buffers = {room(3)}}), {.data = "", .msg_flags = 0});
}

CLAIM(ZeroLengthMessage, ZeroLengthDatagramReportsItsSender, cites({"zero-length-message", "address-of-the-sender"}),
      on(kit::kUdpKinds), needs(kAddress)) {
  send("");
  expect(receive({.buffers = {room(3)}}), {.data = "", .address = stage().address_of(0)});
}

CLAIM(ZeroLengthMessage, ZeroLengthMessageDeliversDescriptors,
      cites({"zero-length-message", "ancdata-rights-in-order"}), on(kit::kUnixMessageKinds),
      needs(kAncillary, kRights, kMsgFlags)) {
  send("", /*files=*/1);
  expect(receive({.buffers = {room(3)}, .ancbufsize = plenty()}), {.data = "", .msg_flags = 0, .files = Files{0}});
}

CLAIM(ZeroLengthMessage, ZeroLengthMessageWithDescriptorsStaysEmpty, cites({"zero-length-message"}),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights)) {
  send("", /*files=*/1);
  send("y");
  expect(receive({.buffers = {room(3)}}), {.data = ""});
  expect(receive({.buffers = {room(3)}}), {.data = "y"});
}

CLAIM(ConnectionError, TcpResetIsReportedOnce, cites("reset-is-econnreset"), on(kit::kTcpKinds), needs()) {
  stage().peer_resets();
  expect(receive({.buffers = {room(3)}}), {.failure = os_error(ECONNRESET)});
  expect(receive({.buffers = {room(3)}}), {.data = ""});
}

CLAIM(ConnectionError, TcpResetIsReportedInTimeoutMode, cites("reset-is-econnreset"), on(kit::kTcpKinds),
      needs(kTimeout)) {
  stage().peer_resets();
  expect(receive({.buffers = {room(3)}, .timeout = std::chrono::seconds(30)}), {.failure = os_error(ECONNRESET)});
}

CLAIM(ConnectionError, UnixPeerCloseWithUnreadDataReportsEconnreset, cites("unread-data-at-close-resets"),
      on(kit::kUnixConnectedKinds), needs()) {
  stage().send_backwards("never read");
  stage().peer_closes();
  expect(receive({.buffers = {room(3)}}), {.failure = os_error(ECONNRESET)});
  expect(receive({.buffers = {room(3)}}), {.data = ""});
}

// A stream looks into its queue first, a message socket at its errors.
CLAIM(ConnectionError, UnixPeerCloseWithUnreadDataLosesNoData,
      cites({"unread-data-at-close-loses-nothing", "unread-data-at-close-resets"}), on(kit::kUnixConnectedKinds),
      needs()) {
  send("abcd");
  stage().send_backwards("never read");
  stage().peer_closes();
  if (kind().keeps_messages()) expect(receive({.buffers = rooms(2, 3)}), {.failure = os_error(ECONNRESET)});
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  if (kind().is_stream()) expect(receive({.buffers = rooms(2, 3)}), {.failure = os_error(ECONNRESET)});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(InvalidSocket, ClosedDescriptorFailsWithEbadf, cites("closed-descriptor-is-ebadf"), on(kit::kEveryKind),
      needs()) {
  send("abc");
  stage().close_receiver();
  expect(receive({.buffers = {room(3)}}), {.failure = os_error(EBADF)});
}

CLAIM(InvalidSocket, ClosedDescriptorFailsWithEbadfInTimeoutMode, cites("closed-descriptor-is-ebadf"),
      on(kit::kOneOfEachSort), needs(kTimeout)) {
  stage().close_receiver();
  expect(receive({.buffers = {room(3)}, .timeout = std::chrono::seconds(30)}), {.failure = os_error(EBADF)});
}

CLAIM(InvalidSocket, PipeFailsWithEnotsock, cites("no-socket-is-enotsock"), on(kit::kUnixStream), needs()) {
  stage().become_a_pipe();
  expect(receive({.buffers = {room(3)}}), {.failure = os_error(ENOTSOCK)});
}

CLAIM(InvalidSocket, UnconnectedTcpFailsWithEnotconn, cites("not-connected-is-enotconn"), on(kit::kTcpKinds), needs()) {
  stage().become_blank();
  expect(receive({.buffers = {room(3)}, .timeout = without_waiting(handshake())}), {.failure = os_error(ENOTCONN)});
}

CLAIM(InvalidSocket, UnconnectedUnixSocketFailsWithEinvalOrEnotconn, cites("unix-not-connected"),
      on(kit::kUnixConnectedKinds), needs()) {
  stage().become_blank();
  expect(receive({.buffers = {room(3)}, .timeout = without_waiting(handshake())}),
         {.failure = os_error(kind().is_stream() ? EINVAL : ENOTCONN)});
}

CLAIM(InvalidSocket, ListeningUnixSocketFailsWithEinvalOrEnotconn, cites("unix-not-connected"),
      on(kit::kUnixConnectedKinds), needs()) {
  stage().listen_for_connections();
  expect(receive({.buffers = {room(3)}, .timeout = without_waiting(handshake())}),
         {.failure = os_error(kind().is_stream() ? EINVAL : ENOTCONN)});
}

}  // namespace
}  // namespace recvinto::conformance
