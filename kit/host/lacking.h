#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <system_error>

// What a host may not have, or forbid: what needs it is skipped, and is neither the implementation's fault nor the
// suite's.

namespace recvinto::kit {

/// What a host runs out of, does not have or forbids, and no call of an implementation uses up.
bool is_the_hosts(const std::system_error& error);

/// The system call `what`, without which nothing can be judged, has failed: throws EnvironmentLacks with what errno
/// says.
[[noreturn]] void lack(const std::string& what);

/// Throws EnvironmentLacks where poll(2), by which everything here waits, is forbidden.
void require_poll();

/// Throws EnvironmentLacks where /proc does not show what descriptors are open on: it is not mounted, or cannot be
/// listed.
void require_proc();

/// Throws EnvironmentLacks where a thread cannot be sent a signal.
void require_signals_to_threads();

/// Throws EnvironmentLacks where a limit (RLIMIT_AS) leaves the process less than that for mappings.
void require_address_space(pid_t pid, std::uint64_t bytes);

}  // namespace recvinto::kit
