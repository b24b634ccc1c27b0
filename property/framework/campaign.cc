#include "property/framework/campaign.h"

#include <fnmatch.h>
#include <rapidcheck.h>

#include <algorithm>
#include <span>
#include <utility>

#include "kit/host/interruption.h"
#include "property/framework/judging.h"
#include "property/framework/simpler.h"
#include "property/framework/subject.h"

namespace recvinto::property {
namespace {

constexpr std::uint64_t kEnoughToJudge = 2000;  ///< cases, before it is said that something was not shown
constexpr std::uint64_t kOnceIn = 500;          ///< cases must each feature be shown
constexpr std::uint64_t kRound = 48;            ///< cases of one law, before the next law's turn

/// One worker's work.
class Worker {
 public:
  Worker(const Plan& plan, unsigned index, const Resume& resume, Progress& progress,
         const std::function<void(const LawResult&)>& found)
      : plan_(plan),
        index_(index),
        resume_(resume),
        progress_(progress),
        found_(found),
        access_(plan.access()),
        subject_(plan.implementation, with_shared_count(access_, plan)),
        kernel_(access_) {
    if (!plan.against.empty()) against_.emplace(plan.against, access_);
    world_ = against_ ? common(subject_.world(), against_->world()) : subject_.world();
    has_ended_ = resume.ended_laws;
    has_ended_.resize(plan.laws.size());
    for (std::size_t i = 0; i < plan.laws.size(); ++i) {
      LawResult result{.law = plan.laws[i], .not_tried = why_not_tried(*plan.laws[i])};
      if (!result.not_tried || has_ended_[i]) continue;
      has_ended_[i] = true;
      found_(result);
    }
  }

  void run() {
    const std::uint64_t end = plan_.only ? *plan_.only + 1 : plan_.cases_of_each();
    const std::uint64_t first = plan_.only.value_or(index_);
    for (std::uint64_t begin = std::max(first, resume_.round); begin < end; begin += kRound * plan_.jobs) {
      progress_.round = begin;
      const bool is_resumed = begin == resume_.round;
      for (std::uint32_t law = is_resumed ? resume_.law : 0; law < plan_.laws.size(); ++law) {
        if (has_ended_[law]) continue;
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t i = 0; i < kRound && begin + i * plan_.jobs < end; ++i) {
          const std::uint64_t number = begin + i * plan_.jobs;
          if (!is_resumed || law != resume_.law || number >= resume_.case_number) numbers.push_back(number);
        }
        if (numbers.empty()) continue;
        if (plan_.end && std::chrono::steady_clock::now() >= *plan_.end) return;
        progress_.case_number = numbers.front();
        progress_.law = law;
        if (!try_law(law, numbers)) return;
      }
    }
  }

 private:
  static Access with_shared_count(Access access, const Plan& plan) {
    access.failed_starts = plan.failed_starts;
    return access;
  }

  [[nodiscard]] std::optional<Omission> why_not_tried(const Law& law) const {
    if (against_ && !law.is_comparable) {
      return Omission{kit::Cause::kUnpredictable, "what its calls give is left open, and not compared"};
    }
    const std::string reason = why_not(law, world_);
    if (reason.empty()) return std::nullopt;
    if (plan_.merges_buffers && law.needs.contains(kit::Capability::kScatter)) {
      return Omission{kit::Cause::kNotDeclared, std::string(kAboutSeveralBuffers)};
    }
    return Omission{world_.can_all(law.needs) ? kit::Cause::kHostLacks : kit::Cause::kNotDeclared, reason};
  }

