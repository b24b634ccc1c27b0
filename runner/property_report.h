#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "kit/values/handshake.h"
#include "property/framework/workers.h"
#include "runner/baseline.h"
#include "runner/options.h"

namespace recvinto::runner {

/// What `property` prints and writes of a campaign.
struct PropertyReport {
  const Options& options;
  const property::Plan& plan;
  const kit::Handshake& handshake;
  const Baseline& baseline;         ///< its entries are those of Plan::known, in order
  std::filesystem::path directory;  ///< of the counterexamples

  /// Writes the counterexample of the law, for replay. Where it cannot be written, it is printed instead.
  void save(const property::LawResult& law) const;
  /// Each law with what its cases showed, then what was found, then a line that sums it up.
  void print(const property::CampaignResult& result, std::chrono::milliseconds time) const;
  /// property.json, in one go. Throws std::system_error.
  void write(const std::vector<property::LawResult>& laws, const property::CampaignResult* whole,
             std::chrono::milliseconds time, const std::filesystem::path& file) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(const property::LawResult& law) const;
  void print_law(const property::LawResult& law) const;
  void print_counterexample(const property::LawResult& law) const;
  [[nodiscard]] std::string reproduction(const property::LawResult& law) const;
};

}  // namespace recvinto::runner
