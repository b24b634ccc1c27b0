#include "conformance/runner/property_command.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "fixtures/files.h"
#include "fixtures/implementations/child_process.h"
#include "fixtures/implementations/interruption.h"
#include "fixtures/implementations/specification.h"
#include "fixtures/scenario/scenario_file.h"
#include "property/framework/results_json.h"
#include "property/framework/workers.h"

namespace recvinto::conformance {
namespace {

using property::Counterexample;
using property::Law;
using property::LawResult;
using property::Plan;

/// As GoogleTest's filters, without the negative part.
bool matches(std::string_view name, const std::string& globs) {
  std::istringstream list(globs);
  for (std::string glob; std::getline(list, glob, ':');) {
    if (fnmatch(glob.c_str(), std::string(name).c_str(), 0) == 0) return true;
  }
  return false;
}

std::vector<const Law*> laws_that_match(const std::string& globs) {
  std::vector<const Law*> laws;
  for (const Law& law : property::every_law()) {
    if (matches(law.name, globs)) laws.push_back(&law);
  }
  return laws;
}

Plan plan_of(const Options& options, const std::string& this_program) {
  Plan plan{.implementation = options.implementation,
            .against = options.against.value_or(""),
            .this_program = this_program,
            .laws = laws_that_match(options.laws),
            .seed = options.seed ? *options.seed : std::random_device()(),
            .cases = options.cases,
            .only = options.only_case,
            .jobs = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency()),
            .tries = options.tries,
            .fail_fast = options.fail_fast,
            .deadline = options.deadline};
  if (plan.only) plan.jobs = 1;
  return plan;
}

std::string reproduction(const Plan& plan, const LawResult& result) {
  std::string line =
      fmt::format("recvmsg-conformance property --implementation {}", quoted_for_shell(plan.implementation));
  if (!plan.against.empty()) line += " --against " + quoted_for_shell(plan.against);
  return line +
         fmt::format(" --laws {} --seed {} --case {}", result.law->name, plan.seed, result.counterexample->case_number);
}

std::filesystem::path save(const Plan& plan, const LawResult& result, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  const std::filesystem::path file = directory / fmt::format("{}.json", result.law->name);
  kit::write_scenario_file(
      file, {.scenario = result.counterexample->scenario,
             .law = std::string(result.law->name),
             .seed = plan.seed,
             .case_number = result.counterexample->case_number,
             .note = fmt::format("{} on {}", kit::name(result.counterexample->verdict), plan.implementation)});
  return file;
}

void print_counterexample(const Plan& plan, const LawResult& result, const std::filesystem::path& file) {
  const Counterexample& example = *result.counterexample;
  fmt::print("\n{}  {}\n  {}\n", kit::name(example.verdict), result.law->name, result.law->sentence);
  fmt::print("  case {} of seed {}, the simplest of {} scenarios tried:\n", example.case_number, plan.seed,
             example.tried + 1);
  for (std::size_t i = 0; i < example.scenario.steps.size(); ++i) {
    if (std::holds_alternative<kit::step::Finish>(example.scenario.steps[i])) continue;
    fmt::print("    {}. on {}: {}\n", i + 1, example.scenario.kind.name, kit::describe(example.scenario.steps[i]));
  }
  fmt::print("  {}\n  again:  {}\n  simplest:  recvmsg-conformance replay {} --implementation {}\n", example.text,
             reproduction(plan, result), file.string(), quoted_for_shell(plan.implementation));
}

std::string outcome(const LawResult& result) {
  if (!result.not_tried.empty()) return "not tried";
  if (result.counterexample) return result.law->is_recommended ? "broken" : "BROKEN";
  return result.cases == 0 ? "not tried" : "holds";
}

/// What its scenarios were to show, and in how many of a hundred they did.
std::string distribution(const LawResult& result) {
  std::string text;
  for (std::size_t i = 0; i < property::kFeatures; ++i) {
    const std::string_view feature = property::name(static_cast<property::Feature>(i));
    if (std::ranges::find(result.law->must_show, feature) == result.law->must_show.end()) continue;
    const double share = 100.0 * static_cast<double>(result.shown[i]) / static_cast<double>(result.cases);
    text += fmt::format("{}{} {:.3g} %", text.empty() ? "" : ", ", feature, share);
  }
  return text;
}

void print_results(const Plan& plan, const std::vector<LawResult>& results) {
  for (const LawResult& result : results) {
    fmt::print("{:<10} {:>9}  {}\n", outcome(result), result.cases, result.law->name);
    if (!result.not_tried.empty()) fmt::print("{:23}{}\n", "", result.not_tried);
    if (result.cases != 0 && !plan.only) fmt::print("{:23}{}\n", "", distribution(result));
    for (const auto& [reason, count] : result.skipped) fmt::print("{:23}{} not performed: {}\n", "", count, reason);
    if (result.kernel_deviates != 0) {
      fmt::print("{:23}{} not held against it: recvmsg(2) breaks the law on this host, too\n", "",
                 result.kernel_deviates);
    }
  }
}

/// A law that was tried on trivial cases only was not tried: the generators' fault.
bool complain_of_what_was_not_shown(const Plan& plan, const std::vector<LawResult>& results,
                                    kit::Capabilities capabilities) {
  using enum kit::Capability;
  const kit::Capabilities needed{kScatter, kNoBuffers, kEmptyBuffers, kOverlap,  kFlags,      kMsgFlags,
                                 kAddress, kAncillary, kRights,       kAllItems, kAncbufsize, kNonblocking};
  if (!(needed - capabilities).empty()) return false;  // which may be why
  bool lacking = false;
  for (const LawResult& result : results) {
    if (result.counterexample || !plan.against.empty()) continue;
    for (const std::string_view feature : result.not_shown()) {
      fmt::print("SUITE  {}: {} cases, and hardly one with '{}'\n", result.law->name, result.cases, feature);
      lacking = true;
    }
  }
  return lacking;
}

void write_json(const Plan& plan, const kit::Handshake& handshake, const std::vector<LawResult>& results,
                std::chrono::milliseconds time, const std::filesystem::path& directory) {
  const nlohmann::json document{{"schema", 1},
                                {"suite", RECVINTO_VERSION},
                                {"implementation", plan.implementation},
                                {"against", plan.against},
                                {"name", handshake.name},
                                {"version", handshake.version},
                                {"seed", plan.seed},
                                {"jobs", plan.jobs},
                                {"milliseconds", time.count()},
                                {"laws", property::to_json(results)}};
  kit::write_whole(directory / "property.json", document.dump(2) + "\n");
}

std::string verdict_of(std::size_t broken, std::size_t excused, std::uint64_t cases) {
  if (broken != 0) return broken == 1 ? "a law is broken" : fmt::format("{} laws are broken", broken);
  if (excused != 0) return "no law is broken that is more than recommended (see --strict)";
  return cases == 0 ? "none could be tried" : "every law that was tried holds";
}

/// On a terminal, and about once a second.
class ProgressLine {
 public:
  void operator()(std::uint64_t cases) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - shown_ < std::chrono::seconds(1)) return;
    shown_ = now;
    fmt::print(stderr, "\r{} cases", cases);
    std::fflush(stderr);
  }
  void clear() const {
    if (is_terminal_) fmt::print(stderr, "\r{:30}\r", "");
  }

 private:
  bool is_terminal_ = isatty(STDERR_FILENO) == 1;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

}  // namespace