  /// False: that is enough of all laws.
  bool try_law(std::uint32_t index, const std::vector<std::uint64_t>& numbers) {
    LawResult result{.law = plan_.laws[index]};
    try {
      kit::throw_if_interrupted();
      has_ended_[index] = !try_cases(result, numbers);
    } catch (...) {
      const kit::Outcome outcome = kit::outcome_of_current_exception();
      if (outcome.cause == kit::Cause::kCannotStart || outcome.cause == kit::Cause::kInterrupted) {
        found_(result);
        throw;
      }
      if (outcome.cause == kit::Cause::kNotDeclared) {  // no scenario of the law is left in this world
        result.not_tried = Omission{outcome.cause, outcome.reason};
      } else if (outcome.cause == kit::Cause::kHostLacks) {
        ++result.cases;
        ++result.skipped[{outcome.cause, outcome.reason}];
      } else {
        result.fault = outcome.reason;  // a generator's, or a judge's
      }
      has_ended_[index] = true;
      subject_.begin_afresh();
    }
    found_(result);
    return !(plan_.fail_fast && result.counterexample && plan_.counts(*result.law));
  }

  /// False: the law has ended.
  bool try_cases(LawResult& result, std::span<const std::uint64_t> numbers) {
    // In process one after the other, so that it is known which one ends the process.
    const std::size_t at_once = subject_.is_in_process() ? 1 : kMostAtOnce;
    for (std::size_t begin = 0; begin < numbers.size(); begin += at_once) {
      const std::size_t count = std::min(at_once, numbers.size() - begin);
      progress_.case_number = numbers[begin];
      if (!try_at_once(result, numbers.subspan(begin, count))) return false;
    }
    return true;
  }

  bool try_at_once(LawResult& result, std::span<const std::uint64_t> numbers) {
    const Law& law = *result.law;
    const auto goes_on = [this] { ++progress_.steps; };
    std::vector<std::vector<kit::Scenario>> cases;
    for (const std::uint64_t number : numbers) cases.push_back(variants_of(law, scenario_of(law, number)));
    const std::vector<Performed> performed = subject_.performer().perform(cases, /*is_given=*/false, goes_on);
    std::vector<Performed> others;
    if (against_) others = against_->performer().perform(cases, /*is_given=*/false, goes_on);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (!account(result, numbers[i], cases[i][0], performed[i], against_ ? &others[i] : nullptr)) return false;
    }
    return true;
  }

  [[nodiscard]] kit::Scenario scenario_of(const Law& law, std::uint64_t number) const {
    return generated(law, seed_of(plan_.seed, law, number), world_);
  }

  /// False: the law is broken.
  bool account(LawResult& result, std::uint64_t number, const kit::Scenario& scenario, const Performed& performed,
               const Performed* other) {
    ++progress_.steps;
    ++progress_.cases;
    ++result.cases;
    kit::Outcome outcome =
        other != nullptr ? compared(performed, *other, world_) : judged(*result.law, performed, world_);
    if (!performed.performances.empty() && (!performed.ended || performed.ended->is_failure())) {
      const Features features = features_of(performed.performances.back()) | features_of(performed.performances[0]);
      for (std::size_t i = 0; i < kFeatures; ++i) result.shown[i] += features[i] ? 1 : 0;
    }
    if (outcome.is_suite_fault()) {
      result.fault = std::move(outcome.reason);
      return false;
    }
    if (!outcome.is_failure()) {
      if (outcome.verdict != kit::Verdict::kPass) ++result.skipped[{outcome.cause, outcome.reason}];
      return true;
    }
    if (const auto known = std::ranges::find_if(
            plan_.known, [&](const KnownFailure& entry) { return entry.covers(*result.law, outcome); });
        known != plan_.known.end()) {
      ++result.known[static_cast<std::size_t>(known - plan_.known.begin())];
      return true;
    }
    if (!against_ && plan_.implementation != "raw" && kernel_.deviates(*result.law, scenario, outcome)) {
      ++result.kernel_deviates;
      return true;
    }
    outcome.scenario = scenario;
    result.counterexample = simplest(*result.law, number, std::move(outcome));
    subject_.begin_afresh();
    return false;
  }

  Counterexample simplest(const Law& law, std::uint64_t number, kit::Outcome outcome) {
    const auto judge_again = [&](const kit::Scenario& candidate) {
      ++progress_.steps;
      return against_ ? compare(law, candidate, subject_, *against_) : judge(law, candidate, subject_);
    };
    const auto makes_sense = [&](const kit::Scenario& candidate) {
      return property::makes_sense(candidate, law, world_);
    };
    Shrunk shrunk = shrink(std::move(outcome), makes_sense, judge_again, plan_.shrinking);
    Counterexample found{
        .case_number = number, .outcome = std::move(shrunk.outcome), .tried = shrunk.tried, .gave_up = shrunk.gave_up};
    found.recurs_alone = recurs_alone(law, found.outcome);
    return found;
  }

