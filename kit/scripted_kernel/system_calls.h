#pragma once

#include <linux/audit.h>
#include <linux/elf-em.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "kit/values/abi.h"

namespace recvinto::kit {

/// A system call, by its number in one architecture.
struct NamedCall {
  std::uint32_t number = 0;
  std::string_view name;
};

/// A system call that waits until descriptors are ready: how it names them, and how its timeout is given.
struct ReadinessCall {
  enum class Set { kPoll, kSelect, kEpoll };
  enum class Time { kMilliseconds, kTimeval, kTimespec };
  std::uint32_t number = 0;
  std::string_view name;
  Set set = Set::kPoll;
  Time time = Time::kMilliseconds;
  std::size_t time_word = 8;  ///< bytes of a number in a struct timeval or timespec
};

/// What one architecture's programs enter the kernel with. Numbers are written down here, for the headers of a host
/// only know its own.
struct Architecture {
  std::uint32_t audit = 0;  ///< AUDIT_ARCH_...
  Abi abi;
  std::uint32_t recvmsg = 0;
  std::optional<std::uint32_t> socketcall = {};    ///< socketcall(2), whose arguments lie in memory
  std::span<const NamedCall> others;               ///< what else receives
  std::span<const std::uint32_t> waits;            ///< poll(2) and its kin: by number only, whatever they wait for
  std::span<const ReadinessCall> readiness_calls;  ///< those of them whose arguments are known
  std::span<const std::uint32_t> pauses;  ///< nanosleep(2) and its kin: they wait for nothing but time and signals
  std::span<const NamedCall> sleeps;      ///< what may be any wait: names for messages
};

/// Those that a process on this host may use: its own and, where it runs 32-bit programs, theirs.
std::span<const Architecture> architectures();
/// Null for any other.
const Architecture* architecture_of(std::uint32_t audit);

/// The first argument of socketcall(2) for recvmsg.
inline constexpr std::uint32_t kSocketcallRecvmsg = 17;
/// For recv, recvfrom, recvmsg and recvmmsg.
inline constexpr std::array<std::uint32_t, 4> kSocketcallReceives{10, 12, kSocketcallRecvmsg, 19};
/// The same number on every architecture.
inline constexpr std::uint32_t kIoUringSetup = 425;
inline constexpr std::uint32_t kIoUringEnter = 426;
/// Set in the numbers of the x32 ABI, which x86-64 kernels report as their own architecture.
inline constexpr std::uint32_t kX32Bit = 0x40000000;

}  // namespace recvinto::kit
