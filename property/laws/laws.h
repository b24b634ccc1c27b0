#pragma once

#include <vector>

#include "property/framework/law.h"

namespace recvinto::property {

// The laws by what they are about, a file each.
std::vector<Law> scattering_laws();
std::vector<Law> control_laws();
std::vector<Law> scripted_control_laws();
std::vector<Law> stream_laws();
std::vector<Law> peeking_laws();
std::vector<Law> interruption_laws();
std::vector<Law> descriptor_laws();
std::vector<Law> refusal_laws();
std::vector<Law> model_laws();
std::vector<Law> conversation_laws();

/// Whether answer `other` is the same as `one` but for where its bytes lie; what differs, if not.
Violation unlike_each_other(const kit::Answer& one, const kit::Answer& other, const World& world);
/// The same for two performances with as many calls.
Violation unlike_each_other(const Performance& one, const Performance& other, const World& world);

}  // namespace recvinto::property
