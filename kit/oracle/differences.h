#pragma once

#include <string>
#include <vector>

#include "kit/oracle/expectation.h"

namespace recvinto::kit {

/// One field that is not what was expected: a fact, from which every report is written.
struct Difference {
  std::string where = {};  ///< "call 2", or "conformance/some_test.cc:12"; empty: the whole scenario
  std::string field = {};  ///< "nbytes", "error", "descriptors", ...
  std::string expected = {};
  std::string actual = {};
  /// In one line, alike for all differences of one kind: "error EAGAIN (BlockingIOError) where none was expected".
  /// Empty: the field says it.
  std::string summary = {};

  friend bool operator==(const Difference&, const Difference&) = default;
};
using Differences = std::vector<Difference>;

/// The rows that do not agree.
Differences differences_in(const std::vector<Comparison>& comparisons, const std::string& where = {});

/// The same differences, found at a place: "call 2" before what each says of its own place.
Differences located(Differences differences, const std::string& where);

/// For people: a table for each place. Long values are cut where they agree.
std::string text_of(const Differences& differences);

/// In one line: the first one's summary, or "FIELD: expected EXPECTED, actual ACTUAL" as far as that is short.
std::string summary_of(const Differences& differences);

}  // namespace recvinto::kit
