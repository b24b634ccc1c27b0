#include "property/framework/campaign.h"

#include <rapidcheck.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "fixtures/model/unpredictable.h"
#include "fixtures/stage/perform.h"
#include "property/framework/answers.h"
#include "property/framework/simpler.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

constexpr std::uint64_t kEnoughToJudge = 2000;  ///< cases, before it is said that something was not shown
constexpr std::uint64_t kOnceIn = 500;          ///< cases must each feature be shown
constexpr std::size_t kRound = 48;              ///< cases of one law, before the next law's turn

std::vector<kit::Scenario> variants_of(const Law& law, kit::Scenario scenario) {
  if (law.variants) return law.variants(scenario);
  std::vector<kit::Scenario> only;
  only.push_back(std::move(scenario));
  return only;
}

/// The same scenario on both, and the same answers.
Violation differ(const Performed& one, const Performed& other, const World& world) {
  for (std::size_t i = 0; i < one.performances.size(); ++i) {
    if (Violation violation = unlike_each_other(one.performances[i], other.performances[i], world)) return violation;
  }
  return std::nullopt;
}

/// Of both: what both can.
World common(const World& one, const World& other) {
  World both = one;
  both.capabilities = one.capabilities & other.capabilities;
  both.scripts = one.scripts && other.scripts;
  both.pidfds = one.pidfds && other.pidfds;
  return both;
}

/// One worker's work.
class Worker {
 public:
  Worker(const Plan& plan, unsigned index, volatile Progress& progress)
      : plan_(plan), index_(index), progress_(progress), seat_(plan.implementation, plan.this_program, plan.deadline) {
    if (!plan.against.empty()) against_.emplace(plan.against, plan.this_program, plan.deadline);
    world_ = against_ ? common(seat_.world(), against_->world()) : seat_.world();
    for (const Law* law : plan.laws) {
      LawResult& result = results_.emplace_back();
      result.law = law;
      result.not_tried = why_not(*law, world_);
    }
  }

  std::vector<LawResult> run() {
    const std::uint64_t end = plan_.only ? *plan_.only + 1 : plan_.cases_of_each();
    for (std::uint64_t begin = plan_.only.value_or(index_); begin < end; begin += kRound * plan_.jobs) {
      for (std::uint32_t law = 0; law < results_.size(); ++law) {
        LawResult& result = results_[law];
        if (!result.not_tried.empty() || result.counterexample) continue;
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t number = begin; number < end && numbers.size() < kRound; number += plan_.jobs) {
          numbers.push_back(number);
        }
        progress_.law = law;
        progress_.case_number = numbers.front();
        try_cases(result, numbers);
        if (plan_.fail_fast && result.counterexample) return std::move(results_);
      }
    }
    return std::move(results_);
  }

 private:
  void try_cases(LawResult& result, const std::vector<std::uint64_t>& numbers) {
    const Law& law = *result.law;
    if (seat_.is_in_process() && !against_) {  // one after the other, so that it is known which one ends the process
      for (const std::uint64_t number : numbers) {
        progress_.case_number = number;
        const std::vector<kit::Scenario> variants = variants_of(law, generated(law, number));
        if (!account(result, number, variants[0], seat_.performer().perform_one(variants), nullptr)) return;
      }
      return;
    }
    std::vector<std::vector<kit::Scenario>> cases;
    for (const std::uint64_t number : numbers) cases.push_back(variants_of(law, generated(law, number)));
    const std::vector<Performed> performed = seat_.performer().perform(cases);
    std::vector<Performed> others;
    if (against_) others = against_->performer().perform(cases);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (!account(result, numbers[i], cases[i][0], performed[i], against_ ? &others[i] : nullptr)) return;
    }
  }

  [[nodiscard]] kit::Scenario generated(const Law& law, std::uint64_t number) const {
    Source source(rc::Random(seed_of(plan_, law, number)).next());
    return law.generate(source, world_);
  }

  /// False: the law is broken.
  bool account(LawResult& result, std::uint64_t number, const kit::Scenario& scenario, const Performed& performed,
               const Performed* other) {
    progress_.cases = progress_.cases + 1;
    ++result.cases;
    if (!performed.skipped.empty()) {
      ++result.skipped[performed.skipped];
      return true;
    }
    kit::Verdict verdict = kit::Verdict::kFail;
    Violation violation;
    if (performed.failure || (other != nullptr && other->failure)) {
      const kit::ImplementationFailure& failure = performed.failure ? *performed.failure : *other->failure;
      verdict = failure.verdict();
      violation = failure.what();
    } else {
      const Features features = features_of(performed.performances.back());
      const Features of_the_first = features_of(performed.performances[0]);
      for (std::size_t i = 0; i < kFeatures; ++i) result.shown[i] += (features | of_the_first)[i] ? 1 : 0;
      violation =
          other != nullptr ? differ(performed, *other, world_) : result.law->judge(performed.performances, world_);
    }
    if (!violation) return true;
    if (verdict == kit::Verdict::kFail && is_the_kernels(*result.law, scenario)) {
      ++result.kernel_deviates;
      return true;
    }
    result.counterexample = simplest(*result.law, number, scenario, verdict, *violation);
    seat_.begin_afresh();
    return false;
  }

  /// Whether recvmsg(2) itself breaks the law there: then the kernel does.
  bool is_the_kernels(const Law& law, const kit::Scenario& scenario) {
    if (against_ || plan_.implementation == "raw") return false;
    if (!raw_) raw_.emplace("raw", plan_.this_program, plan_.deadline);
    if (!why_not(law, raw_->world()).empty() || law.needs_scripts) return false;
    if (!raw_->world().can_all(kit::needed_for(scenario))) return false;
    try {
      return judge(law, scenario, *raw_, nullptr).has_value();
    } catch (const std::exception&) {
      return false;
    }
  }

  Counterexample simplest(const Law& law, std::uint64_t number, const kit::Scenario& scenario, kit::Verdict verdict,
                          const std::string& text) {
    Counterexample found{.case_number = number, .verdict = verdict, .text = text, .scenario = scenario};
    const auto fails = [&](const kit::Scenario& candidate) {
      progress_.cases = progress_.cases + 1;
      try {
        const Violation violation = judge(law, candidate, seat_, against_ ? &*against_ : nullptr);
        if (!violation) return false;
        found.text = *violation;
        found.verdict = kit::Verdict::kFail;
      } catch (const kit::ImplementationFailure& failure) {
        if (failure.verdict() == kit::Verdict::kNotRun) throw;
        found.text = failure.what();
        found.verdict = failure.verdict();
      } catch (const kit::EnvironmentLacks&) {
        return false;
      } catch (const kit::Unpredictable&) {
        return false;
      }
      return true;
    };
    std::tie(found.scenario, found.tried) = shrunk(law, world_, seed_of(plan_, law, number), plan_.tries, fails);
    return found;
  }

  const Plan& plan_;
  unsigned index_;
  volatile Progress& progress_;
  Seat seat_;
  std::optional<Seat> against_;
  std::optional<Seat> raw_;
  World world_;
  std::vector<LawResult> results_;
};

}  // namespace

