// What is left of a timeout. Scripts answer the waits at once, or after a time that is measured: no case takes as long
// as its timeout.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "kit/oracle/timed_call.h"
#include "kit/values/verdict.h"
#include "property/framework/answers.h"
#include "property/generators/control.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::Script;
using kit::ScriptedWait;
using std::chrono::milliseconds;
using Wait = kit::ScriptedWait::Answer;
namespace step = kit::step;

/// Sooner than any deadline: who waits where no script sees it waits as long.
constexpr milliseconds kLongestTimeout{3000};
/// Of all waits of a call, where time passes during them at all. Long enough to be missed where it is not subtracted.
constexpr milliseconds kPassing{48};
constexpr std::size_t kMostWaits = 16;
constexpr std::size_t kMostDataInTime = 300;

milliseconds any_passing_timeout(Source& source, const World& world) {
  auto most = source.pick({milliseconds(50), milliseconds(50), milliseconds(400), kLongestTimeout});
  const milliseconds unit = world.timeout_resolution;
  most = std::max(most, unit);
  return unit * static_cast<int>(source.between(1, static_cast<std::size_t>(most / unit)));
}

/// Interruptions and false readiness in any order; then, perhaps, the end of the time, and data for who goes on.
Scenario any_timed_call(Source& source, const World& world) {
  const milliseconds timeout = any_passing_timeout(source, world);
  Scenario scenario = with_calls(scripted({.data = any_data(source, kMostDataInTime)}, source, world),
                                 [&](Call& call, std::size_t) { call.timeout = timeout; });
  Script& script = std::get<step::Play>(scenario.steps[0]).script;
  script.readable = false;
  const std::size_t count = source.once_in(12) ? kMostWaits : source.below(4);
  const milliseconds lasts = source.once_in(16) && count != 0 ? kPassing / static_cast<int>(count) : milliseconds(0);
  for (std::size_t i = 0; i < count; ++i) {
    if (world.can(kit::Capability::kSignals) && source.once_in(2)) {
      script.waits.push_back(kit::wait_is_interrupted(lasts));
    } else {
      script.waits.push_back(kit::wait_is_ready(lasts));
      script.steps.insert(script.steps.begin(), kit::fails(EAGAIN));
    }
  }
  if (source.once_in(2)) script.waits.push_back(kit::wait_times_out());
  script.waits.push_back(kit::wait_is_ready());
  return scenario;
}

bool finds_nothing(const kit::ScriptStep& step) {
  return step == kit::fails(EAGAIN);
}

/// The same call, answered at once. Empty: it is none of a script with waits.
std::optional<Scenario> without_waits(const Scenario& scenario) {
  if (scenario.steps.size() != 3 || !std::holds_alternative<step::Play>(scenario.steps[0])) return std::nullopt;
  Scenario plain = with_calls(scenario, [](Call& call, std::size_t) { call.timeout.reset(); });
  Script& script = std::get<step::Play>(plain.steps[0]).script;
  if (script.waits.empty() || script.last_repeats || script.readable) return std::nullopt;
  script.waits.clear();
  std::erase_if(script.steps, finds_nothing);
  return plain;
}

bool is_a_timed_call(const Scenario& scenario) {
  const std::optional<Scenario> plain = without_waits(scenario);
  if (!plain || !is_one_scripted_call(*plain) || !has_ordinary_items(*result_of(*plain))) return false;
  const Script& script = std::get<step::Play>(scenario.steps[0]).script;
  const auto is_ready = [](const ScriptedWait& wait) { return wait.answer == Wait::kReady; };
  milliseconds passing{0};
  for (const ScriptedWait& wait : script.waits) passing += wait.lasts;
  const std::optional<milliseconds> timeout = calls_of(scenario)[0].timeout;
  return timeout && *timeout > milliseconds(0) && *timeout <= kLongestTimeout && passing <= kPassing &&
         is_ready(script.waits.back()) && !finds_nothing(script.steps.back()) &&
         std::ranges::count_if(script.steps, finds_nothing) < std::ranges::count_if(script.waits, is_ready);
}

Violation no_wait_is_too_long(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[0];
  const kit::Answer answer{performance.answers[0].call, performance.answers[0].seen};
  if (answer.seen.kernel->waits.empty()) {
    // On a busy machine the time may be up before the first wait.
    if (answer.seen.elapsed >= *answer.call.timeout) return std::nullopt;
    throw kit::Ended(kit::Cause::kNotDeclared, "no wait of its thread for the socket is seen");
  }
  const Scenario plain = *without_waits(performance.scenario);
  const kit::Bytes& data = result_of(plain)->data;
  const kit::Differences found = kit::differences_in(kit::compare_timed(
      answer, data.substr(0, kit::capacity(answer.call.buffers)),
      {.resolution = world.timeout_resolution, .is_timed_by_the_system = world.is_timed_by_the_system}));
  return found.empty() ? Violation() : in_call(0, found);
}

}  // namespace

std::vector<Law> time_laws() {
  using enum kit::Capability;
  return {
      {.name = "NoWaitIsLongerThanWhatIsLeft",
       .sentence =
           "However often its waits are interrupted or find nothing, a call waits no longer than what is left of its "
           "timeout, and no less.",
       .needs = {kRecvmsg, kTimeout},
       .needs_scripts = true,
       .needs_waits = true,
       .is_comparable = false,
       .generate = any_timed_call,
       .judge = no_wait_is_too_long,
       .accepts = is_a_timed_call,
       .must_show = {"a timeout", "several buffers", "a failing call"}},
  };
}

}  // namespace recvinto::property