  /// In processes that have performed nothing before.
  std::optional<bool> recurs_alone(const Law& law, const kit::Outcome& failure) {
    ++progress_.steps;
    if (!plan_.catalogue.serves()) return std::nullopt;
    Access fresh = access_;
    fresh.in_process = false;
    try {
      Subject subject(plan_.implementation, fresh);
      std::optional<Subject> other;
      if (against_) other.emplace(plan_.against, fresh);
      const kit::Outcome outcome =
          other ? compare(law, *failure.scenario, subject, *other) : judge(law, *failure.scenario, subject);
      return kit::is_same_failure(outcome, failure);
    } catch (const kit::Ended&) {  // it does not start: not tried
      return std::nullopt;
    }
  }

  const Plan& plan_;
  unsigned index_;
  const Resume& resume_;
  Progress& progress_;
  const std::function<void(const LawResult&)>& found_;
  Access access_;
  Subject subject_;
  std::optional<Subject> against_;
  KernelOracle kernel_;
  World world_;
  std::vector<bool> has_ended_;  // by law
};

}  // namespace

bool KnownFailure::covers(const Law& of, const kit::Outcome& outcome) const {
  if (std::ranges::find(verdicts, outcome.verdict) == verdicts.end() ||
      fnmatch(law.c_str(), std::string(of.name).c_str(), 0) != 0)
    return false;
  return field.empty() || (!outcome.differences.empty() && outcome.differences.front().field == field);
}

std::uint64_t LawResult::tried() const {
  std::uint64_t not_performed = 0;
  for (const auto& [omission, count] : skipped) not_performed += count;
  return cases - not_performed;
}

std::vector<std::string_view> LawResult::not_shown() const {
  std::vector<std::string_view> lacking;
  if (cases < kEnoughToJudge || not_tried) return lacking;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    const std::string_view feature = name(static_cast<Feature>(i));
    const bool is_asked = std::ranges::find(law->must_show, feature) != law->must_show.end();
    if (is_asked && shown[i] * kOnceIn < cases) lacking.push_back(feature);
  }
  return lacking;
}

void LawResult::add(const LawResult& more) {
  if (more.not_tried) not_tried = more.not_tried;
  if (fault.empty()) fault = more.fault;
  cases += more.cases;
  kernel_deviates += more.kernel_deviates;
  for (const auto& [omission, count] : more.skipped) skipped[omission] += count;
  for (const auto& [entry, count] : more.known) known[entry] += count;
  for (std::size_t i = 0; i < kFeatures; ++i) shown[i] += more.shown[i];
  const bool is_first =
      more.counterexample && (!counterexample || more.counterexample->case_number < counterexample->case_number);
  if (is_first) counterexample = more.counterexample;
}

std::uint64_t seed_of(std::uint64_t campaign_seed, const Law& law, std::uint64_t case_number) {
  std::uint64_t seed = campaign_seed;
  for (const char letter : law.name) seed = Source(seed ^ static_cast<unsigned char>(letter)).next();
  return Source(seed ^ case_number).next();
}

kit::Scenario generated(const Law& law, std::uint64_t seed, const World& world) {
  Source source(rc::Random(seed).next());
  return law.generate(source, world);
}

void run_cases(const Plan& plan, unsigned index, const Resume& resume, Progress& progress,
               const std::function<void(const LawResult&)>& found) {
  Worker(plan, index, resume, progress, found).run();
}

std::vector<LawResult> run_cases(const Plan& plan, unsigned index) {
  std::vector<LawResult> results;
  for (const Law* law : plan.laws) results.emplace_back().law = law;
  Progress progress;
  run_cases(plan, index, {}, progress,
            [&](const LawResult& found) { std::ranges::find(results, found.law, &LawResult::law)->add(found); });
  return results;
}

}  // namespace recvinto::property
