#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fuzz/support/scenario_judge.h"

namespace recvinto::fuzz {

/// Disagreements, each kept once with the simplest scenario that shows it, so that a campaign goes on behind them.
///
/// In a folder, which processes share: NAME.json has the finding (docs/campaigns.md), NAME.scenario the scenario as a
/// file, NAME.hits a byte for each time that it was met.
class Findings {
 public:
  /// Both are borrowed or copied. What the folder has is known.
  Findings(ScenarioJudge& judge, std::filesystem::path folder);

  /// Counts a failure: whatever in it is not known becomes a finding.
  void add(const kit::ScenarioFile& file, const kit::Outcome& outcome);

 private:
  using Symptoms = std::vector<std::string>;
  struct Met {
    std::string signature = {};
    std::uint64_t times = 0;
  };

  /// Makes the scenario as simple as it can be, and returns the finding's signature.
  std::string examine(kit::ScenarioFile file, kit::Outcome outcome, const std::string& symptom);
  void keep(const std::string& signature, const std::string& symptom, const kit::ScenarioFile& file,
            const kit::Outcome& outcome);
  void count(const std::string& signature) const;
  [[nodiscard]] std::filesystem::path place_of(const std::string& signature, const char* ending) const;

  ScenarioJudge& judge_;
  std::filesystem::path folder_;
  std::map<std::string, Symptoms> known_;  // by signature
  std::map<std::string, Met> met_;         // by signatures of what was not simplified yet
};

}  // namespace recvinto::fuzz
