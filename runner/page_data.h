#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runner/results.h"

// What the page of a run (report_page/run.js) knows: the facts of results.json as far as people read them, and of each
// requirement its sentence and citation. docs/results.md describes results.json.

namespace recvinto::runner {

/// All but the checks, of results.json with or without them: "areas", "topics", "requirements" and what is said of the
/// run.
nlohmann::json page_head(const nlohmann::json& results);

/// The checks of one run, one after the other. Whatever a run found, they have a few megabytes at most: when these are
/// used up, only the first checks of each cause have details.
class PageChecks {
 public:
  /// `check`: an entry of "checks" of results.json.
  nlohmann::json next(const nlohmann::json& check);

 private:
  std::size_t bytes_ = 0;
  std::map<std::string, int> shown_;  // by verdict and cause
};

/// The whole of it. `results`: results.json.
nlohmann::json page_data(const nlohmann::json& results);
/// The same, without the whole of results.json in memory.
nlohmann::json page_data(const Results& results);

/// Requirements by their slugs, as pages have them.
nlohmann::json page_requirements();

/// The area of each topic.
nlohmann::json page_topics();

/// What failed unexpectedly in the terms of a page: neither PASS nor SKIP nor XFAIL, and XPASS.
bool is_bad_verdict(const std::string& verdict);

/// A text that is shown: the first `most` bytes, and how many more there are. Never cuts a character in two.
std::string shortened(const std::string& text, std::size_t most);

}  // namespace recvinto::runner
