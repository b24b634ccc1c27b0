#include "property/framework/results_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "kit/performing/outcome_json.h"
#include "kit/values/scenario_json.h"

namespace recvinto::property {

using nlohmann::json;

namespace {

json to_json(const Counterexample& example) {
  json object = kit::to_json(example.outcome);
  object["case"] = example.case_number;
  object["tried"] = example.tried;
  object["scenario"] = kit::to_json(*example.outcome.scenario);
  if (example.gave_up) object["gave_up"] = true;
  if (example.recurs_alone) object["recurs_alone"] = *example.recurs_alone;
  return object;
}

Counterexample counterexample_from(const json& object) {
  Counterexample example{.case_number = object.at("case"),
                         .outcome = kit::outcome_from_json(object),
                         .tried = object.at("tried"),
                         .gave_up = object.value("gave_up", false)};
  example.outcome.scenario = kit::scenario_from_json(object.at("scenario"));
  if (object.contains("recurs_alone")) example.recurs_alone = object.at("recurs_alone").get<bool>();
  return example;
}

json to_json(const Omission& omission) {
  return {{"cause", kit::name(omission.cause)}, {"reason", omission.reason}};
}

Omission omission_from(const json& object) {
  return {kit::cause_named(object.at("cause").get<std::string>()), object.at("reason")};
}

}  // namespace

json to_json(const LawResult& result) {
  json law{{"law", result.law->name},
           {"sentence", result.law->sentence},
           {"recommended", result.law->is_recommended},
           {"cases", result.cases},
           {"tried", result.tried()}};
  if (result.not_tried) law["not_tried"] = to_json(*result.not_tried);
  if (!result.fault.empty()) law["fault"] = result.fault;
  for (const auto& [omission, count] : result.skipped) {
    json& skipped = law["skipped"].emplace_back(to_json(omission));
    skipped["cases"] = count;
  }
  if (result.kernel_deviates != 0) law["kernel_deviates"] = result.kernel_deviates;
  for (const auto& [entry, count] : result.known) law["known"][std::to_string(entry)] = count;
  json& shown = law["shown"] = json::object();
  for (std::size_t i = 0; i < kFeatures; ++i) {
    if (result.shown[i] != 0) shown[std::string(name(static_cast<Feature>(i)))] = result.shown[i];
  }
  if (result.counterexample) law["counterexample"] = to_json(*result.counterexample);
  return law;
}

json to_json(const std::vector<LawResult>& results) {
  json laws = json::array();
  for (const LawResult& result : results) laws.push_back(to_json(result));
  return laws;
}

LawResult law_result_from_json(const json& object, const Plan& plan) {
  const auto law = std::ranges::find(plan.laws, object.at("law").get<std::string>(), &Law::name);
  if (law == plan.laws.end()) throw std::invalid_argument("no law of the plan");
  LawResult result{.law = *law,
                   .fault = object.value("fault", ""),
                   .cases = object.at("cases"),
                   .kernel_deviates = object.value("kernel_deviates", std::uint64_t{0})};
  if (object.contains("not_tried")) result.not_tried = omission_from(object.at("not_tried"));
  for (const json& skipped : object.value("skipped", json::array())) {
    result.skipped[omission_from(skipped)] = skipped.at("cases");
  }
  if (object.contains("known")) {
    for (const auto& [entry, count] : object.at("known").items()) result.known[std::stoul(entry)] = count;
  }
  for (std::size_t i = 0; i < kFeatures; ++i) {
    result.shown[i] = object.at("shown").value(std::string(name(static_cast<Feature>(i))), std::uint64_t{0});
  }
  if (object.contains("counterexample")) result.counterexample = counterexample_from(object.at("counterexample"));
  return result;
}

}  // namespace recvinto::property
