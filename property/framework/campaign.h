#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/performing/outcome.h"
#include "kit/subjects/adapter_process.h"
#include "kit/subjects/catalogue.h"
#include "property/framework/features.h"
#include "property/framework/law.h"
#include "property/framework/shrinking.h"
#include "property/framework/subject.h"

namespace recvinto::property {

/// A failure that a baseline lists: it is counted, and the law goes on behind it.
struct KnownFailure {
  std::string law = {};    ///< a glob over the names of laws
  std::string field = {};  ///< the first field that differs; empty: any
  std::vector<kit::Verdict> verdicts{kit::Verdict::kFail};

  [[nodiscard]] bool covers(const Law& law, const kit::Outcome& outcome) const;
};

/// What is tried.
struct Plan {
  std::string implementation = "reference";
  std::string against = {};  ///< empty: laws judge; else both must answer alike
  kit::Catalogue catalogue = kit::Catalogue();
  std::vector<const Law*> laws = {};
  std::uint64_t seed = 1;
  std::uint64_t cases = 20'000;            ///< in all, the same number of each law
  std::optional<std::uint64_t> only = {};  ///< this case alone, of each law
  unsigned jobs = 1;
  ShrinkLimits shrinking = {};
  bool fail_fast = false;  ///< the first failure that counts ends the campaign
  bool strict = false;     ///< recommended laws count, too
  std::chrono::milliseconds deadline{5000};
  bool merges_buffers = false;                                    ///< scenarios have one buffer a call
  std::optional<std::chrono::steady_clock::time_point> end = {};  ///< no case begins after it
  std::vector<KnownFailure> known = {};
  kit::FailedStarts* failed_starts = nullptr;  ///< of the implementation's adapters, by all workers; null: each its own

  [[nodiscard]] std::uint64_t cases_of_each() const {
    return laws.empty() ? 0 : (cases + laws.size() - 1) / laws.size();
  }
  /// To the implementation, and to what it is compared with.
  [[nodiscard]] Access access() const {
    return {.catalogue = catalogue, .deadline = deadline, .merges_buffers = merges_buffers};
  }
  [[nodiscard]] bool counts(const Law& law) const { return strict || !law.is_recommended; }
};

/// A case in which a law does not hold, and the simplest scenario with the same failure.
struct Counterexample {
  std::uint64_t case_number = 0;
  kit::Outcome outcome = {};  ///< of the simplest, with its scenario
  std::uint64_t tried = 0;    ///< scenarios, while shrinking
  bool gave_up = false;       ///< shrinking ended at a limit
  /// Whether the simplest scenario fails in a fresh process as well; if not, the failure depends on what came before.
  /// Nothing: that was not tried.
  std::optional<bool> recurs_alone = {};
};

/// Why a case, or a whole law, was not judged.
struct Omission {
  kit::Cause cause = kit::Cause::kNone;
  std::string reason = {};

  friend auto operator<=>(const Omission&, const Omission&) = default;
};

/// What came of one law.
struct LawResult {
  const Law* law = nullptr;
  std::optional<Omission> not_tried = {};  ///< nullopt: cases were tried
  std::string fault = {};                  ///< a fault of the suite, which ended this law and no other; empty: none
  std::uint64_t cases = 0;                 ///< generated; tried() are those that were performed and judged
  std::map<Omission, std::uint64_t> skipped = {};   ///< cases that could not be performed or judged
  std::array<std::uint64_t, kFeatures> shown = {};  ///< cases that showed a feature
  std::uint64_t kernel_deviates = 0;  ///< cases in which recvmsg(2) itself does not keep the law on this host
  std::map<std::size_t, std::uint64_t> known = {};  ///< failures by the entry of Plan::known that lists them
  std::optional<Counterexample> counterexample = {};

  [[nodiscard]] std::uint64_t tried() const;
  /// What the law must show and has not: names of features. Empty where too few cases were tried to say.
  [[nodiscard]] std::vector<std::string_view> not_shown() const;
  /// Adds what another worker, or a later part of this one, found.
  void add(const LawResult& more);
};

/// Where a worker is. In memory that it shares with its parent, which learns from it what ended the worker.
struct Progress {
  std::atomic<std::uint64_t> steps{0};  ///< grows as long as the worker goes on
  std::atomic<std::uint64_t> cases{0};
  std::atomic<std::uint64_t> round{0};  ///< the first case number of the round
  std::atomic<std::uint32_t> law{0};    ///< index into the plan's laws
  std::atomic<std::uint64_t> case_number{0};
};

/// Where a worker begins that takes over from one that ended.
struct Resume {
  std::uint64_t round = 0;
  std::uint32_t law = 0;
  std::uint64_t case_number = 0;      ///< of that law in that round: the first to be tried
  std::vector<bool> ended_laws = {};  ///< by index into the plan's laws; empty: none
};

/// The seed of a case: from the campaign's, the law, and its number, however many jobs there are.
std::uint64_t seed_of(std::uint64_t campaign_seed, const Law& law, std::uint64_t case_number);
/// The scenario of that seed.
kit::Scenario generated(const Law& law, std::uint64_t seed, const World& world);

/// The cases of one of `plan.jobs` workers, `index`, each law until it is broken. `found` is called with what came of a
/// law's cases since it was called last, first of all with the laws that cannot be tried. Throws what ends a run: an
/// Ended with the cause kCannotStart or kInterrupted; what was found until then was reported.
void run_cases(const Plan& plan, unsigned index, const Resume& resume, Progress& progress,
               const std::function<void(const LawResult&)>& found);
/// The same with everything that was found.
std::vector<LawResult> run_cases(const Plan& plan, unsigned index = 0);

}  // namespace recvinto::property
