#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kit/performing/outcome.h"
#include "kit/values/scenario_file.h"
#include "property/framework/law.h"
#include "property/framework/performing.h"
#include "property/framework/subject.h"

namespace recvinto::property {

/// What is performed of a scenario so that the law can judge it; the scenario itself is the first.
std::vector<kit::Scenario> variants_of(const Law& law, kit::Scenario scenario);

/// The outcome of a case that was performed. An exception of the law's own is the suite's fault, of this law alone.
kit::Outcome judged(const Law& law, const Performed& performed, const World& world);
/// Of a case that was performed on two implementations: whether both answer alike. `expected` is the second one's.
kit::Outcome compared(const Performed& one, const Performed& expected, const World& world);

/// Performs the case and judges it. The outcome has the scenario, and the observations of its first variant. Throws
/// what ends a run (see Performer::perform).
kit::Outcome judge(const Law& law, const kit::Scenario& scenario, Subject& subject, bool is_given = false);
kit::Outcome compare(const Law& law, const kit::Scenario& scenario, Subject& subject, Subject& other,
                     bool is_given = false);

/// Whether the law may judge this scenario: it is of the law's family, and makes sense in this world.
bool is_judged_by(const Law& law, const kit::Scenario& scenario, const World& world);

/// EveryCallMatchesTheModel: judges every scenario that the model can predict.
const Law& model_law();

/// The law that judges a scenario from a file: the one that it names, where the scenario is of that law's family (a
/// person may have edited it), else the model.
const Law& law_for(const kit::ScenarioFile& file, const World& world);

/// Whether a failure is the kernel's doing: recvmsg(2) itself, judged in the same way on this host, fails, too.
class KernelOracle {
 public:
  explicit KernelOracle(Access access) : access_(std::move(access)) {}

  /// Never for what the kernel cannot be the cause of (see kit::may_be_the_kernels), nor where `raw` cannot be asked.
  bool deviates(const Law& law, const kit::Scenario& scenario, const kit::Outcome& outcome, bool is_given = false);

 private:
  Access access_;
  std::unique_ptr<Subject> raw_;
};

/// Performs a scenario from a file, as it is.
kit::Outcome perform_file(const kit::ScenarioFile& file, Subject& subject);
/// Performs a scenario from a file and judges it by law_for(). What no one can perform, a
/// call that waits as the model says, and what recvmsg(2) itself does on this host are no failures: they are skipped.
kit::Outcome judge_file(const kit::ScenarioFile& file, Subject& subject, KernelOracle& kernel);

}  // namespace recvinto::property
