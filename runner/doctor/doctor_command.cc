#include "runner/doctor/doctor_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/host/interruption.h"
#include "runner/doctor/steps.h"
#include "runner/terminal.h"

namespace recvinto::runner {
namespace {

std::string_view word_of(Finding::Is result) {
  switch (result) {
    case Finding::Is::kRight:
      return "right";
    case Finding::Is::kLeftOut:
      return "left out";
    case Finding::Is::kWrong:
      return "WRONG";
  }
  return "";
}

/// The last lines.
std::string_view tail_of(std::string_view text) {
  constexpr int kMostLines = 6;
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t begin = text.size();
  for (int lines = 0; lines < kMostLines && begin != std::string_view::npos; ++lines) {
    begin = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  }
  return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

/// Lines that follow the first begin below it.
std::string below_the_first(std::string_view text) {
  std::string lines;
  for (const char letter : text)
    lines += letter == '\n' ? "\n                                 " : std::string(1, letter);
  return lines;
}

/// Performs steps, and counts.
class Examination {
 public:
  Examination(std::vector<std::string> command, std::chrono::milliseconds deadline)
      : examined_(std::move(command), deadline) {}

  void perform(const std::vector<DoctorStep>& steps) {
    for (const DoctorStep& step : steps) {
      kit::throw_if_interrupted();
      const Finding finding = step.examine(examined_);
      print(step.name, finding);
      std::fflush(stdout);
      ++count_;
      if (finding.result != Finding::Is::kWrong) continue;
      if (wrong_++ == 0) first_wrong_ = step.name;
      if (!examined_.has_started()) return;
    }
  }

  [[nodiscard]] bool has_started() const { return examined_.has_started(); }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int wrong() const { return wrong_; }
  [[nodiscard]] const std::string& first_wrong() const { return first_wrong_; }

 private:
  /// What was found before is not said in full again, nor what to do about it.
  void print(const std::string& step, const Finding& finding) {
    const bool is_wrong = finding.result == Finding::Is::kWrong;
    const auto [earlier, is_new] = is_wrong ? found_.emplace(finding.found, step) : std::pair(found_.end(), true);
    line(word_of(finding.result), step, is_new ? finding.found : "as in the step " + earlier->second);
    if (!is_new) return;
    if (!finding.next.empty() && advice_.insert(finding.next).second) line("", "  next", finding.next);
    if (is_wrong && !finding.stderr_text.empty()) line("", "  standard error", tail_of(finding.stderr_text));
  }
  static void line(std::string_view word, std::string_view name, std::string_view text) {
    constexpr std::size_t kLongest = 400;
    say("{:8}  {:22} {}{}\n", word, name, below_the_first(text.substr(0, kLongest)),
        text.size() > kLongest ? " ..." : "");
  }

  ExaminedAdapter examined_;
  std::map<std::string, std::string> found_;  ///< what is wrong, and the step that found it
  std::set<std::string> advice_;
  int count_ = 0;
  int wrong_ = 0;
  std::string first_wrong_;
};

}  // namespace

int examine(const Options& options, const kit::Catalogue& catalogue) {
  std::signal(SIGPIPE, SIG_IGN);
  kit::catch_interruptions();
  kit::adopt_orphans();
  const std::string specification = quoted_for_shell(options.implementation);
  Examination examination(catalogue.adapter_command(options.implementation), options.deadline);
  examination.perform(steps_of_the_start());
  if (!examination.has_started()) {
    say("\nIt is no adapter yet; recvmsg-conformance init LANGUAGE DIR writes one to begin from.\n");
    return kExitCannotStart;
  }
  for (const auto& steps : {steps_of_the_protocol(), steps_of_calls(), steps_of_waiting(), steps_of_crash_and_hang()}) {
    examination.perform(steps);
  }
  if (examination.wrong() == 0) {
    say("\nThe adapter does what adapters/PROTOCOL.md asks of it: what a run finds is the implementation's.\n"
        "what next      recvmsg-conformance run --implementation {}\n",
        specification);
    return kExitAsExpected;
  }
  say("\n{} of {} steps are wrong. Begin with the first, {}: what follows may come of it.\n"
      "what next      recvmsg-conformance doctor {}\n",
      examination.wrong(), examination.count(), examination.first_wrong(), specification);
  return kExitFailures;
}

}  // namespace recvinto::runner
