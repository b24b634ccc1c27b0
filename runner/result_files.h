#pragma once

#include <map>
#include <optional>
#include <string>

#include "runner/growing_file.h"
#include "runner/html_report.h"
#include "runner/options.h"
#include "runner/results.h"

namespace recvinto::runner {

/// The files of a run: results.json, junit.xml, report.html, the scenarios of what failed, and a corpus. They grow with
/// each result, so that what was judged is there whatever ends the run.
///
/// A write that fails is reported once on standard error; the run goes on.
class ResultFiles {
 public:
  /// Borrowed.
  explicit ResultFiles(const Options& options) : options_(options) {}

  /// When it is known what is judged.
  void begin(const Results& results);
  void add(const Results& results, Result& result);
  /// A result in place of an earlier one of the same check.
  void replace(const Results& results, Result& result);
  /// Writes all in one go, as they are to stay.
  void finish(Results& results);

  /// Whether everything is written.
  [[nodiscard]] bool is_whole() const { return !is_lacking_; }

 private:
  void write_scenario_of(const Results& results, Result& result);
  void grow(const Result& result);
  /// Whether `write` has written what it was to.
  template <typename Write>
  bool attempt(const Write& write);

  const Options& options_;
  std::optional<GrowingFile> json_;
  std::optional<GrowingFile> junit_;
  std::optional<GrowingFile> html_;
  std::optional<GrowingHtmlReport> html_report_;  // what is in it
  std::map<std::string, std::size_t> counts_;     // by the words of results.json
  bool is_empty_ = true;
  bool has_complained_ = false;
  bool is_lacking_ = false;
};

}  // namespace recvinto::runner
