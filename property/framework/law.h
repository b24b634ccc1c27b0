#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kit/oracle/differences.h"
#include "kit/oracle/expectation.h"
#include "kit/values/capability.h"
#include "kit/values/scenario.h"
#include "property/framework/source.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// A call of a scenario, and what came of it.
struct Answer {
  const kit::Call& call;  ///< borrowed of the scenario
  kit::Observation seen = {};
};

/// A scenario that was performed, and what came of it.
struct Performance {
  const kit::Scenario& scenario;                    ///< borrowed
  std::vector<Answer> answers = {};                 ///< one for each call; the numbers in SCM_RIGHTS items are all 0xff
  kit::ModelWorld world = {};                       ///< with the addresses that the system chose
  std::vector<kit::Observation> by_the_suite = {};  ///< what came of each step::ReceiveByTheSuite
};

/// How a law is broken: the fields that differ, and where. Empty: the law holds.
using Violation = std::optional<kit::Differences>;

/// A sentence that holds for every scenario of a family, whatever is in it.
///
/// Pure, but for the performing, which is not its business: it makes a scenario, says in which variants it is
/// performed, and judges the results.
struct Law {
  std::string_view name;
  std::string_view sentence;
  /// It follows from no document, but a robust implementation keeps it: it counts with --strict only.
  bool is_recommended = false;
  /// Without these it says nothing.
  kit::Capabilities needs = {};
  bool needs_scripts = false;
  /// Scripts answer its waits: it is tried in a process of its own, whose system calls are supervised.
  bool needs_waits = false;
  /// False: its scenarios leave open what a call returns, so that two implementations, or two runs of one, differ in
  /// it.
  bool is_comparable = true;
  /// A scenario of the family, for this world.
  std::function<kit::Scenario(Source&, const World&)> generate = {};
  /// What is performed: the scenario first, and then what it is compared with. By default: only the scenario.
  /// Variants that have concurrent calls only are performed at the same time, each on a socket of its own; on that of
  /// the first, where nothing is sent to them.
  std::function<std::vector<kit::Scenario>(const kit::Scenario&)> variants = {};
  /// `performances`: one for each variant, in order.
  std::function<Violation(std::span<const Performance> performances, const World& world)> judge = {};
  /// Whether a scenario that the law did not generate is of its family: a simpler one, which shrinking may not leave,
  /// or one from a file that a person has edited. What is not accepted, the model judges.
  std::function<bool(const kit::Scenario&)> accepts = [](const kit::Scenario&) { return true; };
  /// What its scenarios must show, each in at least one case of 500 where the world can: names of features
  /// (features.h). A law that is tried on trivial cases only is not tried.
  std::vector<std::string_view> must_show = {};
};

/// Every law, in the order of the files in property/laws.
const std::vector<Law>& every_law();

/// Null: there is none of that name.
const Law* law_named(std::string_view name);

}  // namespace recvinto::property
