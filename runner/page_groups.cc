#include "runner/page_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "runner/page_data.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

template <typename Choose>
std::vector<PageGroup> groups(const json& data, const Choose& choose) {
  std::vector<PageGroup> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> place;
  for (const json& check : data.at("checks")) {
    const std::string verdict = check.at("verdict");
    if (!choose(verdict)) continue;
    const std::string summary = check.value("summary", "");
    const auto [group, is_new] = place.try_emplace({verdict, check.value("key", summary)}, groups.size());
    if (is_new)
      groups.push_back({verdict, verdict == "XPASS" ? "passes, although the baseline lists it" : summary, {}});
    groups[group->second].checks.push_back(&check);
  }
  std::ranges::sort(groups, {}, [](const PageGroup& group) {  // those of one size are in the order of the data
    return std::tuple(group.verdict == "NOTRUN", -static_cast<std::ptrdiff_t>(group.checks.size()), group.checks[0]);
  });
  return groups;
}

/// "exec:asio-stream/adapter -v" of "exec:/home/me/build/asio-stream/adapter -v": each path from its last folder on.
std::string with_short_paths(const std::string& spec) {
  std::string result;
  for (std::size_t begin = 0; begin <= spec.size();) {
    const std::size_t end = std::min(spec.find(' ', begin), spec.size());
    const std::string word = spec.substr(begin, end - begin);
    const std::size_t last = word.rfind('/');
    const std::size_t folder = last == std::string::npos || last == 0 ? last : word.rfind('/', last - 1);
    if (!result.empty()) result += ' ';
    if (folder == std::string::npos) {
      result += word;
    } else {
      const std::size_t colon = word.find(':');  // of the SPEC's kind
      result += word.substr(0, colon < folder ? colon + 1 : 0) + word.substr(folder + 1);
    }
    begin = end + 1;
  }
  return result;
}

/// With short paths, where they still differ.
std::map<std::string, std::string> short_forms_of(const std::set<std::string>& specs) {
  std::map<std::string, std::string> forms;
  std::set<std::string> different;
  for (const std::string& spec : specs) different.insert(forms[spec] = with_short_paths(spec));
  if (different.size() != specs.size()) {
    for (auto& [spec, form] : forms) form = spec;
  }
  return forms;
}

}  // namespace

std::string implementation_name(const json& data) {
  const json& implementation = data.at("implementation");
  constexpr std::size_t kLongest = 120;
  const std::string name = shortened(implementation.at("name"), kLongest);
  const std::string version = shortened(implementation.at("version"), kLongest);
  if (name.empty()) return shortened(implementation.at("spec"), kLongest);
  return version.empty() ? name : fmt::format("{} {}", name, version);
}

bool has_merged_buffers(const json& data) {
  return data.value("merged_buffers", false);
}

std::vector<std::string> labels_of(const std::vector<json>& runs) {
  std::map<std::string, std::set<std::string>> specs;  // of each name
  const auto spec_of = [](const json& data) { return data.at("implementation").at("spec").get<std::string>(); };
  for (const json& data : runs) specs[implementation_name(data)].insert(spec_of(data));
  std::vector<std::string> labels;
  for (const json& data : runs) {
    std::string label = implementation_name(data);
    if (specs[label].size() > 1 && spec_of(data) != label) {
      label += fmt::format(" ({})", shortened(short_forms_of(specs[label]).at(spec_of(data)), 80));
    }
    if (has_merged_buffers(data)) label += ", buffers merged";
    const std::string wanted = label;
    for (int number = 2; std::ranges::find(labels, label) != labels.end(); ++number) {
      label = fmt::format("{}, run {}", wanted, number);
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

Tally tally_of(const std::vector<const json*>& checks) {
  Tally tally;
  for (const json* check : checks) {
    const std::string verdict = check->at("verdict");
    if (is_bad_verdict(verdict)) {
      ++tally.bad;
      tally.is_binding = tally.is_binding || check->contains("baseline") || check->at("level") != "recommended";
    } else {
      ++(verdict == "PASS" ? tally.passed : verdict == "SKIP" ? tally.skipped : tally.known);
    }
  }
  return tally;
}

Tally tally_of(const json& data) {
  std::vector<const json*> checks;
  for (const json& check : data.at("checks")) checks.push_back(&check);
  return tally_of(checks);
}

std::string statement_of(const Tally& tally) {
  if (tally.judged() == 0) return "nothing was judged";
  if (tally.bad != 0) {
    return fmt::format("{} of {} judged checks {}{}", tally.bad, tally.judged(), tally.bad == 1 ? "fails" : "fail",
                       tally.is_binding ? "" : ", all of them recommendations");
  }
  std::string counts = fmt::format("{} pass", tally.passed);
  if (tally.known != 0) counts += fmt::format(", {} fail as listed", tally.known);
  if (tally.skipped != 0) counts += fmt::format(", {} skipped", tally.skipped);
  return "nothing fails unexpectedly: " + counts;
}

std::vector<PageGroup> bad_groups(const json& data) {
  return groups(data, is_bad_verdict);
}

std::vector<PageGroup> known_groups(const json& data) {
  return groups(data, [](const std::string& verdict) { return verdict == "XFAIL"; });
}

}  // namespace recvinto::runner
