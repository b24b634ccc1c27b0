#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <variant>

#include "kit/values/scenario.h"

namespace recvinto::property {

/// SO_TIMESTAMP and SO_TIMESTAMPNS, with times as the ABI has them and of 64 bits: the names without a suffix are
/// macros that choose. The model cannot predict what they report; that a call waits, they do not change.
inline constexpr std::array kOptionsOfTimes{29, 35, 63, 64};

inline bool is_option_of_times(const kit::step::SetOption& option) {
  return option.level == SOL_SOCKET && std::ranges::find(kOptionsOfTimes, option.name) != kOptionsOfTimes.end();
}

inline bool is_option_of_times(const kit::Step& step) {
  const auto* option = std::get_if<kit::step::SetOption>(&step);
  return option != nullptr && is_option_of_times(*option);
}

}  // namespace recvinto::property
