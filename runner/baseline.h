#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kit/values/verdict.h"

namespace recvinto::runner {

/// Why a failure is known and stays for now.
enum class KnownKind {
  kBug,        ///< the implementation is wrong, and has not been fixed yet
  kDeviation,  ///< it is otherwise by choice, or no promise of its own is broken
  kPlatform,   ///< what it stands on is wrong: the system, a library
};

std::string_view name(KnownKind kind);

/// The reason of an entry that the program wrote and the user has not explained yet.
inline constexpr std::string_view kUnexplained = "to be explained";

/// One `[[known]]` of a baseline file.
struct Known {
  std::string check;  ///< the id of a check or the name of a law, or a glob over them: * and ?
  KnownKind kind = KnownKind::kBug;
  std::vector<kit::Verdict> verdicts{kit::Verdict::kFail};  ///< several, PASS perhaps among them: the outcome varies
  std::string reason;
  std::string link = {};
  std::string field = {};  ///< the first field that differs; empty: any
  /// The check may leave the process damaged, so that it ends in a later one.
  bool damages_process = false;
  std::string file = {};
  int line = 0;        ///< of its [[known]]
  int last_line = 0;   ///< of its last value
  int check_line = 0;  ///< where the value of "check" is: from one byte, counted from 1, to before another
  int check_begin = 0;
  int check_end = 0;

  [[nodiscard]] std::string where() const;          ///< "FILE:LINE"
  [[nodiscard]] std::string verdict_words() const;  ///< "FAIL", "FAIL or CRASH"
  [[nodiscard]] bool lists(kit::Verdict verdict) const;
};

/// The baseline cannot be what it says: it is broken, ambiguous, or speaks of what does not exist. Exit status 2.
class UnusableBaseline : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whether a name matches a glob, as GoogleTest's --gtest_filter does it: * is any text, ? any one letter.
bool matches(std::string_view glob, std::string_view name);

/// Reads a file's text. Throws UnusableBaseline, "FILE:LINE: what is wrong, and what to do".
std::vector<Known> parse_baseline(std::string_view text, const std::string& file);

/// The failures that are known, each bound to the checks that it matches.
class Baseline {
 public:
  Baseline() = default;
  /// `checks`: the ids of all that there are, whatever a filter chooses of them. Throws UnusableBaseline where two
  /// entries match the same one.
  Baseline(std::vector<Known> entries, const std::vector<std::string>& checks);
  Baseline(Baseline&&) = default;
  Baseline& operator=(Baseline&&) = default;

  /// Throws UnusableBaseline for entries that match no check, and for those that are not explained.
  void require_usable() const;
  /// The entry that lists this check, or null. Lives as long as the baseline.
  [[nodiscard]] const Known* entry_for(const std::string& check) const;
  [[nodiscard]] const std::vector<Known>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<std::string>& checks() const { return checks_; }
  /// In the order in which they were given.
  [[nodiscard]] std::vector<std::string> checks_of(const Known& entry) const;

 private:
  std::vector<Known> entries_;
  std::vector<std::string> checks_;
  std::map<std::string, const Known*> entry_of_check_;
};

}  // namespace recvinto::runner
