#include "property/framework/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "kit/oracle/scripted_answer.h"
#include "kit/performing/perform.h"
#include "kit/values/never_sent.h"
#include "property/framework/answers.h"
#include "property/framework/campaign.h"
#include "property/framework/simpler.h"

namespace recvinto::property {
namespace {

/// Neither ended before its end.
std::optional<kit::Outcome> ended_of(const Performed& one, const Performed& other) {
  return one.ended ? one.ended : other.ended;
}

/// The observations of the first variant, in order.
void add_history(kit::Outcome& outcome, const Performed& performed) {
  if (!outcome.history.empty() || performed.performances.empty()) return;
  for (const Answer& answer : performed.performances.front().answers) outcome.history.emplace_back(answer.seen);
}

/// Of an adapter's reply, which has two digits for each byte of a storage and at most 4 MiB (PROTOCOL.md).
constexpr std::size_t kMostInAReply = 2'000'000;

/// Bytes of the storages that the reply to the call has.
std::size_t bytes_in_reply(const kit::Call& call) {
  std::size_t bytes = 0;
  for (const kit::Buffer& buffer : call.buffers) {
    if (!buffer.storage && kit::is_all_shown(buffer)) bytes += std::min(buffer.size, kMostInAReply + 1);
  }
  return bytes;
}

bool has_strange_descriptors(const kit::Script& script, const kit::Abi& abi) {
  return std::ranges::any_of(script.steps, [&abi](const kit::ScriptStep& step) {
    const auto* result = std::get_if<kit::answer::Result>(&step.answer);
    return result != nullptr && kit::has_strange_descriptors(*result, abi);
  });
}

/// A script that itself gives what is never sent.
bool gives_never_sent(const kit::Script& script) {
  const auto has_it = [](const kit::ScriptedMessage& message) { return kit::has_never_sent(message.data); };
  return std::ranges::any_of(script.steps, [&](const kit::ScriptStep& step) {
    const auto* result = std::get_if<kit::answer::Result>(&step.answer);
    return result != nullptr &&
           (kit::has_never_sent(result->raw_control) || kit::has_never_sent(result->address.value_or(kit::Bytes())) ||
            std::ranges::any_of(result->control, has_it));
  });
}

/// Not performed where the implementation does not declare what is asked of it, where its adapter could not reply, and
/// where a script would have it close what is not the scenario's.
std::optional<kit::Outcome> missing_for(const kit::Scenario& scenario, const Subject& subject) {
  const kit::Capabilities missing = kit::needed_for(scenario) - subject.world().capabilities;
  if (!missing.empty()) {
    return kit::ended(kit::Cause::kNotDeclared, fmt::format("it does not declare {}", kit::joined_names(missing)));
  }
  if (!subject.world().takes(scenario.kind)) {
    return kit::ended(kit::Cause::kNotDeclared, kit::cannot_be_given(scenario.kind));
  }
  for (const kit::Step& step : scenario.steps) {
    const auto* play = std::get_if<kit::step::Play>(&step);
    if (play != nullptr && has_strange_descriptors(play->script, subject.world().model.abi)) {
      return kit::ended(kit::Cause::kCannotPerform, "a script gives descriptors that it does not plant");
    }
    if (play != nullptr && gives_never_sent(play->script)) {
      return kit::ended(kit::Cause::kCannotPerform, "a script gives the bytes that stand for what was never sent");
    }
  }
  if (subject.is_in_process()) return std::nullopt;
  for (const kit::Step& step : scenario.steps) {
    const auto* start = std::get_if<kit::step::Start>(&step);
    if (start != nullptr && bytes_in_reply(start->call) > kMostInAReply) {
      return kit::ended(kit::Cause::kCannotPerform, "a call has larger buffers than the reply of an adapter can have");
    }
  }
  return std::nullopt;
}

/// The scenario as the law generates it from the file's seed: by a campaign, or by a fuzz target.
bool is_generated(const Law& law, const kit::ScenarioFile& file, const World& world) {
  if (!file.seed) return false;
  if (file.case_number) return generated(law, seed_of(*file.seed, law, *file.case_number), world) == file.scenario;
  Source source(*file.seed);
  return law.generate(source, world) == file.scenario;
}

}  // namespace

std::vector<kit::Scenario> variants_of(const Law& law, kit::Scenario scenario) {
  if (law.variants) return law.variants(scenario);
  std::vector<kit::Scenario> only;
  only.push_back(std::move(scenario));
  return only;
}

kit::Outcome judged(const Law& law, const Performed& performed, const World& world) {
  if (performed.ended) return *performed.ended;
  try {
    return kit::outcome_of(law.judge(performed.performances, world).value_or(kit::Differences()));
  } catch (...) {
    return kit::outcome_of_current_exception();
  }
}

kit::Outcome compared(const Performed& one, const Performed& expected, const World& world) {
  if (std::optional<kit::Outcome> ended = ended_of(one, expected)) return *std::move(ended);
  for (std::size_t i = 0; i < one.performances.size() && i < expected.performances.size(); ++i) {
    kit::Differences found = unlike_the_other(one.performances[i], expected.performances[i], world);
    if (!found.empty()) return kit::outcome_of(std::move(found));
  }
  return {};
}

kit::Outcome judge(const Law& law, const kit::Scenario& scenario, Subject& subject, bool is_given) {
  const std::vector<kit::Scenario> variants = variants_of(law, scenario);
  const Performed performed = subject.performer().perform_one(variants, is_given);
  kit::Outcome outcome = judged(law, performed, subject.world());
  outcome.scenario = scenario;
  add_history(outcome, performed);
  return outcome;
}

kit::Outcome compare(const Law& law, const kit::Scenario& scenario, Subject& subject, Subject& other, bool is_given) {
  const std::vector<kit::Scenario> variants = variants_of(law, scenario);
  const Performed one = subject.performer().perform_one(variants, is_given);
  const Performed two = other.performer().perform_one(variants, is_given);
  kit::Outcome outcome = compared(one, two, common(subject.world(), other.world()));
  outcome.scenario = scenario;
  add_history(outcome, one);
  return outcome;
}

bool is_judged_by(const Law& law, const kit::Scenario& scenario, const World& world) {
  return why_not(law, world).empty() && makes_sense(scenario, law, world);
}

const Law& model_law() {
  static const Law& law = *law_named("EveryCallMatchesTheModel");
  return law;
}

const Law& law_for(const kit::ScenarioFile& file, const World& world) {
  const Law* law = law_named(file.law);
  if (law == nullptr || !why_not(*law, world).empty() || !law->accepts(file.scenario)) return model_law();
  if (is_generated(*law, file, world)) return *law;
  // What a law adds to a scenario, such as a call of its own, would be answered by the script.
  if (kit::is_scripted(file.scenario) && !law->needs_scripts) return model_law();
  return makes_sense(file.scenario, *law, world) ? *law : model_law();
}

bool KernelOracle::deviates(const Law& law, const kit::Scenario& scenario, const kit::Outcome& outcome, bool is_given) {
  const bool is_scripted = kit::is_scripted(scenario) || law.needs_scripts;
  if (!kit::may_be_the_kernels(outcome, is_scripted) && outcome.cause != kit::Cause::kTookMore) return false;
  if (!raw_) raw_ = std::make_unique<Subject>("raw", access_);
  if (!why_not(law, raw_->world()).empty() || !raw_->world().can_all(kit::needed_for(scenario))) return false;
  const kit::Outcome of_raw = judge(law, scenario, *raw_, is_given);
  return of_raw.cause == outcome.cause;
}

kit::Outcome perform_file(const kit::ScenarioFile& file, Subject& subject) {
  if (std::optional<kit::Outcome> missing = missing_for(file.scenario, subject)) return *std::move(missing);
  const std::vector<kit::Scenario> variants{file.scenario};
  const Performed performed = subject.performer().perform_one(variants, /*is_given=*/true);
  kit::Outcome outcome = performed.ended.value_or(kit::Outcome());
  add_history(outcome, performed);
  return outcome;
}

kit::Outcome judge_file(const kit::ScenarioFile& file, Subject& subject, KernelOracle& kernel) {
  const World& world = subject.world();
  if (std::optional<kit::Outcome> missing = missing_for(file.scenario, subject)) return *std::move(missing);
  const Law& law = law_for(file, world);
  kit::Outcome outcome = judge(law, file.scenario, subject, /*is_given=*/true);
  const bool is_raw = subject.specification() == "raw";
  if (outcome.cause == kit::Cause::kTimedOut && !makes_sense(file.scenario, model_law(), world)) {
    outcome.verdict = kit::Verdict::kSkip;
    outcome.cause = kit::Cause::kUnpredictable;
    outcome.reason = fmt::format("the model does not say that the call returns: {}", outcome.reason);
  } else if (is_raw ? outcome.cause == kit::Cause::kTookMore
                    : kernel.deviates(law, file.scenario, outcome, /*is_given=*/true)) {
    const bool is_impossible = outcome.cause == kit::Cause::kTookMore;  // data that the scenario never had
    outcome.verdict = kit::Verdict::kSkip;
    outcome.cause = is_impossible ? kit::Cause::kCannotPerform : kit::Cause::kKernelDeviates;
    if (!is_impossible) outcome.reason = "this host's kernel: recvmsg(2) itself fails in the same way";
  }
  return outcome;
}

}  // namespace recvinto::property
