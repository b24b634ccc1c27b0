#include "runner/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace recvinto::runner {
namespace {

std::string key_of(const kit::Outcome& outcome) {
  return runner::key_of(outcome.cause, summary_of(outcome));
}

bool is_performed(const Result& result) {
  return result.outcome.verdict != kit::Verdict::kSkip && result.outcome.verdict != kit::Verdict::kNotRun;
}

/// As adapters/PROTOCOL.md has them: what the operating system refuses has a number, and these classes have a meaning.
bool is_known(const kit::Error& error) {
  constexpr std::array<std::string_view, 6> kClasses{"TimeoutError", "ValueError",   "OverflowError",
                                                     "TypeError",    "HandlerError", "RuntimeWarning"};
  return error.number.has_value() || std::ranges::find(kClasses, error.type) != kClasses.end();
}

/// What is wrong with a reply, without the reply, which is another each time.
std::string without_the_line(const std::string& summary) {
  return summary.substr(0, summary.find(": {"));
}

/// Nothing where the end of a check says nothing about the adapter.
std::optional<std::string> suspicious_end_of(const Result& result) {
  using enum kit::Verdict;
  const kit::Outcome& outcome = result.outcome;
  if (outcome.verdict == kCrash || outcome.verdict == kHang || outcome.verdict == kProtocol) {
    return fmt::format("{}: {}", name(outcome.verdict), without_the_line(key_of(outcome)));
  }
  if (outcome.verdict == kFail && result.last_error && !is_known(*result.last_error)) return result.last_error->type;
  return std::nullopt;
}

}  // namespace

std::string key_of(kit::Cause cause, const std::string& summary) {
  if (cause == kit::Cause::kDiffers) return summary;
  std::string key;
  for (const char letter : summary) {
    const bool is_digit = letter >= '0' && letter <= '9';
    if (!is_digit || !key.ends_with('#')) key += is_digit ? '#' : letter;
  }
  return key;
}

std::vector<Group> groups_of_failures(const Results& results) {
  std::map<std::pair<kit::Verdict, std::string>, Group> groups;
  for (const Result& result : results.checks) {
    if (!result.is_bad()) continue;
    Group& group = groups[{result.outcome.verdict, key_of(result.outcome)}];
    if (group.results.empty()) group = {result.outcome.verdict, summary_of(result.outcome), {}};
    group.results.push_back(&result);
  }
  std::vector<Group> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  // What was not performed comes last, however much it is.
  std::ranges::sort(sorted, {}, [](const Group& group) {
    const auto size = static_cast<std::ptrdiff_t>(group.results.size());
    return std::tuple(group.verdict == kit::Verdict::kNotRun, -size, group.verdict, std::string_view(group.summary));
  });
  return sorted;
}

std::optional<Suspicion> suspicion_of(const Results& results) {
  constexpr std::size_t kFewest = 10;
  std::map<std::string, Suspicion> ends;
  std::size_t performed = 0;
  for (const Result& result : results.checks) {
    if (!is_performed(result)) continue;
    ++performed;
    const std::optional<std::string> end = suspicious_end_of(result);
    if (!end) continue;
    Suspicion& suspicion = ends[*end];
    if (suspicion.first == nullptr) suspicion.first = &result;
    ++suspicion.count;
  }
  for (auto& [end, suspicion] : ends) {
    if (suspicion.count < kFewest || 2 * suspicion.count <= performed) continue;
    const kit::Outcome& outcome = suspicion.first->outcome;
    suspicion.how = outcome.verdict == kit::Verdict::kFail
                        ? end
                        : fmt::format("{}: {}", name(outcome.verdict), without_the_line(summary_of(outcome)));
    suspicion.performed = performed;
    return suspicion;
  }
  return std::nullopt;
}

std::optional<BrokenScattering> broken_scattering(const Results& results) {
  constexpr std::size_t kFewest = 10;
  BrokenScattering broken;
  for (const Result& result : results.checks) {
    if (!is_performed(result) || !result.claim->needs.contains(kit::Capability::kScatter)) continue;
    ++broken.performed;
    if (result.is_bad()) ++broken.failed;
  }
  if (broken.failed < kFewest || 2 * broken.failed <= broken.performed) return std::nullopt;
  return broken;
}

}  // namespace recvinto::runner
