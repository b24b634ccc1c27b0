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
std::vector<Law> concurrency_laws();
std::vector<Law> conversation_laws();
std::vector<Law> history_laws();
std::vector<Law> scripted_answer_laws();
std::vector<Law> time_laws();
std::vector<Law> option_laws();

}  // namespace recvinto::property
