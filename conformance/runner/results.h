#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/framework/claim.h"
#include "fixtures/implementations/protocol.h"
#include "fixtures/implementations/verdict.h"

namespace recvinto::conformance {

/// How one check came out.
struct Result {
  const Claim* claim = nullptr;
  std::string id;
  Ending ending;
  std::chrono::milliseconds time{0};
  std::string message;  ///< the tables of what differed, and where
  std::string repro;    ///< one line that runs this check again

  /// Whether it is one of those that a run is to be free of.
  [[nodiscard]] bool is_bad() const;
  /// Whether it decides the exit status.
  [[nodiscard]] bool counts(bool strict) const;
};

struct Results {
  std::string specification;
  kit::Handshake handshake;
  int seed = 0;
  std::vector<Result> checks;

  [[nodiscard]] std::map<kit::Verdict, std::size_t> summary() const;
};

/// The schema's version is in it; docs/results.md describes it.
nlohmann::json to_json(const Results& results);

/// Writes results.json in one go: a reader sees the old file or the whole new one. Throws std::system_error.
void write_results(const Results& results, const std::filesystem::path& directory);

}  // namespace recvinto::conformance
