// Tries cases of laws without worker processes, in the calling one: CASES_HERE SPEC CASES SEED LAW... prints what came
// of them, as property.json has it.

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "kit/performing/outcome.h"
#include "property/framework/campaign.h"
#include "property/framework/results_json.h"

int main(int argc, char** argv) {
  using namespace recvinto;
  if (argc < 5) return 64;
  std::signal(SIGPIPE, SIG_IGN);  // of an adapter that has ended
  property::Plan plan{.implementation = argv[1],
                      .seed = std::strtoull(argv[3], nullptr, 10),
                      .cases = std::strtoull(argv[2], nullptr, 10),
                      .shrinking = {.tries = 0},
                      .deadline = std::chrono::milliseconds(500)};
  std::vector<property::LawResult> results;
  for (int i = 4; i < argc; ++i) {
    plan.laws.push_back(property::law_named(argv[i]));
    results.emplace_back().law = plan.laws.back();
  }
  nlohmann::json document = nlohmann::json::object();
  try {
    property::Progress progress;
    property::run_cases(plan, 0, {}, progress, [&](const property::LawResult& found) {
      std::ranges::find(results, found.law, &property::LawResult::law)->add(found);
    });
  } catch (const std::exception&) {
    const kit::Outcome outcome = kit::outcome_of_current_exception();
    document["ended"] = {{"cause", kit::name(outcome.cause)}, {"reason", outcome.reason}};
  }
  document["laws"] = property::to_json(results);
  fmt::print("{}\n", document.dump());
  return 0;
}
