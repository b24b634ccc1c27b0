#include "runner/alone.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace recvinto::runner {
namespace {

constexpr std::size_t kMost = 32;
constexpr std::ptrdiff_t kNamed = 4;  // of the checks that came before

bool ended(const kit::Outcome& outcome) {
  return outcome.cause == kit::Cause::kEnded;
}

/// The last check before it that damages the process, by what the baseline says.
const Known* damage_before(const Result& result, const Baseline& baseline) {
  for (auto check = result.before.rbegin(); check != result.before.rend(); ++check) {
    const Known* entry = baseline.entry_for(*check);
    if (entry != nullptr && entry->damages_process) return entry;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> crashed_behind_others(const Results& results) {
  std::vector<std::string> checks;
  for (const Result& result : results.checks) {
    if (checks.size() == kMost) break;
    if (ended(result.outcome) && !result.before.empty() && !result.failed_as_listed()) checks.push_back(result.id);
  }
  return checks;
}

void note_alone(Result& result, Result alone, const Baseline& baseline) {
  const kit::Verdict verdict = alone.outcome.verdict;
  if (const Known* damage = damage_before(result, baseline); damage != nullptr && !ended(alone.outcome)) {
    alone.known = result.known;
    alone.repro = std::move(result.repro);
    alone.before = std::move(result.before);
    alone.damaged_by = damage;
    result = std::move(alone);
  } else if (ended(alone.outcome)) {
    result.outcome.reason += "\nalone, in a process of its own, it ends so too";
  } else {
    const auto last = std::prev(result.before.end(), std::min(kNamed, std::ssize(result.before)));
    result.outcome.reason += fmt::format(
        "\ndoes not recur alone: in a process of its own the check is {}; the process had performed {}, the last of "
        "them {}",
        name(verdict), result.before.size() == 1 ? "1 check" : fmt::format("{} checks", result.before.size()),
        fmt::join(last, result.before.end(), ", "));
  }
  result.alone = verdict;
}

}  // namespace recvinto::runner
