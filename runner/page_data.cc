#include "runner/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "conformance/framework/claim.h"
#include "runner/areas.h"
#include "runner/causes.h"
#include "runner/result_json.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDetails = 2'000'000;  // bytes of all checks together
constexpr int kShownAlways = 2;                  // of each cause
constexpr std::size_t kMostDifferences = 24;
constexpr std::size_t kMostOfAList = 16;
constexpr std::size_t kLongestValue = 600;
constexpr std::size_t kLongestText = 2000;
constexpr std::size_t kMostOfStderr = 4000;

bool continues_a_character(char letter) {
  return (static_cast<std::uint8_t>(letter) & 0xC0U) == 0x80U;
}

/// Values in every depth.
json shortened_values(const json& value) {
  if (value.is_string()) return shortened(value.get<std::string>(), kLongestValue);
  if (value.is_array()) {
    json list = json::array();
    for (const json& element : value) {
      if (list.size() == kMostOfAList) {
        list.push_back(fmt::format("... {} more", value.size() - kMostOfAList));
        break;
      }
      list.push_back(shortened_values(element));
    }
    return list;
  }
  if (!value.is_object()) return value;
  json object = json::object();
  for (const auto& [key, member] : value.items()) object[key] = shortened_values(member);
  return object;
}

/// A value around the place where it begins to differ from another.
std::string around(const std::string& value, std::size_t place) {
  constexpr std::size_t kBefore = 120;
  if (value.size() <= kLongestValue) return value;
  std::size_t begin = std::min(place > kBefore ? place - kBefore : 0, value.size());
  while (begin > 0 && begin < value.size() && continues_a_character(value[begin])) --begin;
  const std::string rest = shortened(value.substr(begin), kLongestValue);
  return begin == 0 ? rest : fmt::format("[{} before] {}", begin, rest);
}

json shown_difference(const json& difference) {
  const std::string expected = difference.at("expected");
  const std::string actual = difference.at("actual");
  const auto place = static_cast<std::size_t>(std::ranges::mismatch(expected, actual).in1 - expected.begin());
  json shown = difference;
  shown["expected"] = around(expected, place);
  shown["actual"] = around(actual, place);
  return shown;
}

/// What people read of an observation; the rest is in results.json.
json shown_observation(const json& observation) {
  constexpr std::array kFields{"nbytes",  "msg_flags", "error", "address",           "ancdata",   "buffers",
                               "signals", "warnings",  "facts", "stray_descriptors", "elapsed_us"};
  json shown = json::object();
  for (const char* field : kFields) {
    const auto value = observation.find(field);
    if (value != observation.end()) shown[field] = shortened_values(*value);
  }
  const auto kernel = observation.find("kernel");
  if (kernel == observation.end() || !kernel->is_object()) return shown;
  json calls = json::array();
  for (const json& call : kernel->value("calls", json::array())) calls.push_back(call.value("call", ""));
  shown["kernel"] = shortened_values(calls);
  return shown;
}

/// The first and the last of them: a check may repeat itself a thousand times.
json shown_steps(const json& steps) {
  constexpr std::size_t kFirst = 12;
  constexpr std::size_t kLast = 24;
  json shown = json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == kFirst && steps.size() > kFirst + kLast) {
      shown.push_back({{"omitted", steps.size() - kFirst - kLast}});
      i = steps.size() - kLast;
    }
    const json& step = steps[i];
    if (const auto sentence = step.find("step"); sentence != step.end()) {
      shown.push_back(shortened(sentence->get<std::string>(), kLongestValue));
    } else {
      shown.push_back({{"seen", shown_observation(step)}});
    }
  }
  return shown;
}

/// Its end: a trace says there what it is about.
std::string end_of(const std::string& text) {
  if (text.size() <= kMostOfStderr) return text;
  std::size_t begin = text.size() - kMostOfStderr;
  while (begin < text.size() && continues_a_character(text[begin])) ++begin;
  return fmt::format("[{} bytes before]\n{}", begin, text.substr(begin));
}

