#include "runner/baseline_update.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

namespace recvinto::runner {
namespace {

constexpr std::size_t kWidth = 120;

/// With their ends of line.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// Its first letter that is not blank, or 0.
char first_letter(const std::string& line) {
  const std::size_t at = line.find_first_not_of(" \t\r\n");
  return at == std::string::npos ? '\0' : line[at];
}

std::string claim_of(const std::string& check) {
  return check.substr(0, check.find('/'));
}

std::string comment(const std::string& text) {
  std::string lines;
  std::string line = "#";
  for (const auto word : text | std::views::split(' ')) {
    const std::string_view letters(word.begin(), word.end());
    if (line.size() + 1 + letters.size() > kWidth) lines += std::exchange(line, "#  ") + '\n';
    line += ' ';
    line += letters;
  }
  return lines + line + '\n';
}

std::string new_entry(const std::string& check, const Result& example) {
  std::string text;
  for (const std::string& slug : example.claim->requirements) {
    const conformance::Requirement& requirement = conformance::requirement_named(slug);
    text += comment(fmt::format("{} ({}): {}", slug, name(requirement.level), requirement.sentence));
    text += comment(requirement.citation);
  }
  text += fmt::format("[[known]]\ncheck = \"{}\"\nkind = \"{}\"\n", check, name(KnownKind::kDeviation));
  const std::string_view verdict = name(example.outcome.verdict);
  if (example.alone && *example.alone != example.outcome.verdict) {
    text += fmt::format("verdict = [\"{}\", \"{}\"]\n", verdict, name(*example.alone));
  } else if (example.outcome.verdict != kit::Verdict::kFail) {
    text += fmt::format("verdict = \"{}\"\n", verdict);
  }
  return text + fmt::format("reason = \"{}\"\n", kUnexplained);
}

/// What has become of the checks of an entry.
struct Fate {
  std::vector<std::string> stay;  ///< they ended as listed, or were not judged
  std::vector<std::string> pass;
  std::vector<std::string> fail_otherwise;
};

Fate fate_of(const Known& entry, const Baseline& baseline, const std::map<std::string, const Result*>& results) {
  Fate fate;
  for (const std::string& check : baseline.checks_of(entry)) {
    const auto found = results.find(check);
    const kit::Verdict verdict = found == results.end() ? kit::Verdict::kNotRun : found->second->outcome.verdict;
    if (verdict == kit::Verdict::kPass && !entry.lists(verdict)) {
      fate.pass.push_back(check);
    } else if (entry.lists(verdict) || verdict == kit::Verdict::kSkip || verdict == kit::Verdict::kNotRun) {
      fate.stay.push_back(check);
    } else {
      fate.fail_otherwise.push_back(check);
    }
  }
  return fate;
}

std::string change(const Known& entry, const Fate& fate) {
  std::string why;
  if (!fate.pass.empty()) why = fmt::format("{} passes now", fmt::join(fate.pass, ", "));
  if (!fate.fail_otherwise.empty())
    why += fmt::format("{}{} fails otherwise", why.empty() ? "" : "; ", fmt::join(fate.fail_otherwise, ", "));
  if (why.empty()) why = "no such check";
  return fmt::format("{} \"{}\" ({}): {}", fate.stay.empty() ? "removed" : "narrowed", entry.check, entry.where(), why);
}

/// The lines of a file, of which some are kept.
class Editor {
 public:
  explicit Editor(std::string_view text) : lines_(lines_of(text)) {}

  /// Copies all up to the entry and the comments right above it.
  void go_to(const Known& entry) {
    comments_ = index_of(entry.line);
    while (comments_ > next_ && first_letter(lines_[comments_ - 1]) == '#') --comments_;
    while (next_ < comments_) text_ += lines_[next_++];
  }
  void keep(const Known& entry) {
    while (next_ <= index_of(entry.last_line)) text_ += lines_[next_++];
  }
  void remove(const Known& entry) {
    next_ = index_of(entry.last_line) + 1;
    if (!text_.empty() && !text_.ends_with("\n\n")) return;
    while (next_ < lines_.size() && first_letter(lines_[next_]) == '\0') ++next_;
  }
  /// Writes it once for each of `checks`, the comments once.
  void narrow(const Known& entry, const std::vector<std::string>& checks) {
    while (next_ < index_of(entry.line)) text_ += lines_[next_++];
    for (const std::string& check : checks) {
      if (&check != checks.data()) text_ += '\n';
      for (std::size_t line = next_; line <= index_of(entry.last_line); ++line) {
        std::string written = lines_[line];
        if (line == index_of(entry.check_line)) {
          written.replace(static_cast<std::size_t>(entry.check_begin) - 1,
                          static_cast<std::size_t>(entry.check_end - entry.check_begin), '"' + check + '"');
        }
        text_ += written;
      }
    }
    next_ = index_of(entry.last_line) + 1;
  }
  void append(const std::string& entry) {
    copy_rest();
    if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
    if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
    text_ += entry;
  }
  std::string text() {
    copy_rest();
    return text_;
  }

 private:
  static std::size_t index_of(int line) { return static_cast<std::size_t>(line) - 1; }
  void copy_rest() {
    while (next_ < lines_.size()) text_ += lines_[next_++];
  }

  std::vector<std::string> lines_;
  std::size_t next_ = 0;  // the first line that is not dealt with
  std::size_t comments_ = 0;
  std::string text_;
};

}  // namespace

std::vector<std::string> covering(const std::vector<std::string>& checks, const std::vector<std::string>& all) {
  const auto count = [](const std::vector<std::string>& ids, const std::string& claim) {
    return std::ranges::count(ids, claim, claim_of);
  };
  std::vector<std::string> globs;
  for (const std::string& check : checks) {
    const std::string claim = claim_of(check);
    const auto total = count(all, claim);
    const std::string glob = total > 1 && count(checks, claim) == total ? claim + "/*" : check;
    if (std::ranges::find(globs, glob) == globs.end()) globs.push_back(glob);
  }
  return globs;
}

UpdatedBaseline updated(std::string_view text, const Baseline& baseline, const Results& results, bool strict) {
  std::map<std::string, const Result*> by_id;
  for (const Result& result : results.checks) by_id[result.id] = &result;

  UpdatedBaseline updated;
  Editor editor(text);
  for (const Known& entry : baseline.entries()) {
    const Fate fate = fate_of(entry, baseline, by_id);
    editor.go_to(entry);
    if (!fate.stay.empty() && fate.pass.empty() && fate.fail_otherwise.empty()) {
      editor.keep(entry);
      continue;
    }
    updated.changes.push_back(change(entry, fate));
    if (fate.stay.empty()) {
      editor.remove(entry);
    } else {
      editor.narrow(entry, covering(fate.stay, baseline.checks()));
    }
  }

  std::map<kit::Verdict, std::vector<std::string>> failed;
  for (const Result& result : results.checks) {
    if (result.counts(strict) && result.outcome.verdict != kit::Verdict::kNotRun)
      failed[result.outcome.verdict].push_back(result.id);
  }
  for (const auto& [verdict, checks] : failed) {
    for (const std::string& glob : covering(checks, baseline.checks())) {
      const auto example = std::ranges::find_if(checks, [&](const std::string& check) { return matches(glob, check); });
      editor.append(new_entry(glob, *by_id.at(*example)));
      updated.changes.push_back(fmt::format("added \"{}\": {}, {}", glob, name(verdict), kUnexplained));
    }
  }
  updated.text = editor.text();
  return updated;
}

}  // namespace recvinto::runner
