// Python: what the call holds of its buffers, for how long, and what it leaves behind.

#include <limits.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

const Facts kResizableAfterwards{{"resizable", "true"}};

CLAIM(PythonLifetimes, BuffersAreReleasedAfterSuccess, cites("buffers-are-released"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(3, 2), .form = "resized_after_a_call"}),
         {.data = "abcd", .facts = kResizableAfterwards});
}

CLAIM(PythonLifetimes, BuffersAreReleasedAfterARejectedArgument, cites("buffers-are-released"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kAncbufsize, kArguments)) {
  for (int i = 0; i < 3; ++i) send("abcd");  // for implementations that take it before they fail
  expect(receive({.buffers = rooms(2, 2), .form = "resized_after_a_bad_element"}),
         {.failure = raises({"TypeError"}), .facts = kResizableAfterwards});
  expect(receive({.buffers = rooms(2, 2), .form = "resized_after_a_raising_iterator"}),
         {.failure = raises({"KeyError"}), .facts = kResizableAfterwards});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = -1, .form = "resized_after_a_call"}),
         {.failure = raises({"ValueError"}), .facts = kResizableAfterwards});
}

CLAIM(PythonLifetimes, BuffersAreReleasedAfterASystemError, cites("buffers-are-released"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kNonblocking)) {
  expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::milliseconds(0), .form = "resized_after_a_call"}),
         {.failure = would_block(), .facts = kResizableAfterwards});
  send("abcd");
  expect(receive({.buffers = rooms(IOV_MAX + 1, 1), .form = "resized_after_a_call"}),
         {.failure = os_error(EMSGSIZE), .facts = kResizableAfterwards});
  expect(receive({.buffers = rooms(2, 2), .form = "resized_after_closing"}),
         {.failure = os_error(EBADF), .facts = kResizableAfterwards});
}

CLAIM(PythonLifetimes, BuffersAreReleasedAfterATimeout, cites("buffers-are-released"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kTimeout)) {
  expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::milliseconds(1), .form = "resized_after_a_call"}),
         {.failure = timed_out(), .facts = kResizableAfterwards});
}

CLAIM(PythonLifetimes, BuffersAreAcquiredAndReleasedOnce, cites("buffers-are-released"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kNonblocking)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .form = "logged_buffers"}),
         {.data = "abcd", .facts = {{"log", R"("got got released filled released filled")"}}});
  expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::milliseconds(0), .form = "logged_buffers"}),
         {.failure = would_block(), .facts = {{"log", R"("got got released released")"}}});
}

CLAIM(PythonLifetimes, ThreadCannotResizeABufferInUse, cites("buffers-are-locked"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  start({.buffers = rooms(2, 2), .form = "resized_in_thread"});
  interrupt(SIGUSR1);
  interrupt(SIGUSR1);  // the first one has been answered
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = {{"resize", R"("BufferError")"}}});
}

CLAIM(PythonLifetimes, SignalHandlerCannotResizeABufferInUse, cites("buffers-are-locked"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kSignals)) {
  start({.buffers = rooms(2, 2), .form = "resized_in_handler"});
  interrupt(SIGUSR1);
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = {{"resize", R"("BufferError")"}}});
}

CLAIM(PythonLifetimes, ListMayBeClearedWhileTheCallWaits, cites("buffers-list-may-change"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  start({.buffers = rooms(2, 2), .form = "list_cleared_in_thread"});
  interrupt(SIGUSR1);
  interrupt(SIGUSR1);
  send("abcd");
  expect(finish(), {.data = "abcd", .facts = {{"cleared", "true"}}});
}

CLAIM(PythonLifetimes, ListMayBeClearedByABuffer, cites("buffers-list-may-change"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcdef");
  expect(receive({.buffers = rooms(3, 2), .form = "list_cleared_by_a_buffer"}),
         {.data = "abcdef", .any_outcome = true});
  stage().drain();
  send("ghij");
  expect(receive({.buffers = rooms(2, 2)}), {.data = "ghij"});
}

CLAIM(PythonLifetimes, PythonCallKeepsNoReferences, cites("calls-leave-nothing-behind"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .form = "references"}),
         {.data = "abcd", .facts = {{"more_references", "0"}}});
}

CLAIM(PythonLifetimes, PythonCallKeepsNoMemory, cites("calls-leave-nothing-behind"), on(kit::kUnixDatagram),
      needs(kPythonForms, kScatter, kAncillary, kAllItems, kAncbufsize, kFlags)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 128, .flags = MSG_PEEK, .form = "repeated:1000"}),
         {.data = "abcd", .facts = {{"more_blocks_than_calls", "false"}}});
}

// Whichever allocation fails, before the system call or after it: descriptors that were received are closed.
CLAIM(PythonLifetimes, FailedAllocationLosesNoDescriptors, cites("exception-closes-descriptors"), on(kit::kUnixKinds),
      needs(kPythonForms, kScatter, kAncillary, kRights, kAncbufsize)) {
  constexpr int kAllocations = 16;  // about seven are made; more do no harm
  for (int allocation = 0; allocation < kAllocations; ++allocation) {
    send("abcd", /*files=*/2);
    expect(receive({.buffers = rooms(2, 2),
                    .ancbufsize = cmsg_space(2 * sizeof(int)),
                    .form = "out_of_memory:" + std::to_string(allocation)}),
           {.data = "abcd", .any_outcome = true});
    stage().drain();
  }
  send("abcd", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_space(sizeof(int)), .form = "out_of_memory:100000"}),
         {.data = "abcd", .files = Files{2 * kAllocations}});
}

}  // namespace
}  // namespace recvinto::conformance
