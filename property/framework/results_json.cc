#include "property/framework/results_json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "fixtures/scenario/scenario_json.h"

namespace recvinto::property {

using nlohmann::json;

namespace {

kit::Verdict verdict_named(std::string_view name) {
  for (const kit::Verdict verdict : {kit::Verdict::kCrash, kit::Verdict::kHang, kit::Verdict::kProtocol}) {
    if (kit::name(verdict) == name) return verdict;
  }
  return kit::Verdict::kFail;
}

}  // namespace

json to_json(const std::vector<LawResult>& results) {
  json laws = json::array();
  for (const LawResult& result : results) {
    json law{{"law", result.law->name}, {"sentence", result.law->sentence}, {"cases", result.cases}};
    if (!result.not_tried.empty()) law["not_tried"] = result.not_tried;
    if (!result.skipped.empty()) law["skipped"] = result.skipped;
    if (result.kernel_deviates != 0) law["kernel_deviates"] = result.kernel_deviates;
    json& shown = law["shown"] = json::object();
    for (std::size_t i = 0; i < kFeatures; ++i) {
      if (result.shown[i] != 0) shown[std::string(name(static_cast<Feature>(i)))] = result.shown[i];
    }
    if (result.counterexample) {
      const Counterexample& example = *result.counterexample;
      law["counterexample"] = {{"case", example.case_number},
                               {"verdict", kit::name(example.verdict)},
                               {"text", example.text},
                               {"tried", example.tried},
                               {"scenario", kit::to_json(example.scenario)}};
    }
    laws.push_back(std::move(law));
  }
  return laws;
}

std::vector<LawResult> results_from_json(const json& document, const Plan& plan) {
  std::vector<LawResult> results;
  for (std::size_t i = 0; i < plan.laws.size(); ++i) {
    const json& law = document.at(i);
    LawResult& result = results.emplace_back();
    result.law = plan.laws[i];
    result.cases = law.at("cases");
    result.not_tried = law.value("not_tried", "");
    result.kernel_deviates = law.value("kernel_deviates", std::uint64_t{0});
    if (law.contains("skipped")) law.at("skipped").get_to(result.skipped);
    for (std::size_t k = 0; k < kFeatures; ++k) {
      result.shown[k] = law.at("shown").value(std::string(name(static_cast<Feature>(k))), std::uint64_t{0});
    }
    if (!law.contains("counterexample")) continue;
    const json& example = law.at("counterexample");
    result.counterexample = Counterexample{.case_number = example.at("case"),
                                           .verdict = verdict_named(example.at("verdict").get<std::string>()),
                                           .text = example.at("text"),
                                           .scenario = kit::scenario_from_json(example.at("scenario")),
                                           .tried = example.at("tried")};
  }
  return results;
}

}  // namespace recvinto::property
