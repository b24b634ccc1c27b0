#include "runner/collector.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "runner/terminal.h"

namespace recvinto::runner {
namespace {

/// Of two results of the same check, for runs that repeat.
bool is_worse(const Result& one, const Result& other) {
  const auto badness = [](const Result& result) {
    if (result.outcome.is_suite_fault()) return 4;
    if (result.is_bad()) return 3;
    if (result.failed_as_listed()) return 2;
    return result.outcome.verdict == kit::Verdict::kSkip ? 1 : 0;
  };
  return badness(one) > badness(other);
}

}  // namespace

Collector::Collector(Results& results, const Baseline& baseline, const std::vector<RegisteredCheck>& checks,
                     const std::vector<std::size_t>& chosen,
                     std::function<std::string(const std::string& id)> reproduction_of, ResultFiles& files,
                     bool is_quiet)
    : results_(results),
      baseline_(baseline),
      checks_(checks),
      chosen_(chosen),
      reproduction_of_(std::move(reproduction_of)),
      files_(files),
      is_quiet_(is_quiet),
      on_terminal_(!is_quiet && isatty(STDOUT_FILENO) != 0) {
  for (const std::size_t check : chosen) ++topics_[checks[check].claim->topic].chosen;
}

void Collector::take(Result result, unsigned round) {
  result.known = baseline_.entry_for(result.id);
  result.repro = reproduction_of_(result.id);
  if (result.is_bad()) ++bad_;
  note_verdict(result, round);
  show_progress(result, round);
  keep(std::move(result));
}

void Collector::note_verdict(const Result& result, unsigned round) {
  results_.rounds = std::max(results_.rounds, round + 1);
  verdicts_[result.id][round] = result.outcome.verdict;
}

void Collector::keep(Result result) {
  const auto [place, is_new] = place_.try_emplace(result.id, results_.checks.size());
  if (is_new) {
    results_.checks.push_back(std::move(result));
    files_.add(results_, results_.checks.back());
  } else if (Result& earlier = results_.checks[place->second]; is_worse(result, earlier)) {
    earlier = std::move(result);
    files_.replace(results_, earlier);
  }
}

void Collector::complete(kit::Cause cause, const std::string& reason) {
  for (const std::size_t check : chosen_) {
    const RegisteredCheck& missing = checks_[check];
    if (place_.contains(missing.id)) continue;
    Result result = result_of(*missing.claim, missing.id, kit::ended(cause, reason));
    result.known = baseline_.entry_for(missing.id);
    result.repro = reproduction_of_(missing.id);
    keep(std::move(result));
  }
  std::map<std::string, std::size_t> turns;
  for (const std::size_t check : chosen_) turns.emplace(checks_[check].id, turns.size());
  std::ranges::sort(results_.checks, {}, [&turns](const Result& result) { return turns.at(result.id); });

  std::set<unsigned> differing;
  for (const auto& [id, verdicts] : verdicts_) {
    for (const auto& [round, verdict] : verdicts) {
      if (verdict != verdicts.begin()->second) differing.insert(round);
    }
  }
  results_.rounds_differing = static_cast<unsigned>(differing.size());
  if (on_terminal_) show_live("");
  std::fflush(stdout);
}

void Collector::show_progress(const Result& result, unsigned round) {
  const std::string& name = result.claim->topic;
  Topic& topic = topics_[name];
  const std::size_t done = ++done_[round];
  const bool is_done = ++topic.done[round] == topic.chosen;
  if (is_quiet_) return;
  if (on_terminal_) {
    const auto elapsed = std::chrono::steady_clock::now() - begin_;
    show_live(progress_line(done, chosen_.size(), bad_, std::chrono::duration_cast<std::chrono::milliseconds>(elapsed),
                            name));
  } else if (is_done) {
    fmt::print("{}/{} checks, {} failed: {} done\n", done, chosen_.size(), bad_, name);
  }
  std::fflush(stdout);
}

}  // namespace recvinto::runner
