// Connections that fail or are shut down, and what is reported of a closed port.

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

CLAIM(ConnectionError, TcpResetIsReportedAfterQueuedData, cites({"reset-comes-after-the-data", "reset-is-econnreset"}),
      on(kit::kTcpKinds), needs()) {
  send("abcdef");
  stage().peer_resets();
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "ef"});
  expect(receive({.buffers = rooms(2, 2)}), {.failure = os_error(ECONNRESET)});
  for (int i = 0; i < 2; ++i) expect(receive({.buffers = rooms(2, 2)}), {.data = ""});
}

CLAIM(ConnectionError, FailedTcpConnectReportsEconnrefusedOnce, cites("refused-connect-is-reported"),
      on(kit::kTcpKinds), needs()) {
  stage().connect_to_nowhere();
  expect(receive({.buffers = rooms(2, 2)}), {.failure = os_error(ECONNREFUSED)});
  for (int i = 0; i < 2; ++i) expect(receive({.buffers = rooms(2, 2)}), {.data = ""});
}

CLAIM(InvalidSocket, UnconnectedTcpWithoutBuffersFailsWithEnotconn, cites("not-connected-is-enotconn"),
      on(kit::kTcpKinds), needs(kNoBuffers)) {
  stage().become_blank();
  expect(receive({.buffers = {}, .timeout = without_waiting(handshake())}), {.failure = os_error(ENOTCONN)});
}

CLAIM(InvalidSocket, ListeningTcpFailsWithEnotconn, cites("not-connected-is-enotconn"), on(kit::kTcpKinds), needs()) {
  stage().listen_for_connections();
  expect(receive({.buffers = rooms(2, 2), .timeout = without_waiting(handshake())}), {.failure = os_error(ENOTCONN)});
}

CLAIM(InvalidSocket, ListeningTcpWithoutBuffersFailsWithEnotconn, cites("not-connected-is-enotconn"),
      on(kit::kTcpKinds), needs(kNoBuffers)) {
  stage().listen_for_connections();
  expect(receive({.buffers = {}, .timeout = without_waiting(handshake())}), {.failure = os_error(ENOTCONN)});
}

CLAIM(ClosedPort, ConnectedUdpReportsEconnrefusedOncePerDatagram,
      cites({"udp-connected-is-refused-once", "nonblocking-returns-at-once"}), on(kit::kUdpKinds),
      needs(kNonblocking)) {
  stage().connect_to_nowhere();
  for (int i = 0; i < 2; ++i) {
    stage().send_to_nowhere("to a closed port");
    expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.failure = os_error(ECONNREFUSED)});
    expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.failure = would_block()});
  }
}

CLAIM(ClosedPort, ConnectedUdpReportsEconnrefusedInTimeoutMode, cites("udp-connected-is-refused-once"),
      on(kit::kUdpKinds), needs(kTimeout)) {
  stage().connect_to_nowhere();
  stage().send_to_nowhere("to a closed port");
  expect(receive({.buffers = rooms(2, 2), .timeout = kLong}), {.failure = os_error(ECONNREFUSED)});
}

CLAIM(ClosedPort, UnconnectedUdpIgnoresPortUnreachable, cites("udp-unconnected-hears-nothing"), on(kit::kUdpKinds),
      needs(kNonblocking)) {
  expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.failure = would_block()});
  stage().send_to_nowhere("to a closed port");
  expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.failure = would_block()});
  send("abc");
  expect(receive({.buffers = rooms(2, 2), .timeout = kNoWait}), {.data = "abc"});
}

CLAIM(ShutdownRead, TcpShutdownReadReturnsZeroThenLaterData, cites("shut-down-tcp-reader-gets-later-data"),
      on(kit::kTcpKinds), needs()) {
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
  send("abcd");
  expect(receive({.buffers = rooms(2, 3)}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(ShutdownRead, UdpShutdownReadReturnsZeroWithoutWaiting, cites("shut-down-udp-reader-does-not-wait"),
      on(kit::kUdpKinds), needs(kSystemWait)) {
  stage().connect_to_peer();
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3)}), {.data = ""});
}

CLAIM(ShutdownRead, NonBlockingUdpShutdownReadFailsWithEagain, cites("shut-down-udp-reader-does-not-wait"),
      on(kit::kUdpKinds), needs(kNonblocking)) {
  stage().connect_to_peer();
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 3), .timeout = kNoWait}), {.failure = would_block()});
}

}  // namespace
}  // namespace recvinto::conformance
