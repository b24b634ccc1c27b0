#pragma once

#include <string>

#include "kit/scripted_kernel/remote_memory.h"

namespace recvinto::kit {

/// What this host allows a scripted kernel for other processes to do: found out by playing a script to a child.
struct ScriptedKernelSupport {
  std::string lacking;  ///< why scripts cannot be played here; empty: they can
  RemoteMemory::Way way = RemoteMemory::Way::kProcessVm;
  /// Whether a call that the supervisor has in hand is safe from signals (Linux 5.19); else one may take an answer
  /// away.
  bool holds_against_signals = false;
  bool denies_io_uring = false;  ///< whether the way around every filter is closed

  [[nodiscard]] bool available() const { return lacking.empty(); }
};

/// Tried once, at the first call.
const ScriptedKernelSupport& scripted_kernel_support();

/// One line a fact.
std::string describe(const ScriptedKernelSupport& support);

}  // namespace recvinto::kit
