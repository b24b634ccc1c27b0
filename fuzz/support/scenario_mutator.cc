// The mutator of targets whose input is a scenario file: takes the scenario apart, changes its steps, or one value
// somewhere in them, and puts it together again. Most of what it makes can be performed; bytes without structure are no
// JSON at all.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/support/scenario_input.h"
#include "kit/values/scenario_json.h"
#include "kit/values/step_json.h"
#include "property/framework/simpler.h"
#include "property/generators/scenarios.h"

namespace recvinto::fuzz {
namespace {

using kit::ScenarioFile;
using nlohmann::json;
using property::Source;

constexpr int kMostTries = 8;  // for a scenario that makes sense; after them any will do

/// Each call is over before anything else happens.
void finish_calls(kit::Scenario& scenario) {
  std::vector<kit::Step> steps;
  for (kit::Step& one : scenario.steps) {
    if (std::holds_alternative<kit::step::Finish>(one)) continue;
    const bool is_call = std::holds_alternative<kit::step::Start>(one);
    steps.push_back(std::move(one));
    if (is_call) steps.emplace_back(kit::step::Finish());
  }
  scenario.steps = std::move(steps);
}

bool makes_sense(const ScenarioFile& file) {
  static const property::Law kAny{.name = "any scenario", .sentence = ""};
  try {
    return property::makes_sense(file.scenario, kAny, world_of_scenarios());
  } catch (const std::logic_error&) {  // buffers outside their storages: what is simpler need not be whole
    return false;
  }
}

/// What a document is made of.
struct Parts {
  std::vector<json*> values = {};
  std::vector<json*> lists = {};    // that have elements
  std::vector<json*> objects = {};  // that have members
};

void collect(json& value, Parts& parts) {
  if (!value.is_structured()) {
    parts.values.push_back(&value);
  } else if (!value.empty()) {
    (value.is_array() ? parts.lists : parts.objects).push_back(&value);
    for (json& inside : value) collect(inside, parts);
  }
}

json::iterator any_of(json& structure, Source& source) {
  return std::next(structure.begin(), static_cast<std::ptrdiff_t>(source.below(structure.size())));
}

std::int64_t another_number(std::int64_t number, Source& source) {
  static constexpr std::array<std::int64_t, 16> kBoundaries{
      0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 24, 32, 1024, 4096, -1, std::numeric_limits<int>::max()};
  switch (source.below(5)) {
    case 0:
      return number == std::numeric_limits<std::int64_t>::max() ? number : number + 1;
    case 1:
      return number == std::numeric_limits<std::int64_t>::min() ? number : number - 1;
    case 2:
      return number ^ static_cast<std::int64_t>(std::uint64_t{1} << source.below(40));
    case 3:
      return static_cast<std::int64_t>(source.next() >> source.below(64));
    default:
      return source.pick(kBoundaries);
  }
}

/// Hexadecimal texts, which nearly all are: two digits more, less, or others.
std::string another_text(std::string text, Source& source) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t at = source.below(text.size() / 2 + 1) * 2;
  switch (source.below(3)) {
    case 0:
      text.insert(at, {kDigits[source.below(16)], kDigits[source.below(16)]});
      return text;
    case 1:
      text.erase(std::min(at, text.size()), 2);
      return text;
    default:
      if (at < text.size()) text[at] = kDigits[source.below(16)];
      return text;
  }
}

void change_value(json& value, Source& source) {
  if (value.is_number_integer()) {
    value = another_number(
        value.is_number_unsigned() ? static_cast<std::int64_t>(value.get<std::uint64_t>()) : value.get<std::int64_t>(),
        source);
  } else if (value.is_string()) {
    value = another_text(value.get<std::string>(), source);
  } else if (value.is_boolean()) {
    value = !value.get<bool>();
  }
}

/// A run of the elements of a list, or what an object has a default for.
void leave_out(json& structure, Source& source) {
  const json::iterator first = any_of(structure, source);
  if (structure.is_array() && source.once_in(4)) {
    structure.erase(first, std::next(first, static_cast<std::ptrdiff_t>(
                                                1 + source.below(static_cast<std::size_t>(structure.end() - first)))));
  } else {
    structure.erase(first);
  }
}

void repeat_element(json& list, Source& source) {
  const json element = *any_of(list, source);
  list.insert(any_of(list, source), element);
}

enum class Change : std::uint8_t { kValue, kLeaveOut, kRepeat };

void change_steps(std::vector<kit::Step>& steps, Change change, Source& source) {
  const auto first = steps.begin() + static_cast<std::ptrdiff_t>(source.below(steps.size()));
  if (change == Change::kRepeat) {
    const kit::Step step = *first;
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(source.below(steps.size() + 1)), step);
  } else {
    const std::size_t most = source.once_in(4) ? static_cast<std::size_t>(steps.end() - first) : 1;
    steps.erase(first, first + static_cast<std::ptrdiff_t>(1 + source.below(most)));
  }
}

