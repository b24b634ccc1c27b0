// Interruptions exactly where the script has them, however unlikely a real kernel is to give them there (PEP 475).

#include <sys/socket.h>

#include <csignal>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::fails;
using kit::gives;
using kit::interrupted_by;
using kit::room;
using kit::rooms;
using kit::times;
using std::chrono::milliseconds;

/// What a retried call must hand over again, in words.
std::string arguments_of(const kit::SeenCall& call) {
  std::string text = "flags " + std::to_string(call.flags) + ", name " + std::to_string(call.namelen) + ", control " +
                     std::to_string(call.controllen) + ", buffers";
  for (const kit::SeenCall::Extent& buffer : call.buffers) {
    text += " " + std::to_string(buffer.base) + "+" + std::to_string(buffer.length);
  }
  return text;
}

std::vector<std::string> arguments_of(const Answer& answer) {
  std::vector<std::string> all;
  for (const kit::SeenCall& call : answer.seen.kernel->calls) all.push_back(arguments_of(call));
  return all;
}

/// Every call is the first one again.
std::vector<std::string> the_first_throughout(const std::vector<std::string>& calls) {
  return calls.empty() ? calls : std::vector(calls.size(), calls[0]);
}

CLAIM(ScriptedInterruption, EintrIsRetriedUntilDataArrives, cites({"eintr-is-retried", "eintr-in-every-mode"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSignals)) {
  expect(receive({.buffers = rooms(2, 3)}, times(20, fails(EINTR), {gives("abcd")})), {.data = "abcd", .receives = 21});
}

// PEP 475 has Python retry it. Elsewhere a call that does not wait may hand it on, for nothing is lost by that.
CLAIM(ScriptedInterruption, NonBlockingEintrIsRetriedOrPassedOn, cites({"eintr-is-retried", "eintr-in-every-mode"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kSignals, kNonblocking)) {
  const Answer answer =
      receive({.buffers = rooms(2, 3), .timeout = milliseconds(0)}, times(3, fails(EINTR), {gives("abcd")}));
  const bool is_handed_on = answer.seen.error && answer.seen.error->number == EINTR;
  if (is_handed_on && !handshake().capabilities.contains(kPythonForms)) {
    expect(answer, {.failure = os_error(EINTR), .receives = 1, .unused_steps = 3});
  } else {
    expect(answer, {.data = "abcd", .receives = 4});
  }
}

CLAIM(ScriptedInterruption, TimedCallRetriesEintr, cites({"eintr-is-retried", "eintr-in-every-mode"}),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kSignals, kTimeout)) {
  expect(receive({.buffers = rooms(2, 3), .timeout = kLong}, times(3, fails(EINTR), {gives("abcd")})),
         {.data = "abcd", .receives = 4});
}

CLAIM(ScriptedInterruption, HandlerRunsOncePerSignal, cites({"eintr-handler-runs", "eintr-is-retried"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  expect(receive({.buffers = rooms(2, 3)}, times(5, interrupted_by(SIGUSR1), {gives("abcd")})),
         {.data = "abcd", .signals = 5, .receives = 6});
}

CLAIM(ScriptedInterruption, RetryPassesTheSameArguments, cites({"eintr-keeps-arguments", "eintr-is-retried"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSignals, kFlags, kAncillary, kAncbufsize)) {
  const Answer answer = receive({.buffers = {room(3), room(1), room(8)}, .ancbufsize = 64, .flags = MSG_PEEK},
                                times(5, fails(EINTR), {gives("abcdefgh")}));
  expect(answer, {.data = "abcdefgh", .receives = 6});
  const std::vector<std::string> calls = arguments_of(answer);
  expect_equal("arguments of each receive", the_first_throughout(calls), calls);
}

CLAIM(ScriptedInterruption, RetryRestoresLengthsTheFailedCallWrote, cites("eintr-starts-afresh"),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kSignals, kAncillary, kAncbufsize)) {
  // It leaves both lengths at zero, which would be no room at all for the call that succeeds.
  const Answer answer =
      receive({.buffers = rooms(2, 3), .ancbufsize = 64},
              {fails(EINTR, {.msg_flags = MSG_CTRUNC | MSG_TRUNC, .msg_controllen = 0, .msg_namelen = 0}),
               gives({.data = "abcd", .control = {{.level = 50, .type = 1, .data = "item"}}})});
  expect(answer, {.data = "abcd", .ancdata = Items{{50, 1, "item"}}, .receives = 2});
  const std::vector<std::string> calls = arguments_of(answer);
  expect_equal("arguments of each receive", the_first_throughout(calls), calls);
}

CLAIM(ScriptedInterruption, RaisingHandlerPreventsFurtherReceives,
      cites({"eintr-then-one-receive", "eintr-raising-handler-ends-the-call"}), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kSignals, kRaisingHandler)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kRaise);
  expect(receive({.buffers = rooms(2, 3)}, {interrupted_by(SIGUSR1), gives("abcd")}),
         {.failure = handler_error(), .signals = 1, .receives = 1, .unused_steps = 1});
}

CLAIM(ScriptedInterruption, RaisingHandlerAmongOthersEndsTheCall, cites({"eintr-then-one-receive", "eintr-is-retried"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSignals, kRaisingHandler)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  stage().install_handler(SIGUSR2, kit::HandlerAction::kRaise);
  expect(receive({.buffers = rooms(2, 3)}, {interrupted_by(SIGUSR1), fails(EINTR), interrupted_by(SIGUSR2),
                                            interrupted_by(SIGUSR1), gives("abcd")}),
         {.failure = handler_error(), .signals = 2, .receives = 3, .unused_steps = 2});
}

CLAIM(ScriptedInterruption, SignalDuringReceiveLosesNoData,
      cites({"signal-with-data-loses-nothing", "receive-is-one-system-call"}), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kSignals)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  kit::ScriptStep step = gives("abcd");
  step.signum = SIGUSR1;
  expect(receive({.buffers = rooms(2, 3)}, {step}), {.data = "abcd", .signals = 1, .receives = 1});
}

CLAIM(ScriptedInterruption, SignalDuringReceiveLosesNoDescriptors,
      cites({"signal-with-data-loses-nothing", "descriptors-none-left-open"}), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kSignals, kAncillary, kRights)) {
  stage().install_handler(SIGUSR1, kit::HandlerAction::kReturn);
  kit::ScriptStep step = gives({.data = "abcd", .control = {{.type = SCM_RIGHTS, .files = 2}}});
  step.signum = SIGUSR1;
  expect(receive({.buffers = rooms(2, 3), .ancbufsize = plenty()}, {fails(EINTR), step}),
         {.data = "abcd", .files = Files{0, 1}, .signals = 1, .receives = 2});
}

}  // namespace
}  // namespace recvinto::conformance
