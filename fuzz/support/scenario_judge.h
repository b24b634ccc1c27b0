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
  /// The simplest scenario with the same failure, by the same judge, and its outcome: cause and first field are the
  /// same, or, where a symptom is given (signature.h), that one is shown. A kind of socket comes before those behind it
  /// in kit::kEveryKind.
  kit::ScenarioFile simplest(kit::ScenarioFile file, kit::Outcome& failure, const std::string& symptom = {});
  /// What a law judged wrong, as the model judges it, where that says wrong of one of the variants, and its outcome:
  /// laws that one mistake breaks are many. Else the same.
  kit::ScenarioFile by_the_model(kit::ScenarioFile file, kit::Outcome& failure);
  /// The law that judges it, or what is asked in the implementation's place.
  [[nodiscard]] std::string name_of_judge(const kit::ScenarioFile& file) const;
  /// Whether the reference is wrong in the same way, which is then the judge's fault.
  bool is_shown_by_the_reference(const kit::ScenarioFile& file, const std::string& symptom);

  [[nodiscard]] const Subjects& subjects() const { return subjects_; }

 private:
  struct Judge {
    const property::Law* law = nullptr;
    bool is_given = false;  ///< the scenario is not what the law generates
  };

  /// The law that generates the scenario. A mutated one has left its family: the model judges, unless the file has no
  /// seed and says that a law does, as of a finding that was simplified.
  [[nodiscard]] Judge judge_of(const kit::ScenarioFile& file) const;
  [[nodiscard]] bool is_judged_by(const Judge& judge, const kit::Scenario& scenario) const;
  [[nodiscard]] bool is_for_here(const kit::Scenario& scenario, const property::Law& law) const;
  kit::Outcome judged(const kit::Scenario& scenario, const Judge& judge);
  kit::Outcome compared(const kit::Scenario& scenario);
  kit::Outcome shrunk(kit::Outcome failure, const Judge& judge, const std::string& symptom);

  Subjects subjects_;
  property::Subject subject_;
  std::optional<property::Subject> other_;  // nothing: laws and the model judge
  std::optional<property::Subject> reference_;
  property::KernelOracle kernel_;
  property::World world_;
};

}  // namespace recvinto::fuzz
