#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/framework/claim.h"
#include "conformance/runner/baseline.h"
#include "conformance/runner/baseline_command.h"
#include "conformance/runner/calibration.h"
#include "conformance/runner/collector.h"
#include "conformance/runner/junit.h"
#include "conformance/runner/list.h"
#include "conformance/runner/options.h"
#include "conformance/runner/property_command.h"
#include "conformance/runner/replay_command.h"
#include "conformance/runner/report.h"
#include "conformance/runner/reproduction.h"
#include "conformance/runner/result_json.h"
#include "conformance/runner/results.h"
#include "conformance/runner/scenarios.h"
#include "fixtures/implementations/adapter_process.h"
#include "fixtures/implementations/interruption.h"
#include "fixtures/implementations/specification.h"
#include "fixtures/scenario/scenario_json.h"
#include "fixtures/scripted_kernel/probe.h"

namespace recvinto::conformance {
namespace {

/// This very file, so that an implementation inside it can be served by a child.
std::string this_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

void register_check(const Claim& claim, const kit::SocketKind& kind, const Subject& subject) {
  const std::string test = fmt::format("{}/{}", claim.name, kind.name);
  testing::RegisterTest(claim.topic.c_str(), test.c_str(), nullptr, nullptr, claim.file.c_str(), claim.line,
                        [&claim, kind, &subject]() -> Check* {
                          std::unique_ptr<Check> check = claim.make();
                          check->configure(claim, kind, subject);
                          return check.release();
                        });
}

/// Those that everybody has first.
std::vector<kit::SocketKind> every_kind_of_a_claim() {
  std::vector<kit::SocketKind> kinds(kit::kEveryKind.begin(), kit::kEveryKind.end());
  for (const Claim& claim : every_claim()) {
    for (const kit::SocketKind& kind : claim.kinds) {
      if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    }
  }
  return kinds;
}

/// Kind by kind, so that one claim on which an implementation hangs is not met seven times in a row, which would look
/// as if nothing worked any more. `subject` is filled before they run.
std::vector<RegisteredCheck> register_checks(const Subject& subject) {
  std::vector<RegisteredCheck> registered;
  for (const kit::SocketKind& kind : every_kind_of_a_claim()) {
    for (const Claim& claim : every_claim()) {
      if (std::ranges::find(claim.kinds, kind) == claim.kinds.end()) continue;
      register_check(claim, kind, subject);
      registered.push_back({&claim, kind});
    }
  }
  return registered;
}

void configure_gtest(const Options& options) {
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
}

/// Before anything runs: a run whose results cannot be kept is not worth starting.
void prepare(const std::filesystem::path& directory, const char* option) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error && access(directory.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::system_category());
  if (!error && !std::filesystem::is_directory(directory)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) {
    fmt::print(stderr, "recvmsg-conformance: cannot write to {} {}: {}\n", option, directory.string(), error.message());
    throw EarlyEnd{kExitUsage};
  }
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
  bool failed = false;
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

/// The judged implementation under a scripted kernel: a second process, started by the first check that needs it.
class ScriptedTwin {
 public:
  ScriptedTwin(kit::AdapterProcess& plain, std::vector<std::string> command, const Options& options)
      : plain_(plain), command_(std::move(command)), options_(options) {}

  kit::Implementation& get() {
    if (options_.kernel != kit::KernelMode::kHost) return plain_;
    if (!kit::scripted_kernel_support().available()) {
      throw kit::EnvironmentLacks("no scripted kernel: " + kit::scripted_kernel_support().lacking);
    }
    if (!scripted_) scripted_.emplace(command_, options_.deadline, kit::KernelMode::kPass);
    return *scripted_;
  }

