#include "conformance/runner/replay_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "conformance/runner/replay_report.h"
#include "fixtures/implementations/adapter_process.h"
#include "fixtures/implementations/interruption.h"
#include "fixtures/implementations/specification.h"
#include "fixtures/model/unpredictable.h"
#include "fixtures/scripted_kernel/probe.h"
#include "fixtures/stage/perform.h"
#include "property/framework/answers.h"
#include "property/framework/campaign.h"

namespace recvinto::conformance {
namespace {

using Ending = Performance::Ending;

/// An implementation, in a process that is started when it is first needed.
class Performer {
 public:
  Performer(const std::string& specification, const std::string& this_program, const Options& options)
      : specification_(specification), command_(kit::adapter_command(specification, this_program)), options_(options) {}

  Performance perform(const kit::Scenario& scenario) {
    Performance performance{.specification = specification_};
    const auto end = [&](Ending ending, std::string reason) {
      performance.ending = ending;
      performance.reason = std::move(reason);
    };
    try {
      perform(scenario, performance);
    } catch (const kit::ImplementationFailure& failure) {
      end(Ending::kFailed, fmt::format("{}: {}", name(failure.verdict()), failure.what()));
    } catch (const kit::Unsupported& refusal) {
      end(Ending::kFailed, fmt::format("declares what this needs, but answered \"unsupported\": {}", refusal.what()));
    } catch (const kit::EnvironmentLacks& lack) {
      end(Ending::kNotPerformed, fmt::format("this host: {}", lack.what()));
    } catch (const kit::CannotPerform& error) {
      end(Ending::kNotPerformed, error.what());
    }
    if (process_) performance.stderr_text = process_->take_stderr();
    // Nothing of what went wrong is to be met by the next scenario.
    if (performance.ending != Ending::kDone) process_.reset();
    return performance;
  }

 private:
  void perform(const kit::Scenario& scenario, Performance& performance) {
    start(kit::is_scripted(scenario) && options_.kernel == kit::KernelMode::kHost ? kit::KernelMode::kPass
                                                                                  : options_.kernel);
    performance.handshake = process_->handshake();
    const kit::Capabilities needed = kit::needed_for(scenario);
    const kit::Capabilities missing = needed - performance.handshake.capabilities;
    if (!missing.empty()) {
      performance.ending = Ending::kNotPerformed;
      performance.reason = fmt::format("it does not declare {}", kit::joined_names(missing));
      return;
    }
    process_->prepare();
    kit::Stage stage(*process_, scenario.kind, needed);
    const auto take_observations = [&] {
      for (const kit::Stage::Event& event : stage.history()) {
        if (const auto* seen = std::get_if<kit::Observation>(&event)) performance.observations.push_back(*seen);
      }
    };
    try {
      kit::perform(stage, scenario);
    } catch (const std::exception&) {
      take_observations();
      throw;
    }
    take_observations();
  }

  /// In that mode, unless it runs in it.
  void start(kit::KernelMode mode) {
    if (process_ && mode_ == mode) return;
    if (mode != kit::KernelMode::kHost && !kit::scripted_kernel_support().available()) {
      throw kit::EnvironmentLacks("no scripted kernel: " + kit::scripted_kernel_support().lacking);
    }
    process_.reset();
    process_ = std::make_unique<kit::AdapterProcess>(command_, options_.deadline, mode);
    mode_ = mode;
  }

  std::string specification_;
  std::vector<std::string> command_;
  const Options& options_;
  std::unique_ptr<kit::AdapterProcess> process_;
  kit::KernelMode mode_ = kit::KernelMode::kHost;
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

/// Before anything is performed: a file that cannot be read is a mistake of whoever gave it.
std::vector<Replay> read(const std::vector<std::filesystem::path>& given) {
  std::vector<Replay> replays;
  try {
    for (const std::filesystem::path& file : files_of(given)) {
      replays.push_back({.path = file, .file = kit::read_scenario_file(file), .performance = {}});
    }
  } catch (const std::system_error& error) {
    throw kit::UnreadableScenario(error.what());
  }
  return replays;
}

/// What is wrong with what came back, in words for people; nothing: nothing is known to be. The law that the file names
/// says so, which performs it again in its variants; else the model, where it can tell what each call comes to.
std::optional<std::string> judged(const kit::ScenarioFile& file, const Performance& performance,
                                  const std::string& this_program, const Options& options) {
  if (const property::Law* law = property::law_named(file.law)) {
    property::Seat seat(performance.specification, this_program, options.deadline, property::Seat::Where::kInAProcess);
    if (!property::why_not(*law, seat.world()).empty()) return std::nullopt;
    try {
      const property::Violation violation = property::judge(*law, file.scenario, seat, nullptr);
      return violation ? std::optional(fmt::format("{}\n{}", law->sentence, *violation)) : std::nullopt;
    } catch (const kit::ImplementationFailure& failure) {
      return fmt::format("{}\n{}: {}", law->sentence, kit::name(failure.verdict()), failure.what());
    } catch (const kit::EnvironmentLacks&) {
      return std::nullopt;
    }
  }
  property::Performance performed{.scenario = file.scenario, .world = kit::this_world()};
  auto observation = performance.observations.begin();
  for (const kit::Step& step : file.scenario.steps) {
    const auto* start = std::get_if<kit::step::Start>(&step);
    if (start == nullptr || observation == performance.observations.end()) continue;
    performed.answers.push_back({start->call, *observation++});
    property::forget_numbers(performed.answers.back().seen);
  }
  const property::World world{.capabilities = performance.handshake.capabilities, .model = performed.world};
  try {
    return property::unlike_the_model(performed, world);
  } catch (const kit::Unpredictable&) {
    return std::nullopt;
  }
}

int exit_status(const std::vector<Replay>& replays) {
  if (std::ranges::any_of(replays, &Replay::is_bad)) return kExitFailures;
  return std::ranges::any_of(replays, &Replay::is_performed) ? kExitAsExpected : kExitNothingRan;
}

}  // namespace

int replay(const Options& options, const std::string& this_program) {
  std::vector<Replay> replays = read(options.replayed);
  Performer implementation(options.implementation, this_program, options);
  std::unique_ptr<Performer> other;
  if (options.against) other = std::make_unique<Performer>(*options.against, this_program, options);

  std::signal(SIGPIPE, SIG_IGN);
  kit::catch_interruptions();
  kit::adopt_orphans();
  for (Replay& replay : replays) {
    replay.performance = implementation.perform(replay.file.scenario);
    if (replay.performance.ending == Ending::kDone) {
      replay.wrong = judged(replay.file, replay.performance, this_program, options);
    }
    if (other) replay.against = other->perform(replay.file.scenario);
    if (!options.json) print(replay);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(replays).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return exit_status(replays);
}

}  // namespace recvinto::conformance
