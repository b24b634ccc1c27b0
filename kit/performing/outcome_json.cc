#include "kit/performing/outcome_json.h"

#include <nlohmann/json.hpp>
#include <string>

namespace recvinto::kit {

using nlohmann::json;

json to_json(const Differences& differences) {
  json rows = json::array();
  for (const Difference& difference : differences) {
    json row{{"where", difference.where},
             {"field", difference.field},
             {"expected", difference.expected},
             {"actual", difference.actual}};
    if (!difference.summary.empty()) row["summary"] = difference.summary;
    rows.push_back(std::move(row));
  }
  return rows;
}

Differences differences_from_json(const json& rows) {
  Differences differences;
  for (const json& row : rows) {
    differences.push_back({.where = row.at("where"),
                           .field = row.at("field"),
                           .expected = row.at("expected"),
                           .actual = row.at("actual"),
                           .summary = row.value("summary", "")});
  }
  return differences;
}

json to_json(const Outcome& outcome) {
  json object{{"verdict", name(outcome.verdict)}, {"cause", name(outcome.cause)}, {"summary", summary_of(outcome)}};
  if (!outcome.reason.empty()) object["reason"] = outcome.reason;
  if (!outcome.differences.empty()) object["differences"] = to_json(outcome.differences);
  if (!outcome.stderr_text.empty()) object["stderr"] = outcome.stderr_text;
  return object;
}

Outcome outcome_from_json(const json& object) {
  Outcome outcome{.verdict = verdict_named(object.at("verdict").get<std::string>()),
                  .cause = cause_named(object.at("cause").get<std::string>()),
                  .reason = object.value("reason", ""),
                  .stderr_text = object.value("stderr", "")};
  if (object.contains("differences")) outcome.differences = differences_from_json(object.at("differences"));
  return outcome;
}

}  // namespace recvinto::kit
