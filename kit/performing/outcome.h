#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "kit/oracle/differences.h"
#include "kit/performing/stage.h"
#include "kit/values/observation.h"
#include "kit/values/scenario.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

/// The result of one scenario on one implementation. The scenario may be that of a claim, a law, a fuzzer or a file.
struct Outcome {
  Verdict verdict = Verdict::kPass;
  Cause cause = Cause::kNone;
  std::string reason = {};       ///< in a sentence; empty for PASS and for differences
  Differences differences = {};  ///< of a FAIL
  std::optional<Scenario> scenario = {};
  std::vector<Stage::Event> history = {};  ///< steps and, after each call, its observation
  std::string stderr_text = {};            ///< what the implementation wrote meanwhile

  [[nodiscard]] bool is_suite_fault() const { return cause == Cause::kSuiteFault; }
  /// FAIL, CRASH, HANG or PROTOCOL: the implementation broke something.
  [[nodiscard]] bool is_failure() const;
};

/// What outcome_of() must know to tell whose fault an exception is.
struct Circumstances {
  /// The scenario was given to the suite (a file, a fuzz input): a step that cannot be performed is not the suite's
  /// fault. Whether data that is missing (kTookMore) was ever there is for the judge to find out.
  bool is_given = false;
  /// The implementation runs in this process: what breaks the suite's descriptors is the implementation.
  bool shares_descriptors = false;
};

/// The one place where an exception becomes a verdict. Every event has one verdict; the table is in
/// adapters/PROTOCOL.md. `error` is not null.
Outcome outcome_of(const std::exception_ptr& error, const Circumstances& circumstances = {});
/// Of what is thrown: to be called in a catch clause.
inline Outcome outcome_of_current_exception(const Circumstances& circumstances = {}) {
  return outcome_of(std::current_exception(), circumstances);
}
/// PASS without differences, else FAIL.
Outcome outcome_of(Differences differences);

/// Of that cause, with that reason.
Outcome ended(Cause cause, std::string reason);

/// What outcomes with one cause have in common, in one line: the key by which reports group failures.
std::string summary_of(const Outcome& outcome);

/// Whether two failures are the same failure, as far as a simpler scenario must have it: cause and first field.
bool is_same_failure(const Outcome& one, const Outcome& other);

/// Whether the failure may be the kernel's doing, so that recvmsg(2) itself must be tried: a difference, and the
/// kernel was not scripted. A kernel's answer makes no implementation crash or hang.
bool may_be_the_kernels(const Outcome& outcome, bool is_scripted);

}  // namespace recvinto::kit
