// Python: sockets of every origin, those that are none any more, and those that refuse; and how they wait.

#include <cerrno>
#include <csignal>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

/// The data of the socket that has the number now.
const kit::Facts kOtherIsLeft = {{"left", R"("other")"}};

CLAIM(PythonSockets, SocketsOfEveryOriginReceiveAlike, cites("sockets-of-every-origin"), on(kit::kEveryKind),
      needs(kPythonForms, kScatter, kMsgFlags, kAddress)) {
  for (const char* form : {"socket_by_subclass", "socket_by_dup", "socket_by_fileno", "socket_by_fromfd"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .form = form}),
           {.data = "abcd", .msg_flags = 0, .address = stage().address_of(0)});
  }
}

CLAIM(PythonSockets, ClosedPythonSocketFailsWithEbadf, cites("closed-socket-is-ebadf"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  for (const char* form : {"closed_socket", "detached_socket"}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .form = form}), {.failure = os_error(EBADF)});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonSockets, SocketClosedByAHandlerFailsWithEbadf, cites("eintr-closed-socket-is-ebadf"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kSignals)) {
  start({.buffers = rooms(2, 2), .form = "closed_in_handler"});
  interrupt(SIGUSR1);
  send("abcd");  // who went on waiting on another descriptor gets it
  expect(finish(), {.failure = os_error(EBADF)});
}

CLAIM(PythonSockets, SocketReplacedByAHandlerFailsWithEbadf,
      cites({"eintr-closed-socket-is-ebadf", "number-of-a-closed-socket-is-anothers"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kSignals)) {
  start({.buffers = rooms(2, 4), .form = "replaced_in_handler"});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = os_error(EBADF), .facts = kOtherIsLeft});
}

CLAIM(PythonSockets, SocketReplacedInTimeoutModeFailsWithEbadf,
      cites({"eintr-closed-socket-is-ebadf", "number-of-a-closed-socket-is-anothers"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kSignals, kTimeout)) {
  start({.buffers = rooms(2, 4), .timeout = kLong, .form = "replaced_in_handler"});
  interrupt(SIGUSR1);
  expect(finish(), {.failure = os_error(EBADF), .facts = kOtherIsLeft});
}

// Whether the call still receives what is sent to its own socket, no document says.
CLAIM(PythonSockets, SocketReplacedByAThreadIsNotReceivedFrom, cites("number-of-a-closed-socket-is-anothers"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  start({.buffers = rooms(2, 4), .form = "replaced_in_thread"});
  interrupt(SIGUSR1);
  interrupt(SIGUSR1);  // which is taken when the socket is replaced
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = kOtherIsLeft, .any_outcome = true});
}

CLAIM(PythonSockets, SocketReplacedInTimeoutModeIsNotReceivedFrom, cites("number-of-a-closed-socket-is-anothers"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kTimeout)) {
  start({.buffers = rooms(2, 4), .timeout = kLong, .form = "replaced_in_thread"});
  interrupt(SIGUSR1);
  interrupt(SIGUSR1);
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = kOtherIsLeft, .any_outcome = true});
}

CLAIM(PythonSockets, TlsSocketRaisesNotImplementedError, cites("ssl-sockets-refuse"), on(kit::kTcpKinds),
      needs(kPythonForms, kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .form = "ssl_socket"}), {.failure = raises({"NotImplementedError"})});
  expect_queue({{"abcd", 0}});
}

CLAIM(PythonSockets, DefaultTimeoutIsApplied, cites("timeout-default-applies"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kTimeout)) {
  expect(receive({.buffers = rooms(2, 2), .form = "default_timeout:2"}), {.failure = timed_out()});
}

CLAIM(PythonSockets, SubMillisecondTimeoutExpires, cites("timeout-below-a-millisecond"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kTimeout)) {
  for (const char* form : {"timeout_in_microseconds:100", "timeout_in_microseconds:1"}) {
    expect(receive({.buffers = rooms(2, 2), .form = form}), {.failure = timed_out()});
  }
}

// select(2) has no room for it (FD_SETSIZE).
CLAIM(PythonSockets, SocketWithAHighNumberIsWaitedFor, cites({"sockets-of-every-origin", "timeout-data-ends-the-wait"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kTimeout)) {
  expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::milliseconds(2), .form = "socket_by_high_number"}),
         {.failure = timed_out()});
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::seconds(30), .form = "socket_by_high_number"}),
         {.data = "abcd"});
}

CLAIM(PythonSockets, OtherThreadsRunWhileTheCallWaits, cites("other-threads-run"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  start({.buffers = rooms(2, 2), .form = "thread_runs"});
  interrupt(SIGUSR1);
  interrupt(SIGUSR1);
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = {{"thread", R"("ran")"}}});
}

}  // namespace
}  // namespace recvinto::conformance
