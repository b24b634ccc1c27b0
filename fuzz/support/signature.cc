#include "fuzz/support/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

namespace recvinto::fuzz {
namespace {

using Words = std::vector<std::string_view>;

/// The items of a list as differences write it.
Words words_of(std::string_view text, std::string_view separator) {
  Words words;
  if (text.empty() || text == "none" || text == "missing" || text == "0") return words;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + separator.size());
  }
  return words;
}

/// Those of `words` that `others` has not, as often as it has not.
Words without(const Words& words, Words others) {
  Words left;
  for (const std::string_view word : words) {
    const auto found = std::ranges::find(others, word);
    if (found == others.end()) {
      left.push_back(word);
    } else {
      others.erase(found);
    }
  }
  return left;
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || (end != text.data() + text.size() && *end != ' ')) return std::nullopt;
  return number;
}

std::vector<std::string> flags_that_differ(const kit::Difference& difference) {
  const Words expected = words_of(difference.expected, "|");
  const Words actual = words_of(difference.actual, "|");
  std::vector<std::string> symptoms;
  for (const std::string_view flag : without(expected, actual))
    symptoms.push_back(fmt::format("msg_flags without {}", flag));
  for (const std::string_view flag : without(actual, expected))
    symptoms.push_back(fmt::format("msg_flags with {}", flag));
  return symptoms;
}

std::string_view how_a_list_differs(const kit::Difference& difference) {
  const std::string_view separator = difference.field == "ancdata" ? "; " : ", ";
  const Words expected = words_of(difference.expected, separator);
  const Words actual = words_of(difference.actual, separator);
  if (without(actual, expected).empty() && actual.size() < expected.size()) return "fewer";
  if (without(expected, actual).empty() && actual.size() > expected.size()) return "more";
  return "other";
}

constexpr std::array<std::string_view, 6> kLists{"ancdata",  "descriptors", "pidfds",
                                                 "warnings", "facts",       "left open, unreported"};
/// What comes and goes together: a lost item is a lost descriptor, which may stay open.
constexpr std::array<std::string_view, 5> kOfItems{"ancdata", "descriptors", "pidfds", "close-on-exec", "left open"};

bool begins_with_one_of(std::string_view symptom, const auto& fields) {
  return std::ranges::any_of(fields, [symptom](std::string_view field) { return symptom.starts_with(field); });
}

std::string without_digits(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!is_digit) {
      result += letter;
    } else if (!result.ends_with('N')) {
      result += 'N';
    }
  }
  return result;
}

std::string symptom_of(const kit::Difference& difference) {
  const std::string_view field = difference.field;
  if (!difference.summary.empty()) return without_digits(difference.summary);
  if (field.starts_with("buffer") || field.ends_with("more buffers")) return "buffers other";
  if (std::ranges::find(kLists, field) != kLists.end())
    return fmt::format("{} {}", field, how_a_list_differs(difference));
  const std::optional<double> expected = number_in(difference.expected);
  const std::optional<double> actual = number_in(difference.actual);
  if (expected && actual && *expected != *actual)
    return fmt::format("{} {}", field, *actual < *expected ? "less" : "more");
  if (difference.actual == "none" || difference.actual == "missing") return fmt::format("{} missing", field);
  if (difference.expected == "none") return fmt::format("{} not expected", field);
  return fmt::format("{} other", without_digits(field));
}

}  // namespace

std::vector<std::string> symptoms_of(const kit::Difference& difference) {
  if (difference.field == "msg_flags") return flags_that_differ(difference);
  return {symptom_of(difference)};
}

std::vector<std::string> symptoms_of(const kit::Outcome& outcome) {
  if (outcome.differences.empty()) {
    const std::string summary = kit::summary_of(outcome);
    return {without_digits(fmt::format("{}: {}", kit::name(outcome.cause), summary.substr(0, summary.find(": "))))};
  }
  std::vector<std::string> symptoms;
  for (const kit::Difference& difference : outcome.differences) {
    if (difference.where != outcome.differences.front().where) break;
    for (std::string& symptom : symptoms_of(difference)) {
      if (std::ranges::find(symptoms, symptom) == symptoms.end()) symptoms.push_back(std::move(symptom));
    }
  }
  return symptoms;
}

bool follows_from(const std::string& symptom, const std::string& first) {
  if (first.starts_with("error") || first.starts_with("success")) return true;
  if (first.starts_with("nbytes")) return symptom.starts_with("buffers");
  return begins_with_one_of(first, kOfItems) && begins_with_one_of(symptom, kOfItems);
}

std::string family_of(const kit::SocketKind& kind) {
  if (kind.is_unix()) return "unix";
  return kind.is_inet() ? "internet" : std::string(kind.name);
}

std::string signature_of(const std::string& law, const std::string& symptom, const kit::SocketKind& kind) {
  return fmt::format("{}: {}, on {}", law, symptom, family_of(kind));
}

std::string severity_of(const std::string& symptom) {
  static constexpr std::array<std::string_view, 5> kOfDescriptors{"descriptors", "pidfds", "left open", "close-on-exec",
                                                                  "took-more"};
  static constexpr std::array<std::string_view, 3> kOfMemory{"buffers", "bytes that were never sent",
                                                             "bytes were returned"};
  if (begins_with_one_of(symptom, kOfDescriptors)) return "descriptor";
  return begins_with_one_of(symptom, kOfMemory) ? "memory" : "disagreement";
}

}  // namespace recvinto::fuzz
