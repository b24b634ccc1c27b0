#pragma once

#include <rapidcheck/Gen.h>
#include <rapidcheck/Seq.h>

#include "property/framework/law.h"

namespace recvinto::property {

/// Scenarios a little simpler than this one, the boldest first: fewer steps, calls, messages, buffers, descriptors,
/// flags; shorter data and rooms. They need not make sense.
rc::Seq<kit::Scenario> simpler(const kit::Scenario& scenario);

/// Whether it is of the law's family, and each of its calls returns, as far as the model can tell.
bool makes_sense(const kit::Scenario& scenario, const Law& law, const World& world);

/// The law's scenarios as RapidCheck knows generators: each with all the simpler ones that make sense.
rc::Gen<kit::Scenario> scenarios(const Law& law, const World& world);

}  // namespace recvinto::property
