#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/values/handshake.h"

// The choices of a handshake: adapters/PROTOCOL.md, Choices.

namespace recvinto::kit {

bool is_choice(std::string_view name);

/// Takes a choice; false for a name that is none. Throws std::invalid_argument, which says what there is to choose
/// from, for a value that is none.
bool choose(Handshake& handshake, std::string_view name, std::string_view value);

/// Those that differ from their defaults, and unnamed_address: names and values.
std::vector<std::pair<std::string, std::string>> choices_of(const Handshake& handshake);

}  // namespace recvinto::kit
