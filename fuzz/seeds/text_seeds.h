#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace recvinto::fuzz {

using WriteSeed = std::function<void(std::string_view invariant, const std::string& name, std::string_view bytes)>;

/// Seeds of the targets on what the suite reads: lines of the adapter protocol, scenario files, baselines,
/// requirements.
void write_text_seeds(const WriteSeed& write);

}  // namespace recvinto::fuzz
