#pragma once

#include <chrono>

namespace recvinto::kit {

/// What deadlines and waits are measured by.
using Clock = std::chrono::steady_clock;

}  // namespace recvinto::kit