/// False: it is no step any more.
bool change_step(kit::Step& step, Change change, Source& source) {
  json document = kit::step_to_json(step);
  Parts parts;
  collect(document, parts);
  if (change == Change::kValue) {
    change_value(*source.pick(parts.values), source);
  } else if (change == Change::kRepeat) {
    if (parts.lists.empty()) return false;
    repeat_element(*source.pick(parts.lists), source);
  } else {
    leave_out(*source.pick(source.once_in(2) && !parts.lists.empty() ? parts.lists : parts.objects), source);
  }
  try {
    step = kit::step_from_json(document);
    return true;
  } catch (const kit::UnreadableScenario&) {
    return false;
  }
}

/// Another value in a step, or something less in it, or twice; the same of its steps.
void change_somewhere(kit::Scenario& scenario, Change change, Source& source) {
  if (scenario.steps.empty()) return;
  if (change != Change::kValue && source.once_in(3)) {
    change_steps(scenario.steps, change, source);
    return;
  }
  for (int tries = 0; tries < kMostTries; ++tries) {
    kit::Step& step = scenario.steps[source.below(scenario.steps.size())];
    // Calls are finished anew in any case.
    if (!std::holds_alternative<kit::step::Finish>(step) && change_step(step, change, source)) return;
  }
}

/// A run of the steps of `from` stands somewhere among those of `scenario`, or in their place.
kit::Scenario spliced(kit::Scenario scenario, const kit::Scenario& from, Source& source) {
  const std::size_t begin = source.below(from.steps.size() + 1);
  const std::size_t end = begin + source.below(from.steps.size() - begin + 1);
  const std::size_t at = source.below(scenario.steps.size() + 1);
  if (source.once_in(2)) scenario.steps.resize(at);
  scenario.steps.insert(scenario.steps.begin() + static_cast<std::ptrdiff_t>(std::min(at, scenario.steps.size())),
                        from.steps.begin() + static_cast<std::ptrdiff_t>(begin),
                        from.steps.begin() + static_cast<std::ptrdiff_t>(end));
  return scenario;
}

ScenarioFile changed(const ScenarioFile& file, Source& source) {
  // The model does not know the others.
  if (std::ranges::find(kit::kEveryKind, file.scenario.kind) == kit::kEveryKind.end())
    return generated_scenario(source);
  ScenarioFile result{.scenario = file.scenario};  // of no law's family any more
  switch (source.below(10)) {
    case 0:
      return generated_scenario(source);
    case 1: {
      const std::array kinds{file.scenario.kind};
      const property::Family family{.kinds = kinds};
      result.scenario = spliced(file.scenario, property::any_scenario(family, source, world_of_scenarios()), source);
      break;
    }
    case 2:
      result.scenario = spliced(file.scenario, file.scenario, source);
      break;
    case 3:
      result.scenario.kind = source.pick(kit::kEveryKind);
      break;
    case 4:
    case 5:
      change_somewhere(result.scenario, Change::kLeaveOut, source);
      break;
    case 6:
      change_somewhere(result.scenario, Change::kRepeat, source);
      break;
    default:
      change_somewhere(result.scenario, Change::kValue, source);
  }
  return result;
}

/// What is written may be longer than there is room for: then something else has to do.
std::size_t write(const ScenarioFile& file, std::uint8_t* data, std::size_t max_size) {
  const std::string text = kit::text_of(file);
  if (text.size() > max_size) return 0;
  std::memcpy(data, text.data(), text.size());
  remember_scenario(text, file);
  return text.size();
}

template <typename Change>
std::size_t mutated(std::uint8_t* data, std::size_t max_size, Source& source, Change change) {
  std::size_t size = 0;
  for (int tries = 0; tries < kMostTries; ++tries) {
    ScenarioFile file = change(source);
    finish_calls(file.scenario);
    if (makes_sense(file) && (size = write(file, data, max_size)) != 0) return size;
  }
  for (int tries = 0; size == 0 && tries < kMostTries; ++tries) {
    size = write(generated_scenario(source), data, max_size);
  }
  return size;
}

}  // namespace
}  // namespace recvinto::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  using namespace recvinto::fuzz;
  const recvinto::kit::ScenarioFile file = remembered_scenario(data, size);
  Source source(seed);
  return mutated(data, max_size, source, [&file](Source& choices) {
    ScenarioFile result = file;
    for (std::size_t changes = 1 + choices.below(3); changes != 0; --changes) result = changed(result, choices);
    return result;
  });
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2, std::uint8_t* out,
                                                 std::size_t max_out_size, unsigned int seed) {
  using namespace recvinto::fuzz;
  const recvinto::kit::ScenarioFile one = remembered_scenario(data1, size1);
  const recvinto::kit::ScenarioFile other = remembered_scenario(data2, size2);
  Source source(seed);
  return mutated(out, max_out_size, source, [&](Source& choices) {
    ScenarioFile result;
    result.scenario = spliced(one.scenario, other.scenario, choices);
    return result;
  });
}
