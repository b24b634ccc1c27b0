// Python: what is given for the list of buffers.

#include <csignal>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

// That a form is understood hardly depends on the kind of socket.

CLAIM(PythonIterables, EveryKindOfIterableIsAccepted, cites({"buffers-any-iterable", "fill-in-order"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : {"as_tuple", "as_deque", "as_iterator", "as_generator", "as_iter_only", "as_getitem_only"}) {
    send("abcdefgh");
    expect(receive({.buffers = {room(1), room(4), room(9)}, .form = form}), {.data = "abcdefgh"});
  }
}

// A string of no letters has no element that is no buffer.
CLAIM(PythonIterables, EmptyIterablesMeanNoBuffers, cites("buffers-any-iterable"), on(kit::kScriptedKinds),
      needs(kPythonForms, kNoBuffers)) {
  for (const char* form :
       {"instead_empty_bytearray", "instead_empty_bytes", "instead_empty_str", "instead_empty_dict"}) {
    send("abcd");
    expect(receive({.buffers = {}, .form = form}), {.nbytes = 0});
    stage().drain();
  }
}

CLAIM(PythonIterables, IterableIsExhaustedOnceBeforeReceiving, cites("buffers-read-once-and-before"),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(3, 2), .form = "counting_iterable"}),
         {.data = "abcd", .facts = {{"passes", "1"}, {"pulled", "3"}, {"readable_at_its_end", "true"}}});
}

CLAIM(PythonIterables, RaisingIterableEndsTheCallWithItsException,
      cites({"buffers-iterable-may-raise", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .form = "raising_iterator"}), {.failure = raises({"KeyError"})});
  expect_queue({{"abcd", 0}});
}

CLAIM(PythonIterables, NonIterablesAreRejected, cites({"buffers-must-be-an-iterable", "refused-calls-consume-nothing"}),
      on(kit::kScriptedKinds), needs(kPythonForms)) {
  for (const char* form : {"instead_int", "instead_none", "instead_object"}) {
    send("abcd");
    expect(receive({.buffers = {room(4)}, .form = form}), {.failure = raises({"TypeError"})});
    expect_queue({{"abcd", 0}});
  }
}

// Their elements are ints, or strings.
CLAIM(PythonIterables, BareBufferInsteadOfAListIsRejected,
      cites({"buffers-must-be-an-iterable", "refused-calls-consume-nothing"}), on(kit::kScriptedKinds),
      needs(kPythonForms)) {
  for (const char* form : {"instead_bytearray", "instead_bytes", "instead_memoryview", "instead_str"}) {
    send("abcd");
    expect(receive({.buffers = {room(4)}, .form = form}), {.failure = raises({"TypeError"})});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(PythonIterables, ListOfBuffersIsNotChanged, cites("buffers-list-is-not-changed"), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter)) {
  send("abc");
  expect(receive({.buffers = rooms(3, 2), .form = "list_is_kept"}),
         {.data = "abc", .facts = {{"list_unchanged", "true"}}});
}

// Such an iterable has nothing left when it is asked again.
constexpr const char* kWalkedOnce[] = {"as_iterator", "as_generator"};

CLAIM(PythonIterables, LateDataFillTheBuffersOfAnIterator, cites({"iterable-buffers-last", "fill-in-order"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter)) {
  for (const char* form : kWalkedOnce) {
    start({.buffers = {room(1), room(4), room(9)}, .form = form});
    expect_sleep();
    send("abcdefgh");
    expect(finish(), {.data = "abcdefgh"});
  }
}

CLAIM(PythonIterables, LateDataOfATimedCallFillTheBuffersOfAnIterator,
      cites({"iterable-buffers-last", "fill-in-order"}), on(kit::kScriptedKinds),
      needs(kPythonForms, kScatter, kTimeout)) {
  for (const char* form : kWalkedOnce) {
    start({.buffers = {room(1), room(4), room(9)}, .timeout = kLong, .form = form});
    expect_sleep();
    send("abcdefgh");
    expect(finish(), {.data = "abcdefgh"});
  }
}

CLAIM(PythonIterables, InterruptedCallFillsTheBuffersOfAnIterator, cites({"iterable-buffers-last", "eintr-is-retried"}),
      on(kit::kScriptedKinds), needs(kPythonForms, kScatter, kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  for (const char* form : kWalkedOnce) {
    start({.buffers = {room(1), room(4), room(9)}, .form = form});
    interrupt(SIGUSR1);
    interrupt(SIGUSR1);
    expect_sleep();
    send("abcdefgh");
    expect(finish(), {.data = "abcdefgh"});
  }
}

}  // namespace
}  // namespace recvinto::conformance
