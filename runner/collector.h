#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runner/baseline.h"
#include "runner/registered_checks.h"
#include "runner/result_files.h"
#include "runner/results.h"

namespace recvinto::runner {

/// Collects the result of each check, in any order, and shows progress.
class Collector {
 public:
  /// All are borrowed. `chosen`: the checks of each round, in the order of the run. `reproduction_of`: the line that
  /// runs a check again.
  Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& checks,
            const std::vector<std::size_t>& chosen, std::function<std::string(const std::string& id)> reproduction_of,
            ResultFiles& files, bool is_quiet);

  void take(Result result, unsigned round);
  /// Of every chosen check that has no result in any round. Results are then in the order of the run.
  void complete(kit::Cause cause, const std::string& reason);

 private:
  struct Topic {
    std::size_t chosen = 0;
    std::map<unsigned, std::size_t> done;  // by rounds
  };

  /// Keeps the worst of each check.
  void keep(Result result);
  void note_verdict(const Result& result, unsigned round);
  void show_progress(const Result& result, unsigned round);

  Results& results_;
  const Baseline& baseline_;
  const std::vector<RegisteredCheck>& checks_;
  const std::vector<std::size_t>& chosen_;
  std::function<std::string(const std::string& id)> reproduction_of_;
  ResultFiles& files_;
  std::map<std::string, std::size_t> place_;                          // of a check's id in results_.checks
  std::map<std::string, std::map<unsigned, kit::Verdict>> verdicts_;  // of each round, where there are several
  std::map<std::string, Topic> topics_;
  std::map<unsigned, std::size_t> done_;  // by rounds
  std::size_t bad_ = 0;
  bool is_quiet_ = false;  // no progress
  bool on_terminal_ = false;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace recvinto::runner
