#include "runner/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runner/causes.h"
#include "runner/failure_text.h"
#include "runner/missing_words.h"
#include "runner/terminal.h"

namespace recvinto::runner {
namespace {

/// Lines of a report without --verbose: what is found on one screen after the other is not read.
constexpr std::size_t kMostLinesInFull = 160;
constexpr std::size_t kMostLines = 250;
constexpr std::size_t kMostNames = 20;

/// Prints, and counts the lines.
class Printer {
 public:
  void print(const std::string& text) {
    lines_ += lines_of(text);
    print_visibly(text);
  }
  [[nodiscard]] std::size_t lines() const { return lines_; }
  static std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

 private:
  std::size_t lines_ = 0;
};

std::string where_the_rest_is(bool is_written) {
  return is_written ? "in results.json" : "--verbose shows all, --out DIR keeps them";
}

std::string heading_of(const Group& group) {
  constexpr std::size_t kLongest = 160;
  const std::string_view summary = group.summary;
  return fmt::format("{} {}: {}{}\n", group.results.size(), name(group.verdict), summary.substr(0, kLongest),
                     summary.size() > kLongest ? " ..." : "");
}

/// The first in full, the others by name.
std::string text_of(const Group& group, bool is_written) {
  const std::vector<const Result*>& results = group.results;
  std::string text;
  if (results.size() > 1) text += "\n" + heading_of(group);
  text += text_of_failure(*results[0], Detail::kEssential);
  if (results.size() > 1) text += "  the same of\n";
  for (std::size_t i = 1; i < results.size(); ++i) {
    if (i > kMostNames && results.size() > kMostNames + 2) {
      text += fmt::format("    ... {} more: {}\n", results.size() - i, where_the_rest_is(is_written));
      break;
    }
    text += fmt::format("    {}\n", results[i]->id);
  }
  return text;
}

void print_groups(const std::vector<Group>& groups, bool is_written) {
  Printer printer;
  std::size_t left_out = 0;
  bool in_full = true;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    if (in_full) {
      const std::string text = text_of(group, is_written);
      in_full = i == 0 || printer.lines() + Printer::lines_of(text) <= kMostLinesInFull;
      if (in_full) {
        printer.print(text);
        continue;
      }
      printer.print(fmt::format("\nOther causes ({})\n", where_the_rest_is(is_written)));
    }
    if (printer.lines() >= kMostLines) {
      left_out += group.results.size();
    } else {
      printer.print(fmt::format("  {}    {}{}\n", heading_of(group), group.results[0]->id,
                                group.results.size() > 1 ? ", ..." : ""));
    }
  }
  if (left_out != 0) printer.print(fmt::format("  ... and {} more failures\n", left_out));
}

void print_suspicion(const Suspicion& suspicion, const std::string& specification) {
  const Result& first = *suspicion.first;
  say("\nMost checks end in {} ({} of {}): is this an error of your adapter?\n", suspicion.how, suspicion.count,
      suspicion.performed);
  if (first.last_error && !first.last_error->message.empty()) {
    say("  it says      {}\n", in_one_line(first.last_error->message).substr(0, 160));
  }
  say("  look at      its standard error, and adapters/PROTOCOL.md (Errors)\n  try          {}\n", first.repro);
  say("  examine it   recvmsg-conformance doctor {}\n", quoted_for_shell(specification));
}

void print_unexpected_passes(const Results& results, bool is_verbose) {
  std::map<const Known*, std::vector<const Result*>> passes;
  std::vector<const Known*> entries;  // in the order of the run
  for (const Result& result : results.checks) {
    if (!result.passed_though_listed()) continue;
    std::vector<const Result*>& of_entry = passes[result.known];
    if (of_entry.empty()) entries.push_back(result.known);
    of_entry.push_back(&result);
  }
  for (const Known* entry : entries) {
    const std::vector<const Result*>& of_entry = passes[entry];
    for (const Result* result : of_entry) {
      if (is_verbose || result == of_entry[0]) print_visibly(text_of_unexpected_pass(*result));
    }
    if (!is_verbose && of_entry.size() > 1) say("  so do        {} more of this entry\n", of_entry.size() - 1);
  }
}

void print_missing_words(const std::vector<MissingWord>& words) {
  if (words.empty()) return;
  say("not declared: how many checks are skipped for each word, and how many it would bring by itself:\n");
  for (const MissingWord& word : words) say("{:8} {:5}  {}\n", word.checks, word.alone, word.word);
}

}  // namespace