std::vector<std::string_view> LawResult::not_shown() const {
  std::vector<std::string_view> lacking;
  if (cases < kEnoughToJudge || !not_tried.empty()) return lacking;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    const std::string_view feature = name(static_cast<Feature>(i));
    const bool is_asked = std::ranges::find(law->must_show, feature) != law->must_show.end();
    if (is_asked && shown[i] * kOnceIn < cases) lacking.push_back(feature);
  }
  return lacking;
}

std::uint64_t seed_of(const Plan& plan, const Law& law, std::uint64_t case_number) {
  std::uint64_t seed = plan.seed;
  for (const char letter : law.name) seed = Source(seed ^ static_cast<unsigned char>(letter)).next();
  return Source(seed ^ case_number).next();
}

Violation judge(const Law& law, const kit::Scenario& scenario, Seat& seat, Seat* against) {
  const std::vector<kit::Scenario> variants = variants_of(law, scenario);
  const auto performed = [&](Seat& where) {
    Performed result = where.performer().perform_one(variants);
    if (!result.skipped.empty()) throw kit::EnvironmentLacks(result.skipped);
    if (result.failure) throw *result.failure;
    return result;
  };
  const Performed one = performed(seat);
  if (against == nullptr) return law.judge(one.performances, seat.world());
  return differ(one, performed(*against), common(seat.world(), against->world()));
}

std::pair<kit::Scenario, std::uint64_t> shrunk(const Law& law, const World& world, std::uint64_t seed,
                                               std::uint64_t tries,
                                               const std::function<bool(const kit::Scenario&)>& fails) {
  rc::Shrinkable<kit::Scenario> simplest = scenarios(law, world)(rc::Random(seed), 0);
  std::uint64_t tried = 0;
  for (bool is_simpler = true; is_simpler && tried < tries;) {
    is_simpler = false;
    rc::Seq<rc::Shrinkable<kit::Scenario>> candidates = simplest.shrinks();
    while (auto candidate = candidates.next()) {
      if (tried == tries) break;
      ++tried;
      if (!fails(candidate->value())) continue;
      simplest = std::move(*candidate);
      is_simpler = true;
      break;
    }
  }
  return {simplest.value(), tried};
}

std::vector<LawResult> run_cases(const Plan& plan, unsigned index, volatile Progress& progress) {
  return Worker(plan, index, progress).run();
}

}  // namespace recvinto::property
