#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

// What short reports say of a run. Everything is read from its page_data().

namespace recvinto::runner {

/// "CPython 3.11.7", or the SPEC where the handshake has no name.
std::string implementation_name(const nlohmann::json& data);

/// The same of several runs, each different from the others: with the SPEC, with ", buffers merged", or the number of
/// the run.
std::vector<std::string> labels_of(const std::vector<nlohmann::json>& runs);

/// Whether it was judged with one buffer in place of several.
bool has_merged_buffers(const nlohmann::json& data);

struct Tally {
  std::size_t passed = 0;
  std::size_t bad = 0;    ///< is_bad_verdict()
  std::size_t known = 0;  ///< XFAIL
  std::size_t skipped = 0;
  bool is_binding = false;  ///< whether one of the bad ones is more than a recommendation

  [[nodiscard]] std::size_t judged() const { return passed + bad + known; }
};
Tally tally_of(const std::vector<const nlohmann::json*>& checks);
Tally tally_of(const nlohmann::json& data);

/// "17 of 1518 judged checks fail", "nothing fails unexpectedly: 1400 pass, 125 skipped".
std::string statement_of(const Tally& tally);

/// Checks with one verdict and one cause.
struct PageGroup {
  std::string verdict;
  std::string summary;  ///< of the first
  std::vector<const nlohmann::json*> checks;
};

/// Those that are bad, the largest first, NOTRUN after all others.
std::vector<PageGroup> bad_groups(const nlohmann::json& data);
/// Those that fail as the baseline lists them.
std::vector<PageGroup> known_groups(const nlohmann::json& data);

}  // namespace recvinto::runner