json details_of(const json& check) {
  json details = json::object();
  json& differences = details["differences"] = json::array();
  for (const json& difference : check.at("differences")) {
    if (differences.size() == kMostDifferences) break;
    differences.push_back(shown_difference(difference));
  }
  if (check.at("differences").size() > kMostDifferences) {
    details["more_differences"] = check.at("differences").size() - kMostDifferences;
  }
  if (const auto error = check.find("error"); error != check.end()) details["error"] = shortened_values(*error);
  if (const auto seen = check.find("observation"); seen != check.end()) {
    details["steps"] = shown_steps(seen->at("steps"));
  }
  if (const auto text = check.find("stderr"); text != check.end()) details["stderr"] = end_of(*text);
  return details;
}

std::string key_of(const json& check) {
  const std::string summary = check.at("summary");
  return runner::key_of(kit::cause_named(check.at("cause").get<std::string>()), summary);
}

json page_requirement(const conformance::Requirement& requirement) {
  return {{"level", name(requirement.level)},
          {"sentence", requirement.sentence},
          {"citation", requirement.citation},
          {"url", requirement.url}};
}

}  // namespace

bool is_bad_verdict(const std::string& verdict) {
  return verdict != "PASS" && verdict != "SKIP" && verdict != "XFAIL";
}

std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && continues_a_character(text[end])) --end;
  return fmt::format("{} [{} more]", text.substr(0, end), text.size() - end);
}

json page_requirements() {
  json requirements = json::object();
  for (const conformance::Requirement& requirement : conformance::every_requirement()) {
    if (requirement.excluded.empty()) requirements[requirement.slug] = page_requirement(requirement);
  }
  return requirements;
}

json page_topics() {
  json topics = json::object();
  for (const conformance::Claim& claim : conformance::every_claim()) topics[claim.topic] = area_of(claim.topic);
  return topics;
}

json page_head(const json& results) {
  json head{{"areas", every_area()}, {"topics", page_topics()}, {"requirements", page_requirements()}};
  for (const auto& [field, value] : results.items()) {
    if (field != "checks" && field != "summary") head[field] = value;
  }
  return head;
}

json PageChecks::next(const json& check) {
  json shown = json::object();
  for (const char* field : {"id", "requirements", "level", "verdict", "milliseconds", "repro"}) {
    shown[field] = check.at(field);
  }
  for (const char* field : {"baseline", "scenario", "replay", "kernel_deviates"}) {
    if (const auto value = check.find(field); value != check.end()) shown[field] = shortened_values(*value);
  }
  const std::string verdict = check.at("verdict");
  if (verdict == "PASS") return shown;
  shown["cause"] = check.at("cause");
  shown["summary"] = shortened(check.at("summary"), kLongestValue);
  shown["reason"] = shortened(check.at("reason"), kLongestText);
  const std::string key = key_of(check);
  if (key != check.at("summary").get<std::string>()) shown["key"] = shortened(key, kLongestValue);
  if (verdict == "SKIP" && !check.contains("kernel_deviates")) return shown;
  const bool is_among_the_first = shown_[verdict + ' ' + key]++ < kShownAlways;
  if (bytes_ >= kMostDetails && !is_among_the_first) {
    shown["is_brief"] = true;
    return shown;
  }
  const json details = details_of(check);
  bytes_ += details.dump(-1, ' ', false, json::error_handler_t::replace).size();
  shown.update(details);
  return shown;
}

json page_data(const Results& results) {
  json data = page_head(head_of(results));
  json& checks = data["checks"] = json::array();
  PageChecks page;
  for (const Result& result : results.checks) checks.push_back(page.next(to_json(result)));
  data["summary"] = summary_of(results);
  return data;
}

json page_data(const json& results) {
  json data = page_head(results);
  json& checks = data["checks"] = json::array();
  PageChecks page;
  for (const json& check : results.at("checks")) checks.push_back(page.next(check));
  data["summary"] = results.at("summary");
  return data;
}

}  // namespace recvinto::runner
