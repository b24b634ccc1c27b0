#include "runner/property_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <variant>

#include "kit/host/files.h"
#include "kit/host/saved_scenario.h"
#include "kit/values/scenario_file.h"
#include "property/framework/judging.h"
#include "property/framework/results_json.h"
#include "runner/failure_text.h"
#include "runner/reproduction.h"

namespace recvinto::runner {
namespace {

using property::Counterexample;
using property::LawResult;
using property::Plan;

std::string_view word_of(const LawResult& law, const Plan& plan) {
  if (law.counterexample) return plan.counts(*law.law) ? "FAILED" : "failed";
  if (!law.fault.empty()) return "SUITE";
  return law.tried() == 0 ? "not tried" : "passed";
}

/// What its scenarios had to show, and the share of cases that did.
std::string distribution(const LawResult& law) {
  std::string text;
  for (std::size_t i = 0; i < property::kFeatures; ++i) {
    const std::string_view feature = property::name(static_cast<property::Feature>(i));
    if (std::ranges::find(law.law->must_show, feature) == law.law->must_show.end()) continue;
    const double share = 100.0 * static_cast<double>(law.shown[i]) / static_cast<double>(law.cases);
    text += fmt::format("{}{} {:.3g} %", text.empty() ? "" : ", ", feature, share);
  }
  return text;
}

void print_steps(const kit::Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    if (std::holds_alternative<kit::step::Finish>(scenario.steps[i])) continue;
    fmt::print("      {}. {}\n", i + 1, kit::describe(scenario.steps[i]));
  }
}

/// Every variant: a law may add calls of its own to the scenario.
void print_variants(const LawResult& law) {
  const kit::Scenario& scenario = *law.counterexample->outcome.scenario;
  const std::vector<kit::Scenario> variants = property::variants_of(*law.law, scenario);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    fmt::print("    on {}{}\n", scenario.kind.name,
               variants.size() == 1 ? "" : fmt::format(", variant {} of {}", i + 1, variants.size()));
    print_steps(variants[i]);
  }
}

std::string summary_of(const property::CampaignResult& result, const Plan& plan) {
  std::size_t failed = 0;
  std::size_t excused = 0;
  std::uint64_t tried = 0;
  std::uint64_t known = 0;
  for (const LawResult& law : result.laws) {
    tried += law.tried();
    for (const auto& [entry, count] : law.known) known += count;
    if (law.counterexample) ++(plan.counts(*law.law) ? failed : excused);
  }
  std::string text = failed != 0    ? fmt::format("{} law{} failed", failed, failed == 1 ? "" : "s")
                     : excused != 0 ? "only recommended laws failed (use --strict to count them)"
                     : tried == 0   ? "no case could be tried"
                                    : "every law that was tried passed";
  if (known != 0) text += fmt::format(", {} known failures", known);
  if (result.ended) text += fmt::format("; ended early: {}", result.ended->reason);
  return text;
}

}  // namespace

std::filesystem::path PropertyReport::file_of(const LawResult& law) const {
  return directory / fmt::format("{}.json", law.law->name);
}

void PropertyReport::save(const LawResult& law) const {
  const Counterexample& example = *law.counterexample;
  const kit::ScenarioFile file{.scenario = *example.outcome.scenario,
                               .law = std::string(law.law->name),
                               .seed = plan.seed,
                               .case_number = example.case_number,
                               .note = fmt::format("{} on {}: {}", kit::name(example.outcome.verdict),
                                                   plan.implementation, kit::summary_of(example.outcome))};
  try {
    std::filesystem::create_directories(directory);
    kit::write_scenario_file(file_of(law), file);
  } catch (const std::system_error& error) {
    fmt::print(stderr, "recvmsg-conformance: the counterexample cannot be written: {}; here it is:\n{}\n", error.what(),
               kit::text_of(file));
  }
}

