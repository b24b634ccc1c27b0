#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "runner/results.h"

// Results as JSON: results.json, which docs/results.md and docs/results.schema.json describe, and the lines by which
// processes of one run tell each other of their checks.

namespace recvinto::runner {

inline constexpr int kResultsSchema = 2;

/// One check as results.json has it.
nlohmann::json to_json(const Result& result);
/// With all that another process needs to go on with it: write_scenarios() and every report.
nlohmann::json to_message(const Result& result);
/// Of either. Whether a baseline lists it is the reader's to say: `known` is null. Throws std::exception for what is
/// neither.
Result result_from_json(const nlohmann::json& object);

/// Parts of results.json: all but the summary and the checks, and the summary.
nlohmann::json head_of(const Results& results);
nlohmann::json summary_of(const Results& results);
/// The word that a summary has for a verdict: "pass".
std::string word_of(std::string_view verdict);

/// In one line, for a pipe or a file: what is no UTF-8 becomes U+FFFD.
std::string line_of(const nlohmann::json& object);

/// Writes results.json in one go. Throws std::system_error.
void write_results(const Results& results, const std::filesystem::path& directory);

}  // namespace recvinto::runner
