#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

namespace recvinto::kit {

/// The time that processors have spent in all threads of a process, the kernel on its behalf included. How busy the
/// machine is does not change it. `nullopt` if this host does not show it.
std::optional<std::chrono::nanoseconds> processor_time(pid_t pid);

}  // namespace recvinto::kit
