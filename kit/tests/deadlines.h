#pragma once

#include <chrono>

namespace recvinto::kit {

/// A timeout, or a deadline, that a test which passes does not reach.
inline constexpr std::chrono::milliseconds kLong{30'000};

}  // namespace recvinto::kit
