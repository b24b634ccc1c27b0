#include "fuzz/support/arena.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>
#include <variant>

#include "fixtures/judgement/difference.h"
#include "fixtures/model/receive_queue.h"
#include "fixtures/model/unpredictable.h"
#include "fixtures/stage/perform.h"
#include "fuzz/support/scenario_input.h"
#include "property/framework/answers.h"
#include "property/framework/campaign.h"
#include "property/framework/simpler.h"

namespace recvinto::fuzz {
namespace {

using kit::Scenario;
using kit::Step;
using property::Law;
using property::Performance;
using property::Seat;
using property::Violation;
namespace step = kit::step;

/// For adapters, of which there are none here.
constexpr std::chrono::milliseconds kDeadline{5000};
constexpr std::size_t kMostSteps = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of buffers, data and control data, each
constexpr std::size_t kMostQueued = 10;                   // messages: net.unix.max_dgram_qlen
constexpr std::size_t kMostBytesQueued = std::size_t{1} << 16;
constexpr std::chrono::milliseconds kLongestTimeout{5};
constexpr std::string_view kModelLaw = "EveryCallComesToWhatTheModelSays";
constexpr int kMostTries = 2000;  // of simpler scenarios

const Law& law_of(const kit::ScenarioFile& file) {
  const Law* law = law_that_generates(file);
  return law != nullptr ? *law : *property::law_named(kModelLaw);
}

/// No signal is sent to this process, and nothing comes again for ever that has a call go on for ever.
bool is_for_here(const kit::Script& script) {
  if (!std::ranges::all_of(script.steps, [](const kit::ScriptStep& one) { return one.signum == 0; })) return false;
  if (!script.last_repeats || script.steps.empty()) return true;
  const auto* failure = std::get_if<kit::answer::Failure>(&script.steps.back().answer);
  return failure == nullptr || (failure->number != EINTR && failure->number != EAGAIN);
}

bool is_small(const kit::Call& call) {
  return call.timeout.value_or(kLongestTimeout) <= kLongestTimeout &&
         std::ranges::all_of(call.buffers,
                             [](const kit::Buffer& buffer) {
                               return buffer.memory == kit::Memory::kOrdinary && buffer.size <= kMostBytes;
                             }) &&
         kit::capacity(call.buffers) <= kMostBytes;
}

/// What costs a process, a network or minutes, or waits for what only another thread could do, is for conformance runs.
struct IsForHere {
  bool operator()(const step::Send& send) const {
    return !send.by_a_child && send.data.size() <= kMostBytes && send.files <= 300;
  }
  bool operator()(const step::Start& start) const { return is_small(start.call); }
  bool operator()(const step::Play& play) const { return is_for_here(play.script); }
  template <typename Any>
  bool operator()(const Any& /*step*/) const {
    return !(std::is_same_v<Any, step::LimitDescriptors> || std::is_same_v<Any, step::Flood> ||
             std::is_same_v<Any, step::InstallHandler> || std::is_same_v<Any, step::Signal> ||
             std::is_same_v<Any, step::AwaitSleep> || std::is_same_v<Any, step::AwaitAnswer> ||
             std::is_same_v<Any, step::AwaitStamps> || std::is_same_v<Any, step::StopAndContinue> ||
             std::is_same_v<Any, step::AwaitHold> || std::is_same_v<Any, step::EnterPrivateNetwork> ||
             std::is_same_v<Any, step::MeetAt> || std::is_same_v<Any, step::OverrunReceiver> ||
             std::is_same_v<Any, step::ReceiveByTheSuite>);
  }
};

bool interrupts(const kit::Script& script) {
  return std::ranges::any_of(script.steps, [](const kit::ScriptStep& one) {
    const auto* failure = std::get_if<kit::answer::Failure>(&one.answer);
    return failure != nullptr && failure->number == EINTR;
  });
}

/// Arguments that no system call has, or no machine the memory for, items of every kind, and interruptions, are only
/// for those who declare what they make of them.
bool can_be_asked(const Step& one, const property::World& world) {
  const auto* play = std::get_if<step::Play>(&one);
  if (play != nullptr && interrupts(play->script)) return world.can(kit::Capability::kSignals);
  // Options bring items of other kinds than descriptors.
  if (std::holds_alternative<step::SetOption>(one)) return world.can(kit::Capability::kAllItems);
  const auto* start = std::get_if<step::Start>(&one);
  if (start == nullptr || world.can(kit::Capability::kArguments)) return true;
  const std::int64_t flags = start->call.flags.value_or(0);
  const std::int64_t ancbufsize = start->call.ancbufsize.value_or(0);
  return flags == static_cast<int>(flags) && ancbufsize >= 0 && ancbufsize <= std::int64_t{kMostBytes};
}

/// Whether each call is over before anything else happens: on the calling thread nothing can happen while it waits.
bool is_one_after_the_other(const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const bool begins = std::holds_alternative<step::Start>(scenario.steps[i]);
    const bool ends = i + 1 < scenario.steps.size() && std::holds_alternative<step::Finish>(scenario.steps[i + 1]);
    if (begins != ends) return false;
  }
  return scenario.steps.empty() || !std::holds_alternative<step::Finish>(scenario.steps.front());
}

/// Whether the model can tell what each call comes to, and no sender waits for room.
bool is_predictable(const Scenario& scenario, const property::World& world) {
  try {
    kit::ReceiveQueue queue(scenario.kind, world.model);
    for (const Step& one : scenario.steps) {
      queue.apply(one);
      if (queue.messages() > kMostQueued || queue.bytes() > kMostBytesQueued) return false;
    }
    return true;
  } catch (const kit::Unpredictable&) {
    return false;
  }
}

std::string answers_of(const std::string& name, const property::Performed& performed) {
  std::string text = fmt::format("{}\n", name);
  if (performed.failure) text += fmt::format("    {}\n", performed.failure->what());
  if (!performed.skipped.empty()) text += fmt::format("    not performed: {}\n", performed.skipped);
  for (const Performance& performance : performed.performances) {
    for (const property::Answer& answer : performance.answers) {
      text += fmt::format("    {}\n", kit::describe(answer.call));
      for (const auto& [field, value] : kit::fields_of(answer.seen))
        text += fmt::format("      {:<12} {}\n", field, value);
    }
  }
  return text;
}

}  // namespace

