#pragma once

#include <sys/types.h>

#include <bit>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/capability.h"
#include "kit/values/item_kind.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// What an implementation says of itself.
struct Handshake {
  std::string name;
  std::string version;
  std::string language;
  Capabilities capabilities;
  /// Protocol: "null" (false) or "empty" (true).
  bool unnamed_address_is_empty = false;
  /// The process that answers, where it is not the one that was started.
  std::optional<pid_t> pid = {};

  /// The kinds of sockets that it can be given; nullopt: every kind.
  std::optional<std::vector<SocketKind>> sockets = {};
  /// Of the program in which the calls are made, where its process does not show it: it runs in an emulator.
  std::optional<std::endian> byte_order = {};
  std::optional<Abi> abi = {};
  /// The kinds of items that are reported where not all are (Capability::kAllItems).
  ItemKinds items = {};

  /// Bytes of room for ancillary data where a call asks for none: an inner nullopt is a default of its own, of which
  /// nothing is said; nullopt: it is not said whether there is any.
  std::optional<std::optional<std::size_t>> default_ancbufsize = {};
  /// Timeouts are multiples of it.
  std::chrono::milliseconds timeout_resolution{1};
  /// Timeouts are the system call's own (SO_RCVTIMEO), and not those of a wait before it.
  bool is_timed_by_the_system = false;
  /// The bits of msg_flags that can be reported.
  int known_msg_flags = ~0;

  [[nodiscard]] bool takes(const SocketKind& kind) const;
  [[nodiscard]] bool reports(ItemKind kind) const;
  /// At least that time, as it can be asked for.
  [[nodiscard]] std::chrono::milliseconds timeout_of(std::chrono::milliseconds least) const;
};

/// Why a scenario on such a socket is skipped: "it can be given no sockets of kind udp4".
std::string cannot_be_given(const SocketKind& kind);

}  // namespace recvinto::kit
