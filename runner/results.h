#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/framework/claim.h"
#include "kit/performing/outcome.h"
#include "kit/values/handshake.h"
#include "runner/baseline.h"

namespace recvinto::runner {

/// How one check came out: plain values, which go from process to process as JSON (result_json.h).
struct Result {
  const conformance::Claim* claim = nullptr;
  std::string id = {};
  kit::Outcome outcome = {};     ///< what happened, whatever was expected; its history is in the next three
  std::string observation = {};  ///< what was done and seen, as JSON for results.json; empty: not kept
  /// What came back from the last call, in words: names and values.
  std::vector<std::pair<std::string, std::string>> last_seen = {};
  std::optional<kit::Error> last_error = {};  ///< of the last call
  const Known* known = nullptr;               ///< the entry of the baseline that lists it
  std::chrono::milliseconds time{0};
  std::string repro = {};               ///< one line that runs this check again
  std::filesystem::path scenario = {};  ///< the file that its scenario was written to, relative to --out; empty: none
  std::string replay = {};              ///< one line that performs that file again; empty: none
  /// Where the process ended: what it had performed since its start, the last one last; and once the check was judged
  /// again in a process of its own, its verdict there.
  std::vector<std::string> before = {};
  std::optional<kit::Verdict> alone = {};
  /// The entry of the baseline that the end of the process is charged to: all else is then of the check alone.
  const Known* damaged_by = nullptr;

  [[nodiscard]] bool kernel_deviates() const { return outcome.cause == kit::Cause::kKernelDeviates; }
  /// XFAIL: failed as the baseline lists it.
  [[nodiscard]] bool failed_as_listed() const;
  /// XPASS: passed, though the baseline lists it.
  [[nodiscard]] bool passed_though_listed() const;
  /// The word of the reports: what happened, or XFAIL or XPASS.
  [[nodiscard]] std::string_view verdict() const;
  /// Failed unexpectedly: not listed, or not as listed.
  [[nodiscard]] bool is_bad() const;
  /// Failed unexpectedly, and affects the exit status. Failures of recommended requirements that are not listed do so
  /// only with `strict`.
  [[nodiscard]] bool counts(bool strict) const;
};

/// What is kept of a check that passed, where memory and files are to stay small.
struct Keep {
  bool observations = false;
  bool scenarios = false;
};

/// Takes what is reported out of an outcome. All is kept of what did not pass, but no observation of more than 256 KiB.
Result result_of(const conformance::Claim& claim, const std::string& id, kit::Outcome outcome, const Keep& keep = {});

struct Results {
  std::string specification;
  kit::Handshake handshake;     ///< as it was declared
  bool merges_buffers = false;  ///< judged with one buffer in place of several
  int seed = 0;
  unsigned rounds = 1;            ///< of --gtest_repeat; of a check, the worst result is kept
  unsigned rounds_differing = 0;  ///< in which a check had another verdict than in its first
  bool is_complete = true;        ///< false: the run is still going on, or was ended from outside
  std::vector<Result> checks;

  /// Each verdict, and how many checks have it.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::size_t>> summary() const;
};

}  // namespace recvinto::runner
