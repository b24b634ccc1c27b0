// Errors of the system call: each goes to the caller as it is.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::fails;
using kit::gives;
using kit::room;
using kit::rooms;

/// ERRORS of recv(2), socket(7), ip(7), unix(7) and POSIX recvmsg(), but for those that mean to try again.
constexpr std::array kDocumented{EBADF,    ECONNREFUSED, ECONNRESET,  ECONNABORTED, EFAULT,       EIO,
                                 EMSGSIZE, ENETDOWN,     ENETUNREACH, EHOSTDOWN,    EHOSTUNREACH, ENOBUFS,
                                 ENOMEM,   ENOTCONN,     ENOTSOCK,    EOPNOTSUPP,   EPERM,        EACCES,
                                 EPIPE,    ENOPROTOOPT,  EPROTO,      ETIMEDOUT,    ESHUTDOWN};

CLAIM(ScriptedError, DocumentedErrnoIsPassedOn, cites("errno-is-handed-on"), on(kit::kScriptedKinds),
      scripted(kOrdinary)) {
  for (const int number : kDocumented) {
    expect(receive({.buffers = {room(8)}}, {fails(number), gives("abcd")}),
           {.failure = os_error(number), .receives = 1, .unused_steps = 1});
  }
}

CLAIM(ScriptedError, ErrnoAfterInterruptionsIsPassedOn, cites({"errno-is-handed-on", "eintr-is-retried"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSignals)) {
  for (const std::size_t times : {1U, 3U, 100U}) {
    for (const int number : {ECONNREFUSED, ECONNRESET, ENOMEM, ENOBUFS}) {
      expect(receive({.buffers = {room(8)}},
                     kit::Script{.steps = kit::times(times, fails(EINTR), {fails(number), gives("abcd")})}),
             {.failure = os_error(number), .receives = times + 1, .unused_steps = 1});
    }
  }
}

// EINVAL is apart: who adds MSG_CMSG_CLOEXEC may try without it, for kernels that do not know it.
CLAIM(ScriptedError, EinvalIsPassedOn, cites("errno-is-handed-on"), on(kit::kScriptedKinds), scripted(kOrdinary)) {
  expect(receive({.buffers = {room(8)}}, kit::Script{.steps = {fails(EINVAL)}, .last_repeats = true}),
         {.failure = os_error(EINVAL)});
}

CLAIM(ScriptedError, NonBlockingErrnoIsPassedOn, cites("errno-is-handed-on"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kNonblocking)) {
  for (const int number : {ECONNREFUSED, ECONNRESET, ENOMEM, ENOBUFS}) {
    expect(receive({.buffers = {room(8)}, .timeout = std::chrono::milliseconds(0)}, {fails(number), gives("abcd")}),
           {.failure = os_error(number), .receives = 1, .unused_steps = 1});
  }
}

// Linux uses up to 4095; glibc names the first 133.
CLAIM(ScriptedError, UnknownErrnoIsPassedOn, cites("errno-is-handed-on"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kErrorClasses)) {
  for (const int number : {134, 999, 4095}) {
    expect(receive({.buffers = {room(8)}}, {fails(number), gives("abcd")}),
           {.failure = os_error(number), .receives = 1, .unused_steps = 1});
  }
}

CLAIM(ScriptedError, ErrnoDecidesTheExceptionClass, cites("errno-picks-the-class"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kErrorClasses)) {
  constexpr std::array<std::pair<int, std::string_view>, 13> kClasses{{
      {EPIPE, "BrokenPipeError"},
      {ESHUTDOWN, "BrokenPipeError"},
      {ECONNABORTED, "ConnectionAbortedError"},
      {ECONNREFUSED, "ConnectionRefusedError"},
      {ECONNRESET, "ConnectionResetError"},
      {EACCES, "PermissionError"},
      {EPERM, "PermissionError"},
      {ENOENT, "FileNotFoundError"},
      {ETIMEDOUT, "TimeoutError"},
      {EALREADY, "BlockingIOError"},
      {EINPROGRESS, "BlockingIOError"},
      {EIO, "OSError"},
      {4095, "OSError"},
  }};
  for (const auto& [number, name] : kClasses) {
    const Answer answer = receive({.buffers = {room(8)}}, {fails(number), gives("abcd")});
    expect(answer, {.failure = os_error(number), .receives = 1, .unused_steps = 1});
    if (answer.seen.error) expect_equal("class", std::string(name), answer.seen.error->type);
  }
}

CLAIM(ScriptedError, FailedCallThatWroteAResultStillFails, cites("failure-ignores-what-was-written"),
      on(kit::kScriptedKinds), scripted(kOdd)) {
  const kit::answer::Result scribbled{.control = {{.level = 50, .type = 1, .data = "item"}},
                                      .address = kit::Bytes("\x01\0/tmp/sender\0", 14),
                                      .msg_flags = MSG_TRUNC | MSG_CTRUNC};
  expect(receive({.buffers = rooms(1, 8), .ancbufsize = plenty()}, {fails(EIO, scribbled), gives("abcd")}),
         {.failure = os_error(EIO), .receives = 1, .unused_steps = 1});
}

CLAIM(ScriptedError, FailedCallLeavesNothingForTheNextCall,
      cites({"failure-ignores-what-was-written", "ancdata-is-fresh"}), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems, kMsgFlags, kAddress)) {
  const kit::answer::Result scribbled{.control = {{.level = 50, .type = 1, .data = "item"}},
                                      .address = kit::Bytes("\x01\0/tmp/sender\0", 14),
                                      .msg_flags = MSG_TRUNC | MSG_CTRUNC};
  expect(receive({.buffers = rooms(1, 8), .ancbufsize = plenty()}, {fails(EIO, scribbled)}),
         {.failure = os_error(EIO), .receives = 1});
  expect(receive({.buffers = rooms(1, 8), .ancbufsize = plenty()}, {gives("abcd")}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{}, .address = kNoAddress, .receives = 1});
}

}  // namespace
}  // namespace recvinto::conformance
