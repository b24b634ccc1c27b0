#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runner/results.h"

// What the failures of a run have in common: a bug of an implementation is seldom seen by one check only.

namespace recvinto::runner {

/// What failures with one cause have in common: their summary, in which numbers differ from check to check unless it
/// says what differs.
std::string key_of(kit::Cause cause, const std::string& summary);

/// The unexpected failures of a run (Result::is_bad) with one verdict and one summary, in the order of the run.
struct Group {
  kit::Verdict verdict = kit::Verdict::kFail;
  std::string summary;  ///< of the first
  std::vector<const Result*> results;
};

/// The largest first, of the same size by verdict and summary; NOTRUN after all others.
std::vector<Group> groups_of_failures(const Results& results);

/// How most checks of a run end, where that looks like an error of the adapter and not of what it adapts.
struct Suspicion {
  std::string how;  ///< "AttributeError", "HANG: no answer within the deadline"
  const Result* first = nullptr;
  std::size_t count = 0;
  std::size_t performed = 0;
};

/// Where more than half of the checks that were performed, and at least ten, end with an error of a class that is not
/// in the table of adapters/PROTOCOL.md, or in CRASH, HANG or PROTOCOL of one cause.
std::optional<Suspicion> suspicion_of(const Results& results);

/// How many checks about several buffers fail of those that were performed, where that hides what else is wrong.
struct BrokenScattering {
  std::size_t failed = 0;
  std::size_t performed = 0;
};

/// Where more than half of them fail unexpectedly, and at least ten.
std::optional<BrokenScattering> broken_scattering(const Results& results);

}  // namespace recvinto::runner
