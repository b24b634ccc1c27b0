#include "runner/run_comparison.h"

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "runner/page_data.h"
#include "runner/page_groups.h"

namespace recvinto::runner {

using nlohmann::json;

RunComparison compare_runs(const json& before, const json& after) {
  std::unordered_map<std::string, std::string> earlier;
  for (const json& check : before.at("checks")) earlier.emplace(check.at("id"), check.at("verdict"));
  RunComparison comparison;
  for (const json& check : after.at("checks")) {
    const auto old = earlier.find(check.at("id").get<std::string>());
    const std::string verdict = check.at("verdict");
    if (old == earlier.end() || old->second == verdict) continue;
    const bool was_bad = is_bad_verdict(old->second);
    const bool is_bad = is_bad_verdict(verdict);
    std::vector<Change>& kind = was_bad == is_bad ? comparison.others
                                : is_bad          ? comparison.new_failures
                                                  : comparison.gone;
    kind.push_back({.id = old->first, .before = old->second, .after = verdict});
  }
  return comparison;
}

bool is_same_implementation(const json& one, const json& other) {
  const auto name_of = [](const json& data) {
    const json& implementation = data.at("implementation");
    const std::string name = implementation.at("name");
    return name.empty() ? implementation.at("spec").get<std::string>() : name;
  };
  return name_of(one) == name_of(other) && has_merged_buffers(one) == has_merged_buffers(other);
}

}  // namespace recvinto::runner
