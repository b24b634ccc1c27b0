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
  Collector(Results& results, const std::vector<RegisteredCheck>& registered, std::string reproduction_prefix);

  void OnTestIterationStart(const testing::UnitTest& unit_test, int iteration) override;
  void OnTestStart(const testing::TestInfo& info) override;
  void OnTestPartResult(const testing::TestPartResult& part) override;
  void OnTestEnd(const testing::TestInfo& info) override;
  void OnTestIterationEnd(const testing::UnitTest& unit_test, int iteration) override;

 private:
  void show_progress();
  void end_progress();

  Results& results_;
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

/// What was not expected, each with requirement, sentence, citation, expected and actual, and how to run it again.
void print_failures(const Results& results);
/// One line: "312 checks on CPython 3.11.2: 300 passed, 12 skipped, 0 failed".
void print_summary(const Results& results, std::chrono::milliseconds time);
/// Why checks were skipped, grouped: one line a reason.
void print_skips(const Results& results);

}  // namespace recvinto::conformance
