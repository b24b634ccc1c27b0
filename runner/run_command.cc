#include "runner/run_command.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <system_error>
#include <thread>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/host/files.h"
#include "kit/host/interruption.h"
#include "kit/scripted_kernel/probe.h"
#include "runner/alone.h"
#include "runner/baseline_command.h"
#include "runner/calibration.h"
#include "runner/collector.h"
#include "runner/junit.h"
#include "runner/registered_checks.h"
#include "runner/report.h"
#include "runner/reproduction.h"
#include "runner/result_files.h"
#include "runner/results.h"
#include "runner/scenarios.h"
#include "runner/workers.h"

namespace recvinto::runner {
namespace {

void configure_gtest(const Options& options) {
  if (options.shard) {
    setenv("GTEST_TOTAL_SHARDS", std::to_string(options.shard->of).c_str(), 1);
    setenv("GTEST_SHARD_INDEX", std::to_string(options.shard->number - 1).c_str(), 1);
  }
  GTEST_FLAG_SET(filter, options.filter);
  GTEST_FLAG_SET(catch_exceptions, true);
  std::vector<std::string> words{"recvmsg-conformance"};
  words.insert(words.end(), options.gtest_flags.begin(), options.gtest_flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  testing::InitGoogleTest(&count, arguments.data());
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  // No single process has all results; write_gtest_output() has.
  delete listeners.Release(listeners.default_xml_generator());
  // If 0, one of the time, once: every worker must shuffle in the same way.
  if (GTEST_FLAG_GET(random_seed) == 0) {
    constexpr auto kMostOfGoogleTest = 99999;
    const auto now = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
    GTEST_FLAG_SET(random_seed, static_cast<int>(now % kMostOfGoogleTest) + 1);
  }
}

/// Where --gtest_output (or GTEST_OUTPUT) wants a report; nullopt: nowhere. Throws EarlyEnd.
std::optional<std::filesystem::path> gtest_output() {
  const std::string output = GTEST_FLAG_GET(output);
  if (output.empty()) return std::nullopt;
  const std::string format = output.substr(0, output.find(':'));
  if (format != "xml") {
    fmt::print(stderr, "recvmsg-conformance: --gtest_output={}: only xml; --out has results.json\n", output);
    throw EarlyEnd{kExitUsage};
  }
  const std::filesystem::path path = output == format ? "" : output.substr(format.size() + 1);
  if (path.empty()) return "test_detail.xml";
  if (path.has_filename() && !std::filesystem::is_directory(path)) return path;
  return path / "recvmsg-conformance.xml";
}

void check_capabilities(const Options& options, const kit::Handshake& handshake) {
  for (const std::string& word : options.required_capabilities) {
    if (handshake.capabilities.contains(*kit::capability_named(word))) continue;
    fmt::print(stderr, "recvmsg-conformance: {} {} does not declare the required capability {}\n", handshake.name,
               handshake.version, word);
    throw EarlyEnd{kExitNothingRan};
  }
}

int exit_status(const Results& results, bool strict) {
  bool failed = kit::is_interrupted();
  bool stale = false;
  bool judged = false;
  for (const Result& result : results.checks) {
    if (result.outcome.is_suite_fault()) return kExitSuiteFault;
    failed = failed || result.counts(strict);
    stale = stale || result.passed_though_listed();
    judged = judged || result.outcome.verdict != kit::Verdict::kSkip;
  }
  if (!judged) {
    fmt::print(stderr, "recvmsg-conformance: nothing was judged: {}\n",
               results.checks.empty() ? "no check matches the filter" : "all checks were skipped");
    return kExitNothingRan;
  }
  if (failed) return kExitFailures;
  return stale ? kExitBaseline : kExitAsExpected;
}

/// One run, pass by pass.
class Run {
 public:
  Run(const Options& options, const kit::Catalogue& catalogue)
      : options_(options),
        catalogue_(catalogue),
        registered_(register_checks(turn_)),
        jobs_(options.jobs == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.jobs),
        tickets_(registered_.size(), workers_for(conformance::Claim::Company::kWaiting)),
        baseline_(read_baseline(options, ids())),
        files_(options) {}

  int perform() {
    const Assignment assignment = assignment_on(options_.implementation);
    // Which throws now, not later.
    if (is_calibrated()) static_cast<void>(catalogue_.adapter_command(options_.calibrate_with));
    configure_gtest(options_);
    const auto xml = gtest_output();
    std::signal(SIGPIPE, SIG_IGN);
    // A write beyond the limit of a file's size fails then; a handler, for programs that are started inherit none.
    std::signal(SIGXFSZ, [](int) {});
    kit::catch_interruptions();
    kit::adopt_orphans();
    if (options_.kernel != kit::KernelMode::kHost && !kit::scripted_kernel_support().available()) {
      fmt::print(stderr, "recvmsg-conformance: --kernel: {}\n", kit::scripted_kernel_support().lacking);
      return kExitNothingRan;
    }
    plan(tickets_, registered_);
    chosen_ = tickets_.chosen();
    const auto begin = std::chrono::steady_clock::now();
    judge(assignment);
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    judge_alone();
    if (is_calibrated()) calibrate();
    files_.finish(results_);
    report(time);
    return status(xml);
  }

 private:
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const RegisteredCheck& check : registered_) ids.push_back(check.id);
    return ids;
  }

