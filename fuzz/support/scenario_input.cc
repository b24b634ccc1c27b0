#include "fuzz/support/scenario_input.h"

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kit/subjects/receiver.h"
#include "property/framework/law.h"
#include "property/framework/subject.h"

namespace recvinto::fuzz {

namespace {

/// An input that was read or written not long ago. An engine asks for a change of one input again and again, and then
/// has the result performed: reading it costs several times what performing it does.
struct Remembered {
  std::string text = {};
  kit::ScenarioFile file = {};
};

Remembered& place_of(std::string_view text) {
  static std::array<Remembered, 8192> places;
  return places[std::hash<std::string_view>()(text) % places.size()];
}

/// The judge passes over calls with longer ones.
constexpr std::chrono::milliseconds kLongTimeout{1};

/// Of what is made for the reference nothing is left out.
property::World world_of_the_reference() {
  return {.capabilities = kit::make_reference_receiver()->handshake().capabilities,
          .model = kit::this_world(),
          .scripts = true,
          .long_timeout = kLongTimeout};
}

property::World& chosen_world() {
  static property::World world = world_of_the_reference();
  return world;
}

}  // namespace

const property::World& world_of_scenarios() {
  return chosen_world();
}

void make_scenarios_for(property::World world) {
  world.long_timeout = kLongTimeout;
  chosen_world() = std::move(world);
}

kit::ScenarioFile generated_scenario(property::Source& source) {
  const property::World& world = world_of_scenarios();
  std::vector<const property::Law*> laws;
  for (const property::Law& law : property::every_law()) {
    if (property::why_not(law, world).empty()) laws.push_back(&law);
  }
  const property::Law& law = *source.pick(laws);
  const std::uint64_t seed = source.next();
  property::Source own(seed);
  return {.scenario = law.generate(own, world), .law = std::string(law.name), .seed = seed};
}

const property::Law* law_that_generates(const kit::ScenarioFile& file) {
  const property::Law* law = property::law_named(file.law);
  if (law == nullptr || !file.seed || !property::why_not(*law, world_of_scenarios()).empty()) return nullptr;
  property::Source source(*file.seed);
  return law->generate(source, world_of_scenarios()) == file.scenario ? law : nullptr;
}

void remember_scenario(std::string_view text, const kit::ScenarioFile& file) {
  Remembered& place = place_of(text);
  place.text = text;
  place.file = file;
}

kit::ScenarioFile scenario_from_input(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const Remembered& place = place_of(text); !text.empty() && place.text == text) return place.file;
  try {
    return kit::scenario_file_from(text);
  } catch (const kit::UnreadableScenario&) {
    std::uint64_t seed = size;
    for (std::size_t i = 0; i < size; ++i) seed = property::Source(seed ^ data[i]).next();
    property::Source source(seed);
    return generated_scenario(source);
  }
}

kit::ScenarioFile remembered_scenario(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const Remembered& place = place_of(text); !text.empty() && place.text == text) return place.file;
  kit::ScenarioFile file = scenario_from_input(data, size);
  remember_scenario(text, file);
  return file;
}

}  // namespace recvinto::fuzz
