#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kit/values/scenario_file.h"
#include "property/framework/law.h"
#include "property/framework/source.h"
#include "property/framework/world.h"

namespace recvinto::fuzz {

/// What scenarios are made for: the reference, unless the program has said otherwise.
const property::World& world_of_scenarios();
void make_scenarios_for(property::World world);

/// A scenario of some law's family; the file says which, and the seed of which the law generates it.
kit::ScenarioFile generated_scenario(property::Source& source);
/// The law that the file names, if it generates that scenario: of what is not of its family it says nothing. Else null.
const property::Law* law_that_generates(const kit::ScenarioFile& file);

/// The input of a target as a scenario: a scenario file, so that what was recorded is a corpus, and what is found can
/// be replayed as it is; or, where the bytes are none, the scenario that they are the seed of, so that engines without
/// a mutator for scenarios have something to try, too.
kit::ScenarioFile scenario_from_input(const std::uint8_t* data, std::size_t size);

/// The same for mutators: it need not be read the next time. Targets themselves keep nothing, or each input would look
/// like a leak to an engine, which then performs it once more.
kit::ScenarioFile remembered_scenario(const std::uint8_t* data, std::size_t size);
/// Of a text that was made from a scenario.
void remember_scenario(std::string_view text, const kit::ScenarioFile& file);

}  // namespace recvinto::fuzz
