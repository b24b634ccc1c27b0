#pragma once

#include <sys/types.h>

#include <cstddef>

namespace recvinto::kit {

/// How many threads a process has; 0 where /proc does not show them.
std::size_t thread_count(pid_t pid);

}  // namespace recvinto::kit