Arena::Arena(Contest contest)
    : contest_(std::move(contest)), seat_(contest_.implementation, "", kDeadline), world_(seat_.world()) {
  if (contest_.against != "model") {
    other_.emplace(contest_.against, "", kDeadline);
    world_.capabilities = world_.capabilities & other_->world().capabilities;
  }
  make_scenarios_for(world_);
}

bool Arena::is_for_here(const kit::ScenarioFile& file) const {
  const Scenario& scenario = file.scenario;
  const Law& law = law_of(file);
  const bool is_of_a_law = law_that_generates(file) != nullptr;
  return std::ranges::find(kit::kEveryKind, scenario.kind) != kit::kEveryKind.end() &&
         scenario.steps.size() <= kMostSteps &&
         std::ranges::all_of(
             scenario.steps,
             [this](const Step& one) { return std::visit(IsForHere(), one) && can_be_asked(one, world_); }) &&
         is_one_after_the_other(scenario) && (is_of_a_law || is_predictable(scenario, world_)) &&
         property::makes_sense(scenario, law, world_);
}

Violation Arena::violation(const kit::ScenarioFile& file) {
  const Law& law = law_of(file);
  try {
    Violation found = other_ ? differ(file.scenario) : property::judge(law, file.scenario, seat_, nullptr);
    if (found && is_the_kernels(file.scenario)) found.reset();
    if (found) seat_.begin_afresh();
    return found;
  } catch (const kit::Unpredictable&) {  // nobody's fault
    return std::nullopt;
  } catch (const kit::EnvironmentLacks&) {
    return std::nullopt;
  } catch (const std::out_of_range&) {  // a sender that is not there: the suite's own complaint
    return std::nullopt;
  } catch (const kit::ImplementationFailure& failure) {
    if (fails_on_raw(file.scenario)) return std::nullopt;  // a scenario that cannot be
    return fmt::format("{}: {}", kit::name(failure.verdict()), failure.what());
  }
}

bool Arena::fails_on_raw(const Scenario& scenario) {
  if (!raw_can(scenario)) return false;
  try {
    return raw_->performer().perform_one({scenario}).failure.has_value();
  } catch (const std::exception&) {  // arguments that it does not take
    return false;
  }
}

bool Arena::raw_can(const Scenario& scenario) {
  if (!raw_) raw_.emplace("raw", "", kDeadline);
  return raw_->world().can_all(kit::needed_for(scenario));
}

/// Where documents leave an answer open, two implementations may differ: only what the model can tell is compared.
Violation Arena::differ(const Scenario& scenario) {
  const Law& model = *property::law_named(kModelLaw);
  const Violation found = property::judge(model, scenario, seat_, &*other_);
  if (!found) return found;
  const Violation of_one = property::judge(model, scenario, seat_, nullptr);
  const Violation of_other = property::judge(model, scenario, *other_, nullptr);
  return fmt::format("{}\nagainst the model, {} is {}, {} is {}", *found, contest_.implementation,
                     of_one ? "wrong" : "right", contest_.against, of_other ? "wrong" : "right");
}

bool Arena::is_the_kernels(const Scenario& scenario) {
  if (contest_.implementation == "raw" || kit::is_scripted(scenario) || !raw_can(scenario)) return false;
  try {
    return property::judge(*property::law_named(kModelLaw), scenario, *raw_, nullptr).has_value();
  } catch (const std::exception&) {
    return false;
  }
}

std::string Arena::report(const kit::ScenarioFile& file, const std::string& violation) {
  std::string text =
      fmt::format("{} against {}, on {}\n", contest_.implementation, contest_.against, file.scenario.kind.name);
  if (!other_ && !law_of(file).sentence.empty()) text += fmt::format("{}\n", law_of(file).sentence);
  for (const Step& one : file.scenario.steps) {
    if (!std::holds_alternative<step::Finish>(one)) text += fmt::format("  {}\n", kit::describe(one));
  }
  text += violation + "\n";
  const std::vector<Scenario> variants{file.scenario};  // which what came of them borrows
  text += answers_of(contest_.implementation, seat_.performer().perform_one(variants));
  if (other_) text += answers_of(contest_.against, other_->performer().perform_one(variants));
  if (raw_can(file.scenario)) text += answers_of("recvmsg(2) itself", raw_->performer().perform_one(variants));
  return text;
}

kit::ScenarioFile Arena::simplest(kit::ScenarioFile file) {
  int tries = 0;
  for (bool is_simpler = true; is_simpler && tries < kMostTries;) {
    is_simpler = false;
    auto candidates = property::simpler(file.scenario);
    while (auto candidate = candidates.next()) {
      if (++tries > kMostTries) break;
      kit::ScenarioFile one = file;
      one.scenario = std::move(*candidate);
      if (!is_for_here(one) || !violation(one)) continue;
      file = std::move(one);
      is_simpler = true;
      break;
    }
  }
  return file;
}

}  // namespace recvinto::fuzz
