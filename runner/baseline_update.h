#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/baseline.h"
#include "runner/results.h"

namespace recvinto::runner {

struct UpdatedBaseline {
  std::string text;
  std::vector<std::string> changes;  ///< one line each, for people
};

/// Brings a baseline up to date with what happened, `text` being the file that `baseline` was read from. What still
/// holds stays as it is written, letter by letter, with the comments right above it. An entry loses the checks that
/// have ended otherwise, and goes when none is left; for checks that were not judged it stays. New
/// failures that count come last, to be explained.
UpdatedBaseline updated(std::string_view text, const Baseline& baseline, const Results& results, bool strict);

/// The fewest ids and globs "Topic.Claim/*" for these checks and no other of `all`.
std::vector<std::string> covering(const std::vector<std::string>& checks, const std::vector<std::string>& all);

}  // namespace recvinto::runner
