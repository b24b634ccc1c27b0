#include "runner/replay_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/host/interruption.h"
#include "kit/host/saved_scenario.h"
#include "property/framework/judging.h"
#include "property/framework/subject.h"
#include "runner/replay_report.h"

namespace recvinto::runner {
namespace {

/// An implementation, in a process of its own that is started when it is first needed.
class Performer {
 public:
  Performer(std::string specification, property::Access access)
      : specification_(std::move(specification)), access_(std::move(access)) {}

  /// Performs it and judges it, by the law that the file names or by the model.
  Replayed judge(const kit::ScenarioFile& file, property::KernelOracle& kernel) {
    return perform([&](property::Subject& subject) { return property::judge_file(file, subject, kernel); });
  }
  /// Only performs it.
  Replayed perform(const kit::ScenarioFile& file) {
    return perform([&](property::Subject& subject) { return property::perform_file(file, subject); });
  }
  /// What the law that judges the file says; empty: the model judges.
  [[nodiscard]] std::string sentence_for(const kit::ScenarioFile& file) const {
    if (!subject_) return {};
    const property::Law& law = property::law_for(file, subject_->world());
    return &law == &property::model_law() ? std::string() : std::string(law.sentence);
  }

 private:
  template <typename Work>
  Replayed perform(Work work) {
    Replayed replayed{.specification = specification_};
    if (!subject_) subject_.emplace(specification_, access_);
    replayed.handshake = subject_->handshake();
    try {
      replayed.outcome = work(*subject_);
    } catch (const kit::Interrupted&) {
      throw;
    } catch (...) {
      replayed.outcome = kit::outcome_of_current_exception({.is_given = true});
    }
    replayed.outcome.stderr_text = subject_->take_stderr();
    return replayed;
  }

  std::string specification_;
  property::Access access_;
  std::optional<property::Subject> subject_;
};

/// A directory stands for all of its *.json, in the order of their names.
std::vector<std::filesystem::path> files_of(const std::vector<std::filesystem::path>& given) {
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& path : given) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == ".json" && !entry.is_directory()) inside.push_back(entry.path());
    }
    if (inside.empty()) throw kit::UnreadableScenario(fmt::format("{}: there is no *.json in it", path.string()));
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

/// Before anything is performed: a file that cannot be read is wrong usage.
std::vector<Replay> replays_of(const std::vector<std::filesystem::path>& given) {
  std::vector<Replay> replays;
  try {
    for (const std::filesystem::path& file : files_of(given)) {
      replays.push_back({.path = file, .file = kit::read_scenario_file(file), .implementation = {}});
    }
  } catch (const std::system_error& error) {
    throw kit::UnreadableScenario(error.what());
  }
  return replays;
}

bool is_suite_fault(const Replay& replay) {
  return replay.implementation.outcome.is_suite_fault() || (replay.against && replay.against->outcome.is_suite_fault());
}

int exit_status(const std::vector<Replay>& replays) {
  if (std::ranges::any_of(replays, is_suite_fault)) return kExitSuiteFault;
  if (std::ranges::any_of(replays, &Replay::is_bad)) return kExitFailures;
  return std::ranges::any_of(replays, &Replay::is_performed) ? kExitAsExpected : kExitNothingRan;
}

}  // namespace

int replay(const Options& options, const kit::Catalogue& catalogue) {
  std::vector<Replay> replays = replays_of(options.replayed);
  static_cast<void>(catalogue.adapter_command(options.implementation));  // throws where there is no such SPEC
  if (options.against) static_cast<void>(catalogue.adapter_command(*options.against));
  std::signal(SIGPIPE, SIG_IGN);
  kit::catch_interruptions();
  kit::adopt_orphans();
  const property::Access access{
      .catalogue = catalogue, .deadline = options.deadline, .in_process = false, .kernel = options.kernel};
  Performer implementation(options.implementation, access);
  std::optional<Performer> other;
  if (options.against) other.emplace(*options.against, access);
  property::KernelOracle kernel(access);
  bool is_interrupted = false;
  for (Replay& replay : replays) {
    try {
      if (is_interrupted) throw kit::Interrupted("interrupted");
      replay.implementation = implementation.judge(replay.file, kernel);
      replay.sentence = implementation.sentence_for(replay.file);
      if (other) replay.against = other->perform(replay.file);
    } catch (const kit::Interrupted& error) {
      is_interrupted = true;
      replay.implementation = {.specification = options.implementation,
                               .outcome = kit::ended(kit::Cause::kInterrupted, error.what())};
    }
    if (!options.json) print(replay);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(replays).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return exit_status(replays);
}

}  // namespace recvinto::runner
