#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// Sees that what is sent over loopback to a UDP, TCP or packet socket has arrived there. Made before it is sent.
///
/// Linux tells by the memory of the queue (SO_MEMINFO) and by a count of bytes (TCP_INFO). Other kernels with Linux's
/// interface, as gVisor, lack these; there, whether the socket is readable and FIONREAD tell less, but mostly enough.
class Arrival {
 public:
  /// Throws EnvironmentLacks where this host will not show it.
  Arrival(int receiver, const SocketKind& kind);

  /// Whether `size` bytes more have arrived; where the kind keeps messages, whether a message has. `is_urgent`: the
  /// last of them is sent with MSG_OOB, where FIONREAD ends. Throws EnvironmentLacks.
  [[nodiscard]] bool has_come(std::size_t size, bool is_urgent) const;

 private:
  [[nodiscard]] bool has_message() const;
  [[nodiscard]] bool has_bytes(std::size_t size, bool is_urgent) const;

  int receiver_;
  bool keeps_messages_;
  std::optional<std::size_t> memory_;   ///< of the queue before; nullopt: this host does not tell
  std::optional<std::uint64_t> count_;  ///< of bytes that had arrived before; nullopt: this host does not tell
  std::optional<std::size_t> queued_;   ///< bytes to be received before; nullopt: not asked for, or unknown
};

}  // namespace recvinto::kit
