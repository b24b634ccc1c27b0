#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
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
  /// `results` and `baseline` must outlive it.
  Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& registered,
            std::string reproduction_prefix);

  void OnTestIterationStart(const testing::UnitTest& unit_test, int iteration) override;
  void OnTestStart(const testing::TestInfo& info) override;
  void OnTestPartResult(const testing::TestPartResult& part) override;
  void OnTestEnd(const testing::TestInfo& info) override;
  void OnTestIterationEnd(const testing::UnitTest& unit_test, int iteration) override;

 private:
  void show_progress();
  void end_progress();

  Results& results_;
  const Baseline& baseline_;
  std::map<std::string, const Claim*> claims_by_id_;
  std::map<std::string, std::size_t> place_;  // of a check's id in results_.checks
  std::string reproduction_prefix_;
  std::string message_;
  std::chrono::steady_clock::time_point begin_;
  std::size_t expected_ = 0;
  std::size_t done_ = 0;
  std::size_t bad_ = 0;
  bool on_terminal_ = false;
  std::string topic_;
};

}  // namespace recvinto::conformance
