#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "kit/scripted_kernel/effects.h"

namespace recvinto::kit {

/// The memory of another thread's process.
class RemoteMemory {
 public:
  /// How it is reached.
  enum class Way {
    kProcessVm,  ///< process_vm_readv(2), which honours the protection of pages as the kernel's own copies do
    kProcMem,    ///< /proc/PID/mem, for hosts that forbid the other. Writes through read-only pages.
  };

  explicit RemoteMemory(pid_t tid, Way way = Way::kProcessVm) : tid_(tid), way_(way) {}

  /// Whether all of it could be read.
  bool read(std::uint64_t address, std::span<std::byte> into) const;
  /// The first as read(), and with it, for little more, the second where there is something to be read. How many bytes
  /// of both together, in order.
  std::size_t read_both(std::uint64_t first, std::span<std::byte> into_first, std::uint64_t second,
                        std::span<std::byte> into_second) const;
  /// In one system call where they are not many (IOV_MAX). Whether all of it could be written; else some of it, in
  /// order, may have been.
  bool write(std::span<const Patch> patches) const;

 private:
  bool write_through_proc(std::span<const Patch> patches) const;

  pid_t tid_;
  Way way_;
};

}  // namespace recvinto::kit
