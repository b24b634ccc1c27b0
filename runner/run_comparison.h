#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace recvinto::runner {

/// What is different in a later run. Checks that only one of them has are compared with nothing, and are not listed.
struct Change {
  std::string id;
  std::string before;  ///< verdicts
  std::string after;
};
struct RunComparison {
  std::vector<Change> new_failures;  ///< bad in the later run only
  std::vector<Change> gone;          ///< bad in the earlier run only
  std::vector<Change> others;        ///< skipped now, known now, crashes where it failed
};

/// `before` and `after`: page_data() of each.
RunComparison compare_runs(const nlohmann::json& before, const nlohmann::json& after);

/// Whether both judged the same implementation, of whatever version: its name, or without one its SPEC. With merged
/// buffers it counts as another.
bool is_same_implementation(const nlohmann::json& one, const nlohmann::json& other);

}  // namespace recvinto::runner