void print_laws() {
  for (const Law& law : property::every_law()) fmt::print("{}\n    {}\n", law.name, law.sentence);
}

int try_laws(const Options& options, const std::string& this_program) {
  const Plan plan = plan_of(options, this_program);
  if (plan.laws.empty()) {
    fmt::print(stderr, "recvmsg-conformance: --laws {} matches no law; 'property --list' names them\n", options.laws);
    return kExitNothingRan;
  }
  kit::adapter_command(plan.implementation, this_program);
  if (!plan.against.empty()) kit::adapter_command(plan.against, this_program);
  kit::catch_interruptions();
  std::signal(SIGPIPE, SIG_IGN);
  kit::adopt_orphans();

  kit::Handshake handshake;
  {
    // A plug-in that cannot be loaded, or ends who loads it, is to be told of here: workers load it again.
    using Where = property::Seat::Where;
    const Where where = kit::is_plugin(plan.implementation) ? Where::kInAProcess : Where::kWhereItIsFastest;
    property::Seat seat(plan.implementation, this_program, plan.deadline, where);
    handshake = seat.handshake();
  }
  ProgressLine line;
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<LawResult> results = property::run(plan, [&line](std::uint64_t cases) { line(cases); });
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  line.clear();

  print_results(plan, results);
  const std::filesystem::path directory = options.out.value_or("counterexamples");
  std::size_t broken = 0;
  std::size_t excused = 0;
  std::uint64_t cases = 0;
  for (const LawResult& result : results) {
    cases += result.cases;
    if (!result.counterexample) continue;
    ++(result.law->is_recommended && !options.strict ? excused : broken);
    print_counterexample(plan, result, save(plan, result, directory));
  }
  if (options.out) write_json(plan, handshake, results, time, *options.out);
  const bool lacking = complain_of_what_was_not_shown(plan, results, handshake.capabilities);
  fmt::print("{} cases of {} laws on {} {}{}, seed {}, in {:.1f} s ({:.0f} a second, {} jobs): {}\n", cases,
             plan.laws.size(), handshake.name, handshake.version,
             plan.against.empty() ? "" : " against " + plan.against, plan.seed,
             static_cast<double>(time.count()) / 1000,
             1000.0 * static_cast<double>(cases) / static_cast<double>(std::max<std::int64_t>(time.count(), 1)),
             plan.jobs, verdict_of(broken, excused, cases));
  if (broken != 0) return kExitFailures;
  if (lacking) return kExitSuiteFault;
  return cases == 0 ? kExitNothingRan : kExitAsExpected;
}

}  // namespace recvinto::conformance