void print_failures(const Results& results, bool is_verbose, bool is_written) {
  if (const auto suspicion = suspicion_of(results)) print_suspicion(*suspicion, results.specification);
  const std::vector<Group> groups = groups_of_failures(results);
  if (is_verbose) {
    for (const Group& group : groups) {
      if (group.results.size() > 1) say("\n{}", heading_of(group));
      for (const Result* result : group.results) print_visibly(text_of_failure(*result, Detail::kAll));
    }
  } else {
    print_groups(groups, is_written);
  }
  print_unexpected_passes(results, is_verbose);
}

void print_skips(const Results& results, bool is_verbose) {
  std::map<std::string, std::size_t> reasons;
  std::map<std::string, std::size_t> of_this_host;
  for (const Result& result : results.checks) {
    if (result.outcome.verdict != kit::Verdict::kSkip || result.kernel_deviates()) continue;
    if (!is_verbose && !missing_words_of(result, results.handshake).empty()) continue;
    ++(result.outcome.cause == kit::Cause::kHostLacks ? of_this_host : reasons)[result.outcome.reason];
  }
  for (const auto& [reason, count] : reasons) say("skipped {:4}: {}\n", count, reason);
  print_missing_words(missing_words(results));
  if (of_this_host.empty()) return;
  say("not judged on this host:\n");
  for (const auto& [reason, count] : of_this_host) say("skipped {:4}: {}\n", count, reason);
}

void print_kernel_deviations(const Results& results) {
  const auto count = std::ranges::count_if(results.checks, &Result::kernel_deviates);
  if (count == 0) return;
  say("kernel  {:4}: this host's kernel deviates; not held against {}\n", count, results.handshake.name);
  for (const Result& result : results.checks) {
    if (result.kernel_deviates()) say("  {}: {}\n", result.id, result.outcome.reason);
  }
}

void print_known(const Results& results, const Baseline& baseline) {
  std::string left_out;
  for (const Known& entry : baseline.entries()) {
    std::size_t failed = 0;
    std::size_t skipped = 0;
    std::size_t chosen = 0;
    std::size_t damaged = 0;
    for (const Result& result : results.checks) {
      if (result.damaged_by == &entry) ++damaged;
      if (result.known != &entry) continue;
      ++chosen;
      if (result.failed_as_listed()) ++failed;
      if (result.outcome.verdict == kit::Verdict::kSkip) ++skipped;
    }
    if (chosen == 0) left_out += fmt::format("{}{}", left_out.empty() ? "" : ", ", entry.line);
    if (failed == 0 && skipped == 0 && damaged == 0) continue;
    say("known   {:4}: {}, {} ({}{}{})\n", failed, name(entry.kind), in_one_line(entry.reason), entry.where(),
        skipped == 0 ? "" : fmt::format(", {} skipped", skipped),
        damaged == 0 ? "" : fmt::format("; the process ended in later checks, which were judged alone: {}", damaged));
  }
  if (!left_out.empty())
    say("{}: none of their checks was chosen: the entries at line {}\n", baseline.entries()[0].file, left_out);
}

void print_what_next(const Results& results, const Options& options) {
  if (std::ranges::none_of(results.checks, &Result::is_bad)) return;
  if (const auto broken = broken_scattering(results)) {
    say("what else      {} of {} checks about several buffers fail: --merge-buffers shows what fails besides\n",
        broken->failed, broken->performed);
  }
  if (options.out) {
    say("what next      {} has all of it\n", (*options.out / "report.html").string());
  } else if (options.command == Options::Command::kRun && !options.baseline) {
    say("what next      --out DIR writes report.html; 'baseline --write FILE' lists what is known to fail\n");
  }
}

void print_summary(const Results& results, std::chrono::milliseconds time) {
  std::string text;
  for (const auto& [verdict, count] : results.summary()) {
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  }
  say("{} {} ({}{}): {} checks in {:.2f} s: {}\n", results.handshake.name, results.handshake.version,
      results.specification, results.merges_buffers ? ", buffers merged" : "", results.checks.size(),
      static_cast<double>(time.count()) / 1000.0, text);
}

}  // namespace recvinto::runner
