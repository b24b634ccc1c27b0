// What comes between a call and its data: signals (PEP 475) and readiness that was none.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <variant>

#include "property/framework/answers.h"
#include "property/generators/control.h"
#include "property/generators/scenarios.h"
#include "property/generators/sizes.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::ScriptStep;
using kit::Step;

constexpr Family kInterrupted{.least_sends = 1, .finds_nothing = false, .refusals = false};

/// How often it happens to call `number`: from the call alone, so that a shrunk scenario has less of it.
std::size_t times_for(const Call& call, std::size_t number) {
  Source source(kit::capacity(call.buffers) + number);
  return any_times(source);
}

/// Others may fail with EINTR, but in Python.
bool waits(const Call& call) {
  const bool has_no_time = call.timeout && call.timeout->count() == 0;
  return !has_no_time && (call.flags.value_or(0) & MSG_DONTWAIT) == 0;
}

/// No timeout is over while handlers run: a call that ends with it then is right, too.
bool has_time_for_handlers(const Scenario& scenario) {
  constexpr std::chrono::seconds kOfAnyMachine{1};
  return std::ranges::all_of(calls_of(scenario), [&](const Call& call) {
    return !call.timeout || !waits(call) || *call.timeout >= kOfAnyMachine;
  });
}

/// Before each receive that waits `trouble`, and then what the kernel itself answers.
Scenario with_trouble(const Scenario& scenario, const ScriptStep& trouble) {
  Scenario troubled{scenario.kind, {}};
  std::size_t number = 0;
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<kit::step::Start>(&step)) {
      const std::size_t times = waits(start->call) ? times_for(start->call, number) : 0;
      ++number;
      troubled.steps.emplace_back(
          kit::step::Play{{.steps = kit::times(times, trouble, {kit::pass()}), .readable = false}});
    }
    troubled.steps.push_back(step);
  }
  return troubled;
}

std::vector<Scenario> and_interrupted(const Scenario& scenario) {
  Scenario interrupted = with_trouble(scenario, kit::interrupted_by(SIGUSR1));
  interrupted.steps.insert(interrupted.steps.begin(), kit::step::InstallHandler{SIGUSR1, kit::HandlerAction::kReturn});
  return {scenario, interrupted};
}

/// The same answer, after some receives that found nothing.
std::vector<Scenario> and_ready_for_nothing(const Scenario& scenario) {
  Scenario troubled = scenario;
  for (Step& step : troubled.steps) {
    auto* play = std::get_if<kit::step::Play>(&step);
    if (play == nullptr) continue;
    play->script.steps = kit::times(times_for(calls_of(scenario)[0], 0), kit::fails(EAGAIN), play->script.steps);
  }
  return {scenario, troubled};
}

Violation nothing_changed(std::span<const Performance> performances, const World& world) {
  return unlike_each_other(performances[0], performances[1], world);
}

/// Where the socket itself has the timeout (SO_RCVTIMEO), a receive that finds nothing says that the time is up.
Violation it_goes_on_waiting(std::span<const Performance> performances, const World& world) {
  const kit::Observation& troubled = performances[1].answers[0].seen;
  const bool is_timed_by_the_system =
      world.is_timed_by_the_system ||
      (troubled.kernel && !troubled.kernel->calls.empty() && troubled.kernel->calls.front().has_receive_timeout);
  if (is_timed_by_the_system && troubled.error && troubled.error->is_timeout()) return std::nullopt;
  return nothing_changed(performances, world);
}

Violation nothing_changed_but_the_handler_ran(std::span<const Performance> performances, const World& world) {
  if (Violation violation = nothing_changed(performances, world)) return violation;
  for (std::size_t i = 0; i < performances[1].answers.size(); ++i) {
    const Answer& answer = performances[1].answers[i];
    if (answer.seen.kernel->calls.empty()) continue;  // refused or answered without a receive
    const std::size_t times = waits(answer.call) ? times_for(answer.call, i) : 0;
    const kit::Expected expected{.signals = static_cast<int>(times), .any_outcome = true};
    static const Call kNoBuffers{};
    Answer signals_only{.call = kNoBuffers};
    signals_only.seen.signals = answer.seen.signals;
    if (Violation violation = unlike(std::span(&signals_only, 1), std::span(&expected, 1)))
      return in_call(i, *violation);
  }
  return std::nullopt;
}

constexpr std::chrono::milliseconds kPatience{2000};  // far from what a call takes that finds something

}  // namespace

std::vector<Law> interruption_laws() {
  using enum kit::Capability;
  return {
      {.name = "InterruptionsChangeNothing",
       .sentence = "A receive that signals interrupt, however often, returns what it returns without them.",
       .needs = {kRecvmsg, kSignals},
       .needs_scripts = true,
       .generate = [](Source& source, const World& world) { return any_scenario(kInterrupted, source, world); },
       .variants = and_interrupted,
       .judge = nothing_changed_but_the_handler_ran,
       .accepts =
           [](const Scenario& scenario) { return is_of(kInterrupted, scenario) && has_time_for_handlers(scenario); },
       .must_show = {"descriptors", "several calls", "several buffers"}},
      {.name = "FalseReadinessChangesNothing",
       .sentence = "A receive with a timeout that finds nothing after all goes on waiting, and returns the same.",
       .needs = {kRecvmsg, kTimeout},
       .needs_scripts = true,
       .generate =
           [](Source& source, const World& world) {
             const bool descriptors = world.can(kRights) && world.can(kAncbufsize);
             kit::answer::Result result{.data = any_data(source, kLongest),
                                        .control = any_control(source, descriptors)};
             return with_calls(scripted(std::move(result), source, world),
                               [](Call& call, std::size_t) { call.timeout = kPatience; });
           },
       .variants = and_ready_for_nothing,
       .judge = it_goes_on_waiting,
       .accepts =
           [](const Scenario& scenario) {
             return is_one_scripted_call(scenario) && has_ordinary_items(*result_of(scenario)) &&
                    calls_of(scenario)[0].timeout == kPatience;
           },
       .must_show = {"several buffers", "scripted items"}},
  };
}

}  // namespace recvinto::property