 private:
  kit::AdapterProcess& plain_;
  std::vector<std::string> command_;
  const Options& options_;
  std::optional<kit::AdapterProcess> scripted_;
};

int run(const Options& options) {
  if (options.out) prepare(*options.out, "--out");
  if (options.record_corpus) prepare(*options.record_corpus, "--record-corpus");
  const std::vector<std::string> command = kit::adapter_command(options.implementation, this_program());
  const bool is_calibrated = options.calibrate_with != "none" && options.calibrate_with != options.implementation;
  if (is_calibrated) kit::adapter_command(options.calibrate_with, this_program());  // which throws now, not later
  Subject subject;
  const std::vector<RegisteredCheck> registered = register_checks(subject);
  std::vector<std::string> ids;
  for (const RegisteredCheck& check : registered) ids.push_back(check.claim->id(check.kind));
  const Baseline baseline = read_baseline(options, ids);
  configure_gtest(options);

  std::signal(SIGPIPE, SIG_IGN);
  kit::catch_interruptions();
  kit::adopt_orphans();
  if (options.kernel != kit::KernelMode::kHost && !kit::scripted_kernel_support().available()) {
    fmt::print(stderr, "recvmsg-conformance: --kernel: {}\n", kit::scripted_kernel_support().lacking);
    return kExitNothingRan;
  }
  kit::AdapterProcess implementation(command, options.deadline, options.kernel);
  check_capabilities(options, implementation.handshake());
  ScriptedTwin twin(implementation, command, options);

  Results results;
  results.specification = options.implementation;
  results.handshake = implementation.handshake();
  const auto reproduction = [&options](const std::string& id) { return reproduction_of(options, id); };
  auto* collector =
      new Collector(results, baseline, registered, reproduction,
                    {.observations = options.observations, .scenarios = options.record_corpus.has_value()});
  testing::UnitTest::GetInstance()->listeners().Append(collector);
  subject = {.implementation = &implementation,
             .scripted = [&twin]() -> kit::Implementation& { return twin.get(); },
             .take = [collector](kit::Outcome outcome) { collector->take(std::move(outcome)); }};
  const auto begin = std::chrono::steady_clock::now();
  // Its status knows neither levels nor skips: exit_status() decides.
  [[maybe_unused]] const int gtest_status = RUN_ALL_TESTS();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);

  if (is_calibrated) {
    calibrate(results, {.program = this_program(),
                        .specification = options.calibrate_with,
                        .kernel = options.kernel,
                        .deadline = options.deadline});
  }
  if (options.out) write_scenarios(results, options);
  if (options.record_corpus) record_corpus(results, *options.record_corpus);
  print_failures(results, options.verbose, options.out.has_value());
  print_skips(results);
  print_kernel_deviations(results);
  print_known(results, baseline);
  if (!results.checks.empty()) print_summary(results, time);
  std::fflush(stdout);
  if (options.out) {
    write_results(results, *options.out);
    write_junit(results, *options.out);
  }
  const int status = exit_status(results, options.strict);
  const bool judged = status != kExitNothingRan && status != kExitSuiteFault;
  return judged && options.command == Options::Command::kBaseline ? write_baseline(options, baseline, results) : status;
}

int start(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  switch (options.command) {
    case Options::Command::kList:
      if (options.faults) {
        list_faults(std::cout, options.json);
      } else {
        list_checks(std::cout, options.json);
      }
      return kExitAsExpected;
    case Options::Command::kProbe:
      fmt::print("{}", kit::describe(kit::scripted_kernel_support()));
      return kit::scripted_kernel_support().available() ? kExitAsExpected : kExitNothingRan;
    case Options::Command::kProperty:
      if (options.list_laws) {
        print_laws();
        return kExitAsExpected;
      }
      if (options.out) prepare(*options.out, "--out");
      return try_laws(options, this_program());
    case Options::Command::kReplay:
      return replay(options, this_program());
    case Options::Command::kServe:
      return kit::serve(*kit::make_receiver(options.served));
    case Options::Command::kRun:
    case Options::Command::kBaseline:
      break;
  }
  return run(options);
}

}  // namespace
}  // namespace recvinto::conformance

int main(int argc, char** argv) {
  using namespace recvinto::conformance;
  const auto complain = [](const std::exception& error, int status) {
    fmt::print(stderr, "recvmsg-conformance: {}\n", error.what());
    return status;
  };
  try {
    return start(argc, argv);
  } catch (const EarlyEnd& end) {
    return end.status;
  } catch (const recvinto::kit::UnreadableScenario& error) {
    return complain(error, kExitUsage);
  } catch (const recvinto::kit::UnknownSpecification& error) {
    return complain(error, kExitUsage);
  } catch (const UnusableBaseline& error) {
    return complain(error, kExitBaseline);
  } catch (const recvinto::kit::CannotStart& error) {
    return complain(error, kExitCannotStart);
  } catch (const recvinto::kit::Interrupted& error) {
    return complain(error, kExitFailures);
  } catch (const std::exception& error) {
    return complain(error, kExitSuiteFault);
  }
}
