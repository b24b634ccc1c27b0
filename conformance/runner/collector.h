#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/framework/claim.h"
#include "conformance/runner/results.h"

namespace recvinto::conformance {

/// One claim on one kind, as registered with GoogleTest.
struct RegisteredCheck {
  const Claim* claim = nullptr;
  kit::SocketKind kind;
};

/// Listens to GoogleTest, collects what each check came to, and shows progress.
class Collector final : public testing::EmptyTestEventListener {
 public:
  /// `results` and `baseline` must outlive it. `reproduction_of`: the line that runs a check again.
  Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& registered,
            std::function<std::string(const std::string& id)> reproduction_of, Keep keep);

  /// What became of the check that is running.
  void take(kit::Outcome outcome) { outcome_ = std::move(outcome); }

  void OnTestIterationStart(const testing::UnitTest& unit_test, int iteration) override;
  void OnTestStart(const testing::TestInfo& info) override;
  void OnTestEnd(const testing::TestInfo& info) override;
  void OnTestIterationEnd(const testing::UnitTest& unit_test, int iteration) override;

 private:
  void show_progress();
  void end_progress();

  Results& results_;
  const Baseline& baseline_;
  std::map<std::string, const Claim*> claims_by_id_;
  std::map<std::string, std::size_t> place_;  // of a check's id in results_.checks
  std::function<std::string(const std::string& id)> reproduction_of_;
  Keep keep_;
  std::optional<kit::Outcome> outcome_;
  std::chrono::steady_clock::time_point begin_;
  std::size_t expected_ = 0;
  std::size_t done_ = 0;
  std::size_t bad_ = 0;
  bool on_terminal_ = false;
  std::string topic_;
};

}  // namespace recvinto::conformance
