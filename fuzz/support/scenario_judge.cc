#include "fuzz/support/scenario_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include "fixtures/faults/fault.h"
#include "fuzz/support/scenario_input.h"
#include "fuzz/support/signature.h"
#include "kit/oracle/difference.h"
#include "kit/oracle/receive_queue.h"
#include "kit/oracle/unpredictable.h"
#include "kit/performing/perform.h"
#include "property/framework/shrinking.h"
#include "property/framework/simpler.h"

namespace recvinto::fuzz {
namespace {

using kit::Scenario;
using kit::Step;
using property::Law;
using property::Performance;
namespace step = kit::step;

/// For adapters, of which there are none here.
constexpr std::chrono::milliseconds kDeadline{5000};
constexpr std::size_t kMostSteps = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of buffers, data and control data, each
constexpr std::size_t kMostQueued = 10;                   // messages: net.unix.max_dgram_qlen
constexpr std::size_t kMostBytesQueued = std::size_t{1} << 16;
constexpr std::chrono::milliseconds kLongestTimeout{5};
/// Engines take an input of 25 seconds for a hang.
constexpr property::ShrinkLimits kShrinking{.tries = 2000, .time = std::chrono::milliseconds{4000}};

/// No signal is sent to this process, and no answer that makes a call go on repeats without end.
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

/// Whether the model can predict each call, and no sender waits for room.
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

/// What it answers, performed once more.
std::string answers_of(const std::string& name, property::Subject& subject, const std::vector<Scenario>& variants) {
  std::string text = fmt::format("{}\n", name);
  property::Performed performed;
  try {
    performed = subject.performer().perform_one(variants, /*is_given=*/true);
  } catch (const kit::Ended& error) {  // it does not start any more
    return text + fmt::format("    {}\n", error.what());
  }
  if (performed.ended) {
    text += fmt::format("    {}: {}\n", kit::name(performed.ended->verdict), performed.ended->reason);
  }
  for (const Performance& performance : performed.performances) {
    for (const property::Answer& answer : performance.answers) {
      text += fmt::format("    {}\n", kit::describe(answer.call));
      for (const auto& [field, value] : kit::fields_of(answer.seen))
        text += fmt::format("      {:<12} {}\n", field, value);
    }
  }
  return text;
}

/// Of an outcome or of a difference.
template <typename Failure>
bool has(const Failure& failure, const std::string& symptom) {
  const std::vector<std::string> symptoms = symptoms_of(failure);
  return std::ranges::find(symptoms, symptom) != symptoms.end();
}

bool shows(const kit::Outcome& outcome, const std::string& symptom) {
  return outcome.is_failure() && has(outcome, symptom);
}

/// Puts the difference that is that symptom before the others; false without one.
bool show_first(kit::Outcome& outcome, const std::string& symptom) {
  if (!shows(outcome, symptom)) return false;
  const auto first =
      std::ranges::find_if(outcome.differences, [&](const kit::Difference& one) { return has(one, symptom); });
  if (first != outcome.differences.end()) std::rotate(outcome.differences.begin(), first, first + 1);
  return true;
}

property::Access access() {
  return {.catalogue = kit::Catalogue({}, kit::named_faults()), .deadline = kDeadline};
}

}  // namespace

ScenarioJudge::ScenarioJudge(Subjects subjects)
    : subjects_(std::move(subjects)),
      subject_(subjects_.implementation, access()),
      kernel_(access()),
      world_(subject_.world()) {
  if (subjects_.against != "model") {
    other_.emplace(subjects_.against, access());
    world_.capabilities = world_.capabilities & other_->world().capabilities;
  }
  make_scenarios_for(world_);
}

ScenarioJudge::Judge ScenarioJudge::judge_of(const kit::ScenarioFile& file) const {
  if (const Law* law = law_that_generates(file)) return {law, /*is_given=*/false};
  if (file.law.empty() || file.seed) return {&property::model_law(), /*is_given=*/true};
  return {&property::law_for(file, world_), /*is_given=*/true};
}

bool ScenarioJudge::is_judged_by(const Judge& judge, const Scenario& scenario) const {
  return is_for_here(scenario, *judge.law) &&
         ((judge.law != &property::model_law() && !other_) || !judge.is_given || is_predictable(scenario, world_));
}

bool ScenarioJudge::is_for_here(const kit::ScenarioFile& file) const {
  const Judge judge = judge_of(file);
  if (other_ && !judge.is_given && !judge.law->is_comparable) return false;
  return is_judged_by(judge, file.scenario);
}

bool ScenarioJudge::is_for_here(const Scenario& scenario, const Law& law) const {
  return std::ranges::find(kit::kEveryKind, scenario.kind) != kit::kEveryKind.end() &&
         scenario.steps.size() <= kMostSteps &&
         std::ranges::all_of(
             scenario.steps,
             [this](const Step& one) { return std::visit(IsForHere(), one) && can_be_asked(one, world_); }) &&
         is_one_after_the_other(scenario) && property::makes_sense(scenario, law, world_);
}

kit::Outcome ScenarioJudge::outcome(const kit::ScenarioFile& file) {
  return judged(file.scenario, judge_of(file));
}

kit::Outcome ScenarioJudge::judged(const Scenario& scenario, const Judge& judge) {
  const auto& [law_judging, is_given] = judge;
  const Law& law = *law_judging;
  kit::Outcome outcome = other_ ? compared(scenario) : property::judge(law, scenario, subject_, is_given);
  if (!outcome.is_failure()) return outcome;
  subject_.begin_afresh();
  const bool is_raw = subjects_.implementation == "raw";
  if (!is_raw && kernel_.deviates(other_ ? property::model_law() : law, scenario, outcome, is_given)) {
    return kit::ended(kit::Cause::kKernelDeviates, "recvmsg(2) itself fails in the same way");
  }
  outcome.scenario = scenario;
  return outcome;
}

/// Where documents leave an answer open, two implementations may differ: only what the model can tell is compared.
kit::Outcome ScenarioJudge::compared(const Scenario& scenario) {
  const Law& model = property::model_law();
  kit::Outcome outcome = property::compare(model, scenario, subject_, *other_, /*is_given=*/true);
  if (!outcome.is_failure()) return outcome;
  const auto by_the_model = [&](property::Subject& subject) {
    return property::judge(model, scenario, subject, /*is_given=*/true);
  };
  const kit::Outcome one = by_the_model(subject_);
  const kit::Outcome two = by_the_model(*other_);
  // Both are as the model says, which leaves open in what they differ.
  if (one.verdict == kit::Verdict::kPass && two.verdict == kit::Verdict::kPass) return {};
  outcome.reason =
      fmt::format("against the model, {} is {}, {} is {}", subjects_.implementation,
                  one.is_failure() ? "wrong" : "right", subjects_.against, two.is_failure() ? "wrong" : "right");
  return outcome;
}

std::string ScenarioJudge::report(const kit::ScenarioFile& file, const kit::Outcome& outcome) {
  const Law& law = *judge_of(file).law;
  std::string text =
      fmt::format("{} against {}, on {}\n", subjects_.implementation, subjects_.against, file.scenario.kind.name);
  if (!other_) text += fmt::format("{}\n", law.sentence);
  for (const Step& one : file.scenario.steps) {
    if (!std::holds_alternative<step::Finish>(one)) text += fmt::format("  {}\n", kit::describe(one));
  }
  text += fmt::format("{}: {}\n", kit::name(outcome.verdict), kit::summary_of(outcome));
  if (!outcome.reason.empty()) text += outcome.reason + "\n";
  text += kit::text_of(outcome.differences);
  const std::vector<Scenario> variants{file.scenario};  // borrowed by what is performed
  text += answers_of(subjects_.implementation, subject_, variants);
  if (other_) text += answers_of(subjects_.against, *other_, variants);
  property::Subject raw("raw", {.deadline = kDeadline});
  if (raw.world().can_all(kit::needed_for(file.scenario))) {
    text += answers_of("recvmsg(2) itself", raw, variants);
  }
  return text;
}

kit::Outcome ScenarioJudge::shrunk(kit::Outcome failure, const Judge& judge, const std::string& symptom) {
  if (!symptom.empty()) show_first(failure, symptom);
  property::Shrunk result = property::shrink(
      std::move(failure), [&](const Scenario& candidate) { return is_judged_by(judge, candidate); },
      [&](const Scenario& candidate) {
        kit::Outcome outcome = judged(candidate, judge);
        if (!symptom.empty() && !show_first(outcome, symptom)) return kit::Outcome();
        return outcome;
      },
      kShrinking);
  return std::move(result.outcome);
}

kit::ScenarioFile ScenarioJudge::simplest(kit::ScenarioFile file, kit::Outcome& failure, const std::string& symptom) {
  const Judge judge = judge_of(file);
  failure.scenario = file.scenario;
  failure = shrunk(std::move(failure), judge, symptom);
  for (const kit::SocketKind& kind : kit::kEveryKind) {
    if (symptom.empty() || kind == failure.scenario->kind) break;
    Scenario candidate = *failure.scenario;
    candidate.kind = kind;
    if (!world_.takes(kind) || !is_judged_by(judge, candidate)) continue;
    kit::Outcome outcome = judged(candidate, judge);
    if (!show_first(outcome, symptom)) continue;
    outcome.scenario = std::move(candidate);
    failure = shrunk(std::move(outcome), judge, symptom);
    break;
  }
  if (file.scenario != *failure.scenario) file.seed.reset();  // of which the law would generate another one
  file.scenario = *failure.scenario;
  file.law = judge.law == &property::model_law() ? "" : judge.law->name;
  if (symptom.empty()) return file;
  kit::Outcome in_order = judged(file.scenario, judge);
  if (shows(in_order, symptom)) failure = std::move(in_order);
  return file;
}

kit::ScenarioFile ScenarioJudge::by_the_model(kit::ScenarioFile file, kit::Outcome& failure) {
  const Judge judge = judge_of(file);
  if (other_ || judge.law == &property::model_law()) return file;
  for (Scenario& variant : property::variants_of(*judge.law, file.scenario)) {
    kit::ScenarioFile alone{.scenario = std::move(variant)};
    if (!is_for_here(alone)) continue;
    kit::Outcome by_model = outcome(alone);
    if (!by_model.is_failure()) continue;
    failure = std::move(by_model);
    return alone;
  }
  return file;
}

std::string ScenarioJudge::name_of_judge(const kit::ScenarioFile& file) const {
  return other_ ? subjects_.against : std::string(judge_of(file).law->name);
}

bool ScenarioJudge::is_shown_by_the_reference(const kit::ScenarioFile& file, const std::string& symptom) {
  if (subjects_.implementation == "reference") return true;
  if (!reference_) reference_.emplace("reference", access());
  const Judge judge = judge_of(file);
  const kit::Outcome outcome = property::judge(*judge.law, file.scenario, *reference_, judge.is_given);
  return outcome.is_failure() && shows(outcome, symptom);
}

}  // namespace recvinto::fuzz
