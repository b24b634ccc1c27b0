#include "runner/property_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <limits>
#include <random>
#include <system_error>
#include <thread>

#include "kit/host/child_process.h"
#include "kit/host/interruption.h"
#include "property/framework/subject.h"
#include "property/framework/workers.h"
#include "property/generators/statistics.h"
#include "runner/baseline_command.h"
#include "runner/list.h"
#include "runner/property_report.h"

namespace recvinto::runner {
namespace {

using property::Law;
using property::LawResult;
using property::Plan;
using Clock = std::chrono::steady_clock;

bool matches_one_of(std::string_view globs, std::string_view name) {
  while (!globs.empty()) {
    const std::size_t end = std::min(globs.find(':'), globs.size());
    if (matches(globs.substr(0, end), name)) return true;
    globs.remove_prefix(std::min(end + 1, globs.size()));
  }
  return false;
}

/// As GoogleTest's filter: globs, and behind a '-' those that are left out.
std::vector<const Law*> laws_that_match(std::string_view filter) {
  const std::size_t dash = std::min(filter.find('-'), filter.size());
  const std::string_view wanted = dash == 0 ? "*" : filter.substr(0, dash);
  const std::string_view unwanted = filter.substr(std::min(dash + 1, filter.size()));
  std::vector<const Law*> laws;
  for (const Law& law : property::every_law()) {
    if (matches_one_of(wanted, law.name) && !matches_one_of(unwanted, law.name)) laws.push_back(&law);
  }
  return laws;
}

std::uint64_t cases_of(const Options& options) {
  if (options.cases) return *options.cases;
  return options.seconds ? std::numeric_limits<std::uint32_t>::max() : kDefaultCases;
}

Plan plan_of(const Options& options, const kit::Catalogue& catalogue, const Baseline& baseline) {
  Plan plan{.implementation = options.implementation,
            .against = options.against.value_or(""),
            .catalogue = catalogue,
            .laws = laws_that_match(options.laws),
            .seed = options.seed ? *options.seed : std::random_device()(),
            .cases = cases_of(options),
            .only = options.only_case,
            .jobs = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency()),
            .shrinking = {.tries = options.tries},
            .fail_fast = options.fail_fast,
            .strict = options.strict,
            .deadline = options.deadline,
            .merges_buffers = options.merge_buffers};
  if (options.seconds) plan.end = Clock::now() + std::chrono::seconds(*options.seconds);
  if (plan.only) plan.jobs = 1;
  for (const Known& known : baseline.entries()) plan.known.push_back({known.check, known.field, known.verdicts});
  return plan;
}

/// Laws whose cases hardly show what they are about: the generators' fault.
bool report_low_coverage(const Plan& plan, const std::vector<LawResult>& laws, kit::Capabilities capabilities) {
  using enum kit::Capability;
  const kit::Capabilities needed{kScatter,   kNoBuffers, kEmptyBuffers, kOverlap,    kFlags,       kMsgFlags, kAddress,
                                 kAncillary, kRights,    kAllItems,     kAncbufsize, kNonblocking, kTimeout};
  if (!(needed - capabilities).empty() || !plan.against.empty() || plan.merges_buffers)
    return false;  // which may be why
  bool is_low = false;
  for (const LawResult& law : laws) {
    if (law.counterexample) continue;
    for (const std::string_view feature : law.not_shown()) {
      fmt::print("SUITE  generator coverage too low: {} showed '{}' in under 0.2 % of {} cases\n", law.law->name,
                 feature, law.cases);
      is_low = true;
    }
  }
  return is_low;
}

/// On a terminal, about once a second.
class ProgressLine {
 public:
  void operator()(std::uint64_t cases) {
    const auto now = Clock::now();
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
  Clock::time_point shown_ = Clock::now();
};

int exit_status(const Plan& plan, const property::CampaignResult& result, bool has_low_coverage) {
  const auto counts = [&](const LawResult& law) { return law.counterexample && plan.counts(*law.law); };
  if (std::ranges::any_of(result.laws, counts)) return kExitFailures;
  const bool is_suite_fault = result.ended && result.ended->is_suite_fault();
  const bool is_the_hosts = result.ended && result.ended->cause == kit::Cause::kHostLacks;
  if (is_the_hosts) return kExitNothingRan;
  if (result.ended && !is_suite_fault) return kExitFailures;
  if (is_suite_fault || has_low_coverage ||
      std::ranges::any_of(result.laws, [](const LawResult& law) { return !law.fault.empty(); })) {
    return kExitSuiteFault;
  }
  const bool is_tried = std::ranges::any_of(result.laws, [](const LawResult& law) { return law.tried() != 0; });
  return is_tried ? kExitAsExpected : kExitNothingRan;
}

int print_statistics(const Plan& plan) {
  const property::Subject subject(plan.implementation, plan.access());
  const property::Statistics statistics =
      property::statistics_of(plan.laws, plan.seed, plan.cases_of_each(), subject.world());
  fmt::print("{} cases of each of {} laws for {}, seed {}\n\n{}", plan.cases_of_each(), plan.laws.size(),
             subject.handshake().name, plan.seed, statistics.text());
  return kExitAsExpected;
}

}  // namespace

void print_laws() {
  for (const Law& law : property::every_law()) fmt::print("{}\n    {}\n", law.name, law.sentence);
}

int try_laws(const Options& options, const kit::Catalogue& catalogue) {
  const Baseline baseline = read_baseline(options, every_check_id());
  const Plan plan = plan_of(options, catalogue, baseline);
  if (plan.laws.empty()) {
    fmt::print(stderr, "recvmsg-conformance: --laws {} matches no law; 'property --list' names them\n", options.laws);
    return kExitNothingRan;
  }
  static_cast<void>(catalogue.adapter_command(plan.implementation));
  if (!plan.against.empty()) static_cast<void>(catalogue.adapter_command(plan.against));
  kit::catch_interruptions();
  std::signal(SIGPIPE, SIG_IGN);
  kit::adopt_orphans();
  if (options.statistics) return print_statistics(plan);

  kit::Handshake handshake;
  {
    // A plug-in that cannot be loaded, or ends the process that loads it, is found out here: workers load it again.
    property::Access access = plan.access();
    access.in_process = !kit::is_plugin(plan.implementation);
    const property::Subject subject(plan.implementation, access);
    handshake = subject.handshake();
  }
  const PropertyReport report{options, plan, handshake, baseline, options.out.value_or("counterexamples")};
  const auto begin = Clock::now();
  const auto time = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin); };
  ProgressLine line;
  auto written = begin;
  bool cannot_write = false;
  const auto write = [&](const std::vector<LawResult>& laws, const property::CampaignResult* whole) {
    if (!options.out || cannot_write) return;
    try {
      report.write(laws, whole, time(), *options.out / "property.json");
    } catch (const std::system_error& error) {
      cannot_write = true;
      fmt::print(stderr, "recvmsg-conformance: {}\n", error.what());
    }
  };
  const property::CampaignResult result =
      property::run(plan, {.progress =
                               [&](const std::vector<LawResult>& laws, std::uint64_t cases) {
                                 line(cases);
                                 if (Clock::now() - written < std::chrono::seconds(1)) return;
                                 written = Clock::now();
                                 write(laws, nullptr);
                               },
                           .broken = [&](const LawResult& law) { report.save(law); }});
  line.clear();
  report.print(result, time());
  write(result.laws, &result);
  const bool has_low_coverage = report_low_coverage(plan, result.laws, handshake.capabilities);
  const int status = exit_status(plan, result, has_low_coverage);
  return status == kExitAsExpected && cannot_write ? kExitSuiteFault : status;
}

}  // namespace recvinto::runner