std::string PropertyReport::reproduction(const LawResult& law) const {
  const Counterexample& example = *law.counterexample;
  if (example.recurs_alone == false) {
    return reproduction_through(options, law.law->name, plan.seed, example.case_number, plan.jobs);
  }
  return reproduction_of(options, law.law->name, plan.seed, example.case_number);
}

void PropertyReport::print_law(const LawResult& law) const {
  fmt::print("{:<10} {:>9}  {}\n", word_of(law, plan), law.tried(), law.law->name);
  const auto note = [](const std::string& text) { fmt::print("{:23}{}\n", "", text); };
  if (law.not_tried) note(law.not_tried->reason);
  if (!law.fault.empty()) note(law.fault);
  if (law.cases != 0 && !plan.only) note(distribution(law));
  for (const auto& [omission, count] : law.skipped) note(fmt::format("{} not performed: {}", count, omission.reason));
  for (const auto& [entry, count] : law.known) {
    const Known& known = baseline.entries()[entry];
    note(fmt::format("{} known failures: {}, {} ({})", count, name(known.kind), known.reason, known.where()));
  }
  if (law.kernel_deviates != 0) {
    note(fmt::format("{} not held against the implementation: recvmsg(2) itself fails on this host, too",
                     law.kernel_deviates));
  }
}

void PropertyReport::print_counterexample(const LawResult& law) const {
  const Counterexample& example = *law.counterexample;
  fmt::print("\n{}  {}\n  {}\n", kit::name(example.outcome.verdict), law.law->name, law.law->sentence);
  fmt::print("  case {} of seed {}, the simplest of {} scenarios{}\n", example.case_number, plan.seed,
             example.tried + 1, example.gave_up ? " (shrinking ended at its limit)" : "");
  print_variants(law);
  if (!example.outcome.reason.empty()) fmt::print("  {}\n", example.outcome.reason);
  fmt::print("{}", indented(kit::text_of(example.outcome.differences), "  "));
  if (example.recurs_alone == false) {
    fmt::print(
        "  does not recur alone: in a fresh process this scenario passes; it fails behind the cases before it\n");
  }
  fmt::print("  reproduce:  {}\n  replay:     {}\n", reproduction(law), replay_of(options, file_of(law)));
}

void PropertyReport::print(const property::CampaignResult& result, std::chrono::milliseconds time) const {
  std::uint64_t tried = 0;
  for (const LawResult& law : result.laws) {
    print_law(law);
    tried += law.tried();
  }
  for (const LawResult& law : result.laws) {
    if (law.counterexample) print_counterexample(law);
  }
  fmt::print("{} cases of {} laws on {} {}{}{}, seed {}, in {:.1f} s ({:.0f} a second, {} jobs): {}\n", tried,
             plan.laws.size(), handshake.name, handshake.version,
             plan.against.empty() ? "" : " against " + plan.against, plan.merges_buffers ? ", buffers merged" : "",
             plan.seed, static_cast<double>(time.count()) / 1000,
             1000.0 * static_cast<double>(tried) / static_cast<double>(std::max<std::int64_t>(time.count(), 1)),
             plan.jobs, summary_of(result, plan));
  std::fflush(stdout);
}

void PropertyReport::write(const std::vector<LawResult>& laws, const property::CampaignResult* whole,
                           std::chrono::milliseconds time, const std::filesystem::path& file) const {
  nlohmann::json document{{"schema", 3},
                          {"suite", RECVINTO_VERSION},
                          {"implementation", plan.implementation},
                          {"against", plan.against},
                          {"name", handshake.name},
                          {"version", handshake.version},
                          {"seed", plan.seed},
                          {"jobs", plan.jobs},
                          {"milliseconds", time.count()},
                          {"complete", whole != nullptr && !whole->ended},
                          {"laws", property::to_json(laws)}};
  if (plan.merges_buffers) document["merged_buffers"] = true;
  if (whole != nullptr && whole->ended) {
    document["ended"] = {{"cause", kit::name(whole->ended->cause)}, {"reason", whole->ended->reason}};
  }
  kit::write_whole(file, document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace recvinto::runner
