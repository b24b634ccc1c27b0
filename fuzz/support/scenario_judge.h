#pragma once

#include <optional>
#include <string>

#include "fuzz/support/subjects.h"
#include "kit/performing/outcome.h"
#include "kit/values/scenario_file.h"
#include "property/framework/judging.h"
#include "property/framework/law.h"
#include "property/framework/subject.h"

namespace recvinto::fuzz {

/// Performs and judges scenarios on the implementations under test, in this process.
class ScenarioJudge {
 public:
  /// From here on, scenarios are generated for what all of them can. Throws UnknownSpecification and CannotStart.
  explicit ScenarioJudge(Subjects subjects);

  /// Whether the scenario can be performed on the calling thread, in this process, and no call of it waits for data
  /// that does not come.
  [[nodiscard]] bool is_for_here(const kit::ScenarioFile& file) const;

  /// Performs it, and judges by the law that generates it, or by the model, or compares both implementations. What
  /// recvmsg(2) itself does on this host, too, is no failure.
  kit::Outcome outcome(const kit::ScenarioFile& file);
  /// For people: what was done, what is wrong, and what each implementation answers.
  std::string report(const kit::ScenarioFile& file, const kit::Outcome& outcome);
  /// The simplest scenario with the same failure, by the same judge, and its outcome.
  kit::ScenarioFile simplest(kit::ScenarioFile file, kit::Outcome& failure);

  [[nodiscard]] const Subjects& subjects() const { return subjects_; }

 private:
  [[nodiscard]] bool is_for_here(const kit::Scenario& scenario, const property::Law& law) const;
  /// `is_given`: the scenario is not the law's own.
  kit::Outcome judged(const kit::Scenario& scenario, const property::Law& law, bool is_given);
  kit::Outcome compared(const kit::Scenario& scenario);

  Subjects subjects_;
  property::Subject subject_;
  std::optional<property::Subject> other_;  // nothing: laws and the model judge
  property::KernelOracle kernel_;
  property::World world_;
};

}  // namespace recvinto::fuzz
