#include "kit/oracle/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace recvinto::kit {
namespace {

constexpr std::size_t kLongest = 160;  ///< bytes of a value that are shown whole
constexpr std::size_t kContext = 24;   ///< bytes that are shown on both sides of what differs
constexpr std::size_t kShort = 24;     ///< bytes of a value that a summary has

std::size_t common_prefix(std::string_view one, std::string_view other) {
  return static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
}

std::size_t common_suffix(std::string_view one, std::string_view other) {
  const std::size_t most = std::min(one.size(), other.size());
  std::size_t length = 0;
  while (length < most && one[one.size() - 1 - length] == other[other.size() - 1 - length]) ++length;
  return length;
}

/// `text` without what lies more than kContext bytes away from [begin, end).
std::string cut(std::string_view text, std::size_t begin, std::size_t end) {
  const std::size_t from = begin > kContext ? begin - kContext : 0;
  const std::size_t to = std::min(std::min(end + kContext, from + 2 * kLongest), text.size());
  return fmt::format("{}{}{}", from == 0 ? "" : fmt::format("[{} more] ", from), text.substr(from, to - from),
                     to == text.size() ? "" : fmt::format(" [{} more]", text.size() - to));
}

/// Long values as far as they differ.
std::pair<std::string, std::string> shown(const Difference& difference) {
  const std::string_view expected = difference.expected;
  const std::string_view actual = difference.actual;
  if (expected.size() <= kLongest && actual.size() <= kLongest) return {difference.expected, difference.actual};
  const std::size_t prefix = common_prefix(expected, actual);
  const std::size_t suffix = common_suffix(expected.substr(prefix), actual.substr(prefix));
  return {cut(expected, prefix, expected.size() - suffix), cut(actual, prefix, actual.size() - suffix)};
}

}  // namespace

Differences differences_in(const std::vector<Comparison>& comparisons, const std::string& where) {
  Differences differences;
  for (const Comparison& row : comparisons) {
    if (!row.agrees) differences.push_back({where, row.field, row.expected, row.actual, row.summary});
  }
  return differences;
}

Differences located(Differences differences, const std::string& where) {
  for (Difference& difference : differences) {
    difference.where = difference.where.empty() ? where : fmt::format("{}: {}", where, difference.where);
  }
  return differences;
}

std::string text_of(const Differences& differences) {
  std::string text;
  for (auto first = differences.begin(); first != differences.end();) {
    const auto last =
        std::find_if(first, differences.end(), [&](const Difference& other) { return other.where != first->where; });
    if (!first->where.empty()) text += first->where + ":\n";
    std::vector<Comparison> rows;
    for (; first != last; ++first) {
      auto [expected, actual] = shown(*first);
      rows.push_back(
          {.field = first->field, .expected = std::move(expected), .actual = std::move(actual), .agrees = false});
    }
    text += table_of(rows);
  }
  return text;
}

std::string summary_of(const Differences& differences) {
  if (differences.empty()) return {};
  const Difference& first = differences.front();
  if (!first.summary.empty()) return first.summary;
  if (first.expected.size() > kShort || first.actual.size() > kShort) return first.field + " differs";
  return fmt::format("{}: expected {}, actual {}", first.field, first.expected, first.actual);
}

}  // namespace recvinto::kit
