#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/framework/claim.h"
#include "conformance/runner/baseline.h"
#include "fixtures/implementations/protocol.h"
#include "fixtures/implementations/verdict.h"

namespace recvinto::conformance {

/// How one check came out.
struct Result {
  const Claim* claim = nullptr;
  std::string id;
  Ending ending;                 ///< what happened, whatever was expected
  const Known* known = nullptr;  ///< the entry of the baseline that lists it
  bool kernel_deviates = false;  ///< it failed, and so does what stands in for the kernel; see calibration.h
  std::chrono::milliseconds time{0};
  std::string message;             ///< the tables of what differed, and where
  std::string repro;               ///< one line that runs this check again
  std::filesystem::path scenario;  ///< the file that its scenario was written to, relative to --out; empty: none
  std::string replay;              ///< one line that performs that file again; empty: none

  /// XFAIL: it came to what the baseline says.
  [[nodiscard]] bool failed_as_listed() const;
  /// XPASS: the baseline says that it does not pass, and it does.
  [[nodiscard]] bool passed_though_listed() const;
  /// The word of the reports: what happened, or XFAIL or XPASS.
  [[nodiscard]] std::string_view verdict() const;
  /// Whether it is one of those that a run is to be free of: a failure that is not listed, or not as listed.
  [[nodiscard]] bool is_bad() const;
  /// Whether it is one, and decides the exit status: of what is recommended, only what is listed otherwise, unless
  /// `strict`.
  [[nodiscard]] bool counts(bool strict) const;
};

struct Results {
  std::string specification;
  kit::Handshake handshake;
  int seed = 0;
  std::vector<Result> checks;

  /// Each verdict that there is, and how many checks came to it.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::size_t>> summary() const;
};

/// The schema's version is in it; docs/results.md describes it.
nlohmann::json to_json(const Results& results);

/// Writes results.json in one go. Throws std::system_error.
void write_results(const Results& results, const std::filesystem::path& directory);

}  // namespace recvinto::conformance
