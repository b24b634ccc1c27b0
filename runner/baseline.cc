#include "runner/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "conformance/framework/toml_file.h"

namespace recvinto::runner {
namespace {

constexpr std::array kKinds{KnownKind::kBug, KnownKind::kDeviation, KnownKind::kPlatform};
// What can be expected of an implementation: SKIP and NOTRUN say nothing about it.
constexpr std::array kJudgements{kit::Verdict::kFail, kit::Verdict::kCrash, kit::Verdict::kHang,
                                 kit::Verdict::kProtocol};
constexpr std::array<std::string_view, 7> kKeys{"check",  "kind", "verdict",        "field",
                                                "reason", "link", "damages_process"};

using File = conformance::TomlFile<UnusableBaseline>;

/// toml++ counts columns in code points; an editor of bytes wants those. Both from 1.
int byte_column(std::string_view text, const toml::source_position& position) {
  for (auto line = position.line; line > 1; --line) text.remove_prefix(text.find('\n') + 1);
  std::size_t at = 0;
  for (auto column = position.column; column > 1 && at < text.size(); --column) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U);  // it goes on
  }
  return static_cast<int>(at) + 1;
}

kit::Verdict verdict_at(const File& file, const toml::node& node) {
  const auto word = node.value_exact<std::string>();
  const auto verdict = word ? conformance::named(kJudgements, *word) : std::nullopt;
  if (!verdict) file.complain(node, "the verdict is none of " + conformance::names_of(kJudgements));
  return *verdict;
}

/// One, or a list of several: PASS is among them where the outcome depends on what lies in memory.
std::vector<kit::Verdict> verdicts_at(const File& file, const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return {verdict_at(file, node)};
  std::vector<kit::Verdict> verdicts;
  for (const toml::node& one : *list) {
    const bool is_pass = one.value_exact<std::string_view>() == name(kit::Verdict::kPass);
    const kit::Verdict verdict = is_pass ? kit::Verdict::kPass : verdict_at(file, one);
    if (std::ranges::find(verdicts, verdict) != verdicts.end()) file.complain(one, "the verdict is listed twice");
    verdicts.push_back(verdict);
  }
  if (verdicts.empty()) file.complain(node, "the list of verdicts is empty");
  if (verdicts == std::vector{kit::Verdict::kPass}) file.complain(node, "PASS is listed beside a failure only");
  return verdicts;
}

Known parse_entry(std::string_view text, const File& file, const toml::table& entry) {
  Known known{.check = file.needed_text(entry, "check", "the id of a check, or a glob over ids"),
              .reason = file.needed_text(entry, "reason", "why this failure is expected"),
              .link = file.text_at(entry, "link").value_or(""),
              .field = file.text_at(entry, "field").value_or(""),
              .file = file.name(),
              .line = static_cast<int>(entry.source().begin.line)};
  for (const auto& [key, value] : entry) {
    if (std::ranges::find(kKeys, key.str()) == kKeys.end())
      file.complain(value,
                    fmt::format("\"{}\" is no key of an entry; there are {}", key.str(), conformance::names_of(kKeys)));
    known.last_line = std::max(known.last_line, static_cast<int>(value.source().end.line));
  }
  const auto kind =
      conformance::named(kKinds, file.needed_text(entry, "kind", "one of " + conformance::names_of(kKinds)));
  if (!kind) file.complain(*entry.get("kind"), "the kind is none of " + conformance::names_of(kKinds));
  known.kind = *kind;
  if (const toml::node* verdict = entry.get("verdict")) known.verdicts = verdicts_at(file, *verdict);
  if (const toml::node* damages = entry.get("damages_process")) {
    const auto value = damages->value_exact<bool>();
    if (!value) file.complain(*damages, "\"damages_process\" is true or false");
    known.damages_process = *value;
  }
  const toml::source_region& check = entry.get("check")->source();
  if (check.begin.line != check.end.line) file.complain(entry, "write the value of \"check\" on one line");
  known.check_line = static_cast<int>(check.begin.line);
  known.check_begin = byte_column(text, check.begin);
  known.check_end = byte_column(text, check.end);
  return known;
}

}  // namespace

