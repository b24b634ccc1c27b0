#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kit/host/waiting_threads.h"
#include "kit/values/abi.h"

namespace recvinto::kit {

struct Architecture;

// What /proc tells of another process: facts seen from outside, which no implementation can colour.

/// A descriptor that a process has open, and the file behind it.
struct OpenDescriptor {
  int number = -1;
  dev_t device = 0;
  ino_t inode = 0;

  friend bool operator==(const OpenDescriptor&, const OpenDescriptor&) = default;
};

/// The numbers to examine; empty: all. Each descriptor costs a system call, and there are hundreds.
using Wanted = std::function<bool(int number)>;

/// The descriptors that process `pid` has open now; without those that vanish while looking.
std::vector<OpenDescriptor> open_descriptors(pid_t pid, const Wanted& wanted = {});

/// How many descriptors process `pid` has open now.
std::size_t count_open_descriptors(pid_t pid);

/// What stands behind one descriptor of a process.
struct DescriptorFacts {
  bool close_on_exec = false;
  /// Of the open file; nullopt where this host does not report it.
  std::optional<std::uint64_t> offset = {};
  /// Of a pidfd, and only of one: the process; 0 where it is none of ours, or has ended.
  std::optional<pid_t> process = {};
};
/// Nothing where it is not open.
std::optional<DescriptorFacts> descriptor_facts(pid_t pid, int number);

/// The file behind one descriptor of a process; nothing where it is not open.
std::optional<OpenDescriptor> open_descriptor(pid_t pid, int number);

/// Whether process `pid` has the process ids and user ids that this process has. True if that cannot be found out.
bool shares_ids_with(pid_t pid);

/// Whether descriptor `number` of the process is close-on-exec; false where it is not open.
bool is_close_on_exec(pid_t pid, int number);

/// The layouts that its program uses: 32-bit programs run under a 64-bit kernel. Those of this process if that cannot
/// be found out.
Abi abi_of(pid_t pid);

/// Whether AddressSanitizer watches over it.
bool has_address_sanitizer(pid_t pid);

/// Whether its recvmsg is AddressSanitizer's, which takes lengths beyond the room for an overflow. Not that of this
/// very program, which does without.
bool believes_kernel_lengths(pid_t pid);

/// Bytes of memory that are its own and present, not of files and not shared. 0 if that cannot be found out.
std::size_t private_memory(pid_t pid);

/// What its program enters the kernel with; that of this process if that cannot be found out, null if this is unknown,
/// too.
const Architecture* architecture_of_process(pid_t pid);

enum class ExitState {
  kRuns,
  kExiting,  ///< its main thread has begun to end: what is seen of the process may be incomplete
  kExited,   ///< no thread of it is left, whether it has been reaped or not
};
ExitState exit_state_of(pid_t pid);

/// Whether a signal that was sent has not been taken yet by any of its threads.
bool has_pending_signal(pid_t pid, int signum);

/// Whether it is stopped (SIGSTOP).
bool is_stopped(pid_t pid);

}  // namespace recvinto::kit
