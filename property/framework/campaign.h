#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fixtures/implementations/verdict.h"
#include "property/framework/features.h"
#include "property/framework/law.h"
#include "property/framework/seat.h"

namespace recvinto::property {

/// What is tried.
struct Plan {
  std::string implementation = "reference";
  std::string against = {};  ///< nothing: laws judge; else both must come to the same
  std::string this_program = {};
  std::vector<const Law*> laws = {};
  std::uint64_t seed = 1;
  std::uint64_t cases = 20'000;            ///< in all, the same number of each law
  std::optional<std::uint64_t> only = {};  ///< this case alone, of each law
  unsigned jobs = 1;
  std::uint64_t tries = 4000;  ///< simpler scenarios, of one that breaks a law
  bool fail_fast = false;      ///< the first law that is broken ends it all
  std::chrono::milliseconds deadline{5000};

  [[nodiscard]] std::uint64_t cases_of_each() const {
    return laws.empty() ? 0 : (cases + laws.size() - 1) / laws.size();
  }
};

/// A case in which a law does not hold, and the simplest one that shrinking came to.
struct Counterexample {
  std::uint64_t case_number = 0;
  kit::Verdict verdict = kit::Verdict::kFail;
  std::string text = {};  ///< of the simplest
  kit::Scenario scenario = {};
  std::uint64_t tried = 0;  ///< scenarios, while shrinking
};

/// What came of one law.
struct LawResult {
  const Law* law = nullptr;
  std::string not_tried = {};  ///< why no case was; empty: they were
  std::uint64_t cases = 0;
  std::map<std::string, std::uint64_t> skipped = {};  ///< cases that could not be performed, by reason
  std::array<std::uint64_t, kFeatures> shown = {};    ///< cases that showed a feature
  std::uint64_t kernel_deviates = 0;  ///< cases in which recvmsg(2) itself does not keep the law on this host
  std::optional<Counterexample> counterexample = {};

  /// What the law must show and has not: names of features. Empty where too few cases were tried to say.
  [[nodiscard]] std::vector<std::string_view> not_shown() const;
};

/// Where a worker is, for those who watch it.
struct Progress {
  std::uint64_t cases = 0;
  std::uint32_t law = 0;  ///< index into the plan's laws
  std::uint64_t case_number = 0;
};

/// The seed of a case: from the plan's, the law, and its number, however many jobs there are.
std::uint64_t seed_of(const Plan& plan, const Law& law, std::uint64_t case_number);

/// Performs one case and judges it: nothing, or what is wrong. With `against`: whether both come to the same.
/// Throws EnvironmentLacks where it cannot be performed, and ImplementationFailure.
Violation judge(const Law& law, const kit::Scenario& scenario, Seat& seat, Seat* against);

/// Simplifies as long as `fails` says so of something simpler, of which it tries `tries` at most. Returns the simplest,
/// and how many were tried.
std::pair<kit::Scenario, std::uint64_t> shrunk(const Law& law, const World& world, std::uint64_t seed,
                                               std::uint64_t tries,
                                               const std::function<bool(const kit::Scenario&)>& fails);

/// The cases of one of `plan.jobs` workers, `index`; each law until it is broken.
std::vector<LawResult> run_cases(const Plan& plan, unsigned index, volatile Progress& progress);

}  // namespace recvinto::property
