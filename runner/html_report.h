#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runner/page_data.h"
#include "runner/results.h"

// report.html: one run, for people. It has what results.json has, as far as it is read, and shows it.

namespace recvinto::runner {

/// `data`: page_data().
std::string html_report(const nlohmann::json& data);

/// Writes report.html in one go. Throws std::system_error.
void write_html_report(const Results& results, const std::filesystem::path& directory);

/// The same of a run that goes on, for GrowingFile: the head, one check after the other, and the tail.
class GrowingHtmlReport {
 public:
  /// `results`: results.json without checks.
  explicit GrowingHtmlReport(const nlohmann::json& results);

  [[nodiscard]] const std::string& head() const { return head_; }
  /// `check`: an entry of "checks" of results.json.
  std::string entry(const nlohmann::json& check);
  /// `summary`: of results.json.
  [[nodiscard]] std::string tail(const std::map<std::string, std::size_t>& summary) const;

 private:
  PageChecks checks_;
  std::string head_;
  std::string tail_;  // from where the summary was
  bool is_empty_ = true;
};

}  // namespace recvinto::runner
