// Steps of the doctor: calls that wait, and what may happen meanwhile.

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

#include "kit/host/process_facts.h"
#include "kit/host/wait_until.h"
#include "runner/doctor/steps.h"

namespace recvinto::runner {
namespace {

using enum kit::Capability;
using std::chrono::milliseconds;

constexpr std::string_view kTimeouts =
    "timeout_ms is null for a call that waits, 0 for one that does not, else the time after which it gives up "
    "(PROTOCOL.md, recvmsg_into and Errors).";
constexpr std::string_view kSignalling = "See PROTOCOL.md, signal.";

const kit::Call kWaits{.buffers = {kit::room(8)}};

std::string end_of(const kit::Observation& seen) {
  return seen.error ? kit::describe(*seen.error) : fmt::format("{} bytes", seen.nbytes);
}

/// Starts a call for which nothing is there. A finding where it does not wait.
std::optional<Finding> start_waiting(kit::Stage& stage) {
  stage.start(kWaits);
  if (stage.await_sleep()) return std::nullopt;
  const kit::Observation seen = stage.finish();
  return wrong(fmt::format("a call with timeout_ms null did not wait: {}", end_of(seen)), kTimeouts);
}

Finding waits(ExaminedAdapter& examined) {
  return examined.perform(kit::kUnixStream, kTimeouts, [](kit::Stage& stage) {
    if (auto refusal = start_waiting(stage)) return *refusal;
    stage.send("late");
    const kit::Observation seen = stage.finish();
    if (seen.error || seen.nbytes != 4) return wrong("the call waited, and ended: " + end_of(seen), kTimeouts);
    return right("the call waited, and returned what came");
  });
}

Finding gives_up(ExaminedAdapter& examined) {
  if (!examined.declares(kTimeout)) return left_out("timeout is not declared");
  return examined.perform(kit::kUnixStream, kTimeouts, [&](kit::Stage& stage) {
    const milliseconds time = examined.handshake().timeout_of(milliseconds(200));
    const kit::Observation seen = stage.receive({.buffers = {kit::room(4)}, .timeout = time});
    if (!seen.error) return wrong(fmt::format("nothing was sent, and {} bytes are reported", seen.nbytes), kTimeouts);
    if (!seen.error->is_timeout()) {
      return wrong(fmt::format("the time was up, and the error is {}", kit::describe(*seen.error)),
                   "Report it as {\"class\":\"TimeoutError\",\"errno\":null} (PROTOCOL.md, Errors).");
    }
    const auto elapsed = std::chrono::duration_cast<milliseconds>(seen.elapsed);
    if (elapsed < time) {
      return wrong(fmt::format("timeout_ms is {}, and the call gave up after {} ms", time.count(), elapsed.count()),
                   "timeout_ms counts milliseconds (PROTOCOL.md, recvmsg_into).");
    }
    return right(fmt::format("a call with timeout_ms {} gave up after {} ms", time.count(), elapsed.count()));
  });
}

Finding does_not_wait(ExaminedAdapter& examined) {
  if (!examined.declares(kNonblocking)) return left_out("nonblocking is not declared");
  return examined.perform(kit::kUnixStream, kTimeouts, [](kit::Stage& stage) {
    const kit::Observation seen = stage.receive({.buffers = {kit::room(4)}, .timeout = milliseconds(0)});
    if (!seen.error) return wrong(fmt::format("nothing was sent, and {} bytes are reported", seen.nbytes), kTimeouts);
    if (seen.error->number != EAGAIN) {
      return wrong(
          fmt::format("with timeout_ms 0 and nothing there the error is {}, not EAGAIN", kit::describe(*seen.error)),
          kTimeouts);
    }
    return right("with timeout_ms 0 and nothing there the error is EAGAIN");
  });
}

Finding handler_returns(ExaminedAdapter& examined) {
  if (!examined.declares(kSignals)) return left_out("signals is not declared");
  return examined.perform(kit::kUnixStream, kSignalling, [](kit::Stage& stage) {
    stage.install_handler(SIGUSR1, kit::HandlerAction::kReturn);
    if (auto refusal = start_waiting(stage)) return *refusal;
    stage.signal(SIGUSR1);
    stage.send("late");
    const kit::Observation seen = stage.finish();
    if (seen.error) {
      return wrong(
          "a signal whose handler returns ended the call: " + kit::describe(*seen.error),
          "Install the handler without SA_RESTART, and have the implementation go on waiting; else do not declare "
          "signals (PROTOCOL.md, signal).");
    }
    if (seen.signals != 1) {
      return wrong(fmt::format("one signal was taken, and `signals` of the reply is {}", seen.signals),
                   "Count how often the handler runs during the call (PROTOCOL.md, recvmsg_into).");
    }
    return right("the handler ran, and the call went on waiting");
  });
}

Finding handler_raises(ExaminedAdapter& examined) {
  if (!examined.declares(kRaisingHandler)) return left_out("raising_handler is not declared");
  Finding finding = examined.perform(kit::kUnixStream, kSignalling, [](kit::Stage& stage) {
    stage.install_handler(SIGUSR1, kit::HandlerAction::kRaise);
    if (auto refusal = start_waiting(stage)) return *refusal;
    stage.signal(SIGUSR1);
    if (!stage.answers_within(milliseconds(1000))) stage.send("late");  // else it would wait until the deadline
    const kit::Observation seen = stage.finish();
    if (!seen.error || !seen.error->is_from_handler()) {
      return wrong(
          "a handler raised, and the call ended: " + end_of(seen),
          "Report what the handler raises as {\"class\":\"HandlerError\",\"errno\":null} (PROTOCOL.md, Errors).");
    }
    return right("what the handler raised ended the call");
  });
  examined.start_over();  // without the handler
  return finding;
}

/// A call as simple as can be.
Finding a_call(ExaminedAdapter& examined, const std::string& after) {
  constexpr std::string_view kNext =
      "The adapter must start again at once, whatever ended it: without lock files, fixed ports, and processes that "
      "stay "
      "(PROTOCOL.md, What bad behaviour costs).";
  return examined.perform(kit::kUnixStream, kNext, [&](kit::Stage& stage) {
    stage.send("again");
    const kit::Observation seen = stage.receive(kWaits);
    if (seen.error) return wrong(fmt::format("{}, a call failed: {}", after, kit::describe(*seen.error)), kNext);
    return right(fmt::format("{}, it was started again and answered", after));
  });
}

/// A call waits while `signum` is sent to the process that answers. The run must see `verdict`, no process may stay,
/// and it must start again.
Finding provoked(ExaminedAdapter& examined, int signum, kit::Verdict verdict, const std::string& after) {
  std::string seen = "no failure";
  pid_t process = -1;
  bool is_provoked = false;
  const Finding end = examined.perform(kit::kUnixStream, "", [&](kit::Stage& stage) {
    if (const auto refusal = start_waiting(stage)) return *refusal;
    is_provoked = true;
    process = examined.adapter().pid();
    kill(process, signum);
    try {
      static_cast<void>(stage.finish());
    } catch (const kit::ImplementationFailure& failure) {
      if (failure.verdict() == verdict)
        seen.clear();
      else
        seen = failure.what();
      throw;
    }
    return right("");
  });
  if (!is_provoked) return left_out("no call waits: " + end.found);
  if (!seen.empty()) {
    return wrong(fmt::format("{}, the call still ended: {}", after, seen),
                 "If another process than the one that was started answers, say so by `pid` in the reply to hello "
                 "(PROTOCOL.md, hello).");
  }
  Finding again = a_call(examined, after);
  const auto is_gone = [process] { return kit::exit_state_of(process) == kit::ExitState::kExited; };
  if (again.result == Finding::Is::kRight && !kit::wait_until(is_gone)) {
    return wrong(fmt::format("{}, process {} is still there when its group has been ended", after, process),
                 "Stay in the process group that the adapter was started in (PROTOCOL.md, Transport).");
  }
  return again;
}

Finding crash(ExaminedAdapter& examined) {
  return provoked(examined, SIGKILL, kit::Verdict::kCrash, "ended by SIGKILL in a call");
}

Finding hang(ExaminedAdapter& examined) {
  // In an adapter of its own, which is waited for a shorter time.
  ExaminedAdapter impatient(examined.command(), std::min(examined.deadline(), milliseconds(1000)));
  try {
    impatient.start();
  } catch (const kit::CannotStart& error) {
    return wrong(error.what(), "Two adapters must be able to run side by side: a run has one for each processor.");
  }
  return provoked(impatient, SIGSTOP, kit::Verdict::kHang, "stopped by SIGSTOP in a call");
}

}  // namespace

std::vector<DoctorStep> steps_of_waiting() {
  return {{"waiting", waits},
          {"timeout", gives_up},
          {"no waiting", does_not_wait},
          {"signal", handler_returns},
          {"raising handler", handler_raises}};
}

std::vector<DoctorStep> steps_of_crash_and_hang() {
  return {{"provoked crash", crash}, {"provoked hang", hang}};
}

}  // namespace recvinto::runner