std::string_view name(KnownKind kind) {
  switch (kind) {
    case KnownKind::kBug:
      return "bug";
    case KnownKind::kDeviation:
      return "deviation";
    case KnownKind::kPlatform:
      return "platform";
  }
  return "?";
}

std::string Known::where() const {
  return fmt::format("{}:{}", file, line);
}

std::string Known::verdict_words() const {
  std::string words;
  for (const kit::Verdict verdict : verdicts) words += fmt::format("{}{}", words.empty() ? "" : " or ", name(verdict));
  return words;
}

bool Known::lists(kit::Verdict verdict) const {
  return std::ranges::find(verdicts, verdict) != verdicts.end();
}

bool matches(std::string_view glob, std::string_view name) {
  // After a mismatch behind a star, the star takes one letter more.
  std::size_t at = 0;
  std::size_t letter = 0;
  std::optional<std::size_t> star;
  std::size_t taken = 0;
  while (letter < name.size()) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      taken = letter;
    } else if (at < glob.size() && (glob[at] == '?' || glob[at] == name[letter])) {
      ++at;
      ++letter;
    } else if (star) {
      at = *star + 1;
      letter = ++taken;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', at) == std::string_view::npos;
}

std::vector<Known> parse_baseline(std::string_view text, const std::string& name) {
  const File file(name);
  const toml::table root = file.parse(text);
  for (const auto& [key, value] : root) {
    if (key.str() != "known")
      file.complain(value, fmt::format("\"{}\" has no place here: a baseline is a list of [[known]]", key.str()));
  }
  std::vector<Known> known;
  if (!root.contains("known")) return known;
  const toml::array* entries = root["known"].as_array();
  if (entries == nullptr) file.complain(*root.get("known"), "write each entry as a [[known]] of its own");
  for (const toml::node& entry : *entries) {
    // An inline table could not be kept line by line when the file is brought up to date.
    if (!entry.is_table() || entry.as_table()->is_inline())
      file.complain(entry, "write each entry as a [[known]] of its own");
    known.push_back(parse_entry(text, file, *entry.as_table()));
  }
  return known;
}

Baseline::Baseline(std::vector<Known> entries, const std::vector<std::string>& checks)
    : entries_(std::move(entries)), checks_(checks) {
  for (const std::string& check : checks_) {
    for (const Known& entry : entries_) {
      if (!matches(entry.check, check)) continue;
      const auto [place, is_first] = entry_of_check_.try_emplace(check, &entry);
      if (is_first) continue;
      const Known& earlier = *place->second;
      const bool are_apart = !entry.field.empty() && !earlier.field.empty() && entry.field != earlier.field;
      if (are_apart) continue;
      throw UnusableBaseline(fmt::format("{}: \"{}\" and \"{}\" at {} both list {}: narrow one of them, or remove it",
                                         entry.where(), entry.check, earlier.check, earlier.where(), check));
    }
  }
}

void Baseline::require_usable() const {
  std::string complaints;
  const auto add = [&complaints](const Known& entry, const std::string& what) {
    complaints += fmt::format("{}{}: {}", complaints.empty() ? "" : "\n", entry.where(), what);
  };
  for (const Known& entry : entries_) {
    if (checks_of(entry).empty())
      add(entry, fmt::format("no check is named \"{}\": correct it, or remove the entry ('list' names them all)",
                             entry.check));
    if (entry.reason == kUnexplained)
      add(entry, fmt::format("the reason is still \"{}\": say why {} is expected", kUnexplained, entry.check));
  }
  if (!complaints.empty()) throw UnusableBaseline(complaints);
}

const Known* Baseline::entry_for(const std::string& check) const {
  const auto found = entry_of_check_.find(check);
  return found == entry_of_check_.end() ? nullptr : found->second;
}

std::vector<std::string> Baseline::checks_of(const Known& entry) const {
  std::vector<std::string> found;
  std::ranges::copy_if(checks_, std::back_inserter(found),
                       [&](const std::string& check) { return entry_for(check) == &entry; });
  return found;
}

}  // namespace recvinto::runner
