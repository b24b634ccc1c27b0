#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fixtures/scenario/scenario_file.h"
#include "fuzz/support/contest.h"
#include "property/framework/law.h"
#include "property/framework/seat.h"

namespace recvinto::fuzz {

/// The implementations of a contest, on the calling thread, and scenarios performed on them.
class Arena {
 public:
  /// From here on, scenarios are made for what all of them can. Throws UnknownSpecification and CannotStart.
  explicit Arena(Contest contest);

  /// Whether the scenario can be performed on the calling thread, in this process, and no call of it waits in vain.
  [[nodiscard]] bool is_for_here(const kit::ScenarioFile& file) const;

  /// Performs it, and judges by the law that generates it, or by the model, or compares both implementations.
  /// Nothing: all is well, or recvmsg(2) itself does the same on this host.
  property::Violation violation(const kit::ScenarioFile& file);
  /// For people: what was done, what is wrong, and what each implementation answers.
  std::string report(const kit::ScenarioFile& file, const std::string& violation);
  /// The simplest scenario with a violation that comes of leaving things out.
  kit::ScenarioFile simplest(kit::ScenarioFile file);

  [[nodiscard]] const Contest& contest() const { return contest_; }

 private:
  property::Violation differ(const kit::Scenario& scenario);
  bool is_the_kernels(const kit::Scenario& scenario);
  bool fails_on_raw(const kit::Scenario& scenario);
  /// Whether recvmsg(2) itself can be asked all that the scenario asks.
  bool raw_can(const kit::Scenario& scenario);

  Contest contest_;
  property::Seat seat_;
  std::optional<property::Seat> other_;  // nothing: the model
  std::optional<property::Seat> raw_;    // nothing: not asked yet
  property::World world_;
};

}  // namespace recvinto::fuzz