  [[nodiscard]] bool is_calibrated() const {
    return options_.calibrate_with != "none" && options_.calibrate_with != options_.implementation;
  }

  /// Of one round.
  [[nodiscard]] Assignment assignment_on(const std::string& specification) const {
    return {.command = catalogue_.adapter_command(specification),
            .deadline = options_.deadline,
            .kernel = options_.kernel,
            .merges_buffers = options_.merge_buffers,
            .keep = {.observations = options_.observations, .scenarios = options_.record_corpus.has_value()}};
  }

  /// Performs them side by side; then those that measure time, side by side; then those that must be alone. Throws
  /// CannotStart.
  PassEnd pass(Assignment assignment, const std::vector<std::size_t>& checks, const Listener& listener) {
    using Company = conformance::Claim::Company;
    std::map<Company, std::vector<std::size_t>> parts;
    for (const std::size_t check : checks) {
      const Company company = registered_[check].claim->company;
      parts[jobs_ == 1 && company == Company::kWaiting ? Company::kAny : company].push_back(check);
    }
    PassEnd end;
    for (const auto& [company, part] : parts) {
      end = run_workers(std::min(workers_for(company), static_cast<unsigned>(part.size())), assignment, listener, part);
      if (end.cannot_start || end.lacking || end.fault || tickets_.is_stopped()) break;
      assignment.has_started = true;
    }
    return end;
  }
  /// Those that measure time sleep nearly all of theirs: two of them for each processor leave it idle still.
  [[nodiscard]] unsigned workers_for(conformance::Claim::Company company) const {
    switch (company) {
      case conformance::Claim::Company::kAny:
        return jobs_;
      case conformance::Claim::Company::kWaiting:
        return std::min(2 * jobs_, Tickets::kMostWorkers);
      case conformance::Claim::Company::kNone:
        return 1;
    }
    return 1;
  }
  PassEnd run_workers(unsigned count, const Assignment& assignment, const Listener& listener,
                      const std::vector<std::size_t>& offered) {
    tickets_.offer(offered);
    return runner::run_workers(count, assignment, registered_, tickets_, turn_, listener);
  }

  void judge(Assignment assignment) {
    assignment.rounds = GTEST_FLAG_GET(repeat) < 0 ? 0 : static_cast<unsigned>(GTEST_FLAG_GET(repeat));
    assignment.fail_fast = GTEST_FLAG_GET(fail_fast);
    results_.specification = options_.implementation;
    results_.seed = tickets_.seed();
    const auto reproduction = [this](const std::string& id) { return reproduction_of(options_, id); };
    Collector collector(results_, baseline_, registered_, chosen_, reproduction, files_, options_.quiet);
    const Listener listener{
        .hello =
            [this](const kit::Handshake& handshake) {
              if (!results_.handshake.name.empty()) return;  // of an earlier pass
              check_capabilities(options_, handshake);
              results_.handshake = handshake;
              results_.merges_buffers =
                  options_.merge_buffers && handshake.capabilities.contains(kit::Capability::kScatter);
              files_.begin(results_);
            },
        .result = [&collector](Result result, unsigned round) { collector.take(std::move(result), round); }};
    const PassEnd end = pass(assignment, chosen_, listener);
    if (kit::is_interrupted() && results_.handshake.name.empty()) throw kit::Interrupted("interrupted");
    if (kit::is_interrupted()) {
      collector.complete(kit::Cause::kInterrupted, "interrupted");
    } else if (end.cannot_start) {
      collector.complete(kit::Cause::kCannotStart, *end.cannot_start);
    } else if (end.lacking) {
      collector.complete(kit::Cause::kHostLacks, "this host: " + *end.lacking);
    } else if (end.fault) {
      collector.complete(kit::Cause::kSuiteFault, "the suite's own fault, not judged: " + *end.fault);
    } else {
      collector.complete(kit::Cause::kNotReached, "not reached: --gtest_fail_fast");
    }
  }

  /// What a process ended in behind other checks, each in a process of its own.
  void judge_alone() {
    // Of several rounds, what is kept of a check may be another round's.
    if (kit::is_interrupted() || results_.rounds > 1) return;
    for (const std::string& id : crashed_behind_others(results_)) {
      const auto result = std::ranges::find(results_.checks, id, &Result::id);
      const auto check = std::ranges::find(registered_, id, &RegisteredCheck::id);
      std::optional<Result> alone;
      const Listener listener{.hello = [](const kit::Handshake&) {},
                              .result = [&alone](Result found, unsigned /*round*/) { alone = std::move(found); }};
      Assignment assignment = assignment_on(options_.implementation);
      assignment.has_started = true;
      pass(assignment, {static_cast<std::size_t>(check - registered_.begin())}, listener);
      if (kit::is_interrupted() || !alone) return;  // it does not start any more
      if (options_.out) remove_scenario(*result, options_);
      note_alone(*result, std::move(*alone), baseline_);
      files_.replace(results_, *result);
    }
  }

  /// Says on standard error what goes wrong on the way: the failures then stay the implementation's.
  void calibrate() {
    if (kit::is_interrupted()) return;
    const std::vector<std::string> suspects = perhaps_the_kernels(results_);
    if (suspects.empty()) return;
    std::vector<std::size_t> checks;
    for (const std::size_t check : chosen_) {
      if (std::ranges::find(suspects, registered_[check].id) != suspects.end()) checks.push_back(check);
    }
    std::map<std::string, std::string> failures;
    const Listener listener{.hello = [](const kit::Handshake&) {},
                            .result =
                                [&failures](const Result& result, unsigned /*round*/) {
                                  if (const auto failure = failure_of(result)) failures[result.id] = *failure;
                                }};
    try {
      const PassEnd end = pass(assignment_on(options_.calibrate_with), checks, listener);
      kit::throw_if_interrupted();
      if (end.cannot_start) throw kit::CannotStart(*end.cannot_start);
      if (end.fault) throw std::runtime_error(*end.fault);
    } catch (const std::exception& error) {
      fmt::print(stderr, "recvmsg-conformance: not calibrated with {}, so a failure may be the kernel's: {}\n",
                 options_.calibrate_with, error.what());
    }
    blame_the_kernel(results_, failures, options_.calibrate_with);
  }

  void report(std::chrono::milliseconds time) const {
    print_failures(results_, options_.verbose, options_.out.has_value());
    if (!options_.quiet) {
      print_skips(results_, options_.verbose);
      print_kernel_deviations(results_);
      print_known(results_, baseline_);
    }
    if (results_.rounds > 1) {
      fmt::print("{} rounds; in {} of them a check had another verdict than in its first\n", results_.rounds,
                 results_.rounds_differing);
    }
    print_what_next(results_, options_);
    if (!results_.checks.empty()) print_summary(results_, time);
    std::fflush(stdout);
  }

  [[nodiscard]] int status(const std::optional<std::filesystem::path>& xml) const {
    if (xml) kit::write_whole(*xml, to_junit(results_));
    const int status = exit_status(results_, options_.strict);
    if (status == kExitSuiteFault) return status;
    if (!files_.is_whole()) {
      fmt::print(stderr, "recvmsg-conformance: not all results could be written\n");
      return kExitSuiteFault;
    }
    if (status == kExitNothingRan || options_.command != Options::Command::kBaseline) return status;
    return write_baseline(options_, baseline_, results_);
  }

  const Options& options_;
  const kit::Catalogue& catalogue_;
  Turn turn_;
  std::vector<RegisteredCheck> registered_;
  unsigned jobs_;
  Tickets tickets_;
  Baseline baseline_;
  ResultFiles files_;
  std::vector<std::size_t> chosen_;
  Results results_;
};

}  // namespace

void prepare_directory(const std::filesystem::path& directory, const char* option) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error && access(directory.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::system_category());
  if (!error && !std::filesystem::is_directory(directory)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) {
    fmt::print(stderr, "recvmsg-conformance: cannot write to {} {}: {}\n", option, directory.string(), error.message());
    throw EarlyEnd{kExitUsage};
  }
}

int run(const Options& options, const kit::Catalogue& catalogue) {
  std::error_code error;
  static_cast<void>(std::filesystem::current_path(error));  // which GoogleTest needs
  if (error) throw kit::EnvironmentLacks("the current directory cannot be seen: getcwd: " + error.message());
  if (options.out) prepare_directory(*options.out, "--out");
  if (options.record_corpus) prepare_directory(*options.record_corpus, "--record-corpus");
  return Run(options, catalogue).perform();
}

}  // namespace recvinto::runner
