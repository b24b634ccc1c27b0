#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/observation.h"

namespace recvinto::kit {

/// What the model of the receive queue has to know of the machine: who sends, and what the system has chosen.
struct ModelWorld {
  Abi abi = {};  ///< of the implementation's process

  /// Whether the implementation leaves waiting to the system call (Capability::kSystemWait); else its descriptor is
  /// non-blocking underneath, and flags about waiting mean nothing.
  bool waits_in_system_call = true;

  /// Room for ancillary data where a call asks for none: in Python there is none. nullopt: the implementation has a
  /// default of its own, which it does not tell.
  std::optional<std::size_t> default_room = 0;
  /// Whether an ancbufsize beyond a C int is refused, as Python's documentation has it. Elsewhere it may be as large as
  /// the platform can express, and the result depends on memory.
  bool refuses_room_beyond_int = true;
  /// Whether a call that does not wait is made again after EINTR, as in Python (PEP 475). Elsewhere it may fail with
  /// it.
  bool retries_without_waiting = true;

  // Of the sending process.
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;

  // The ids that stand for those that have none here (user_namespaces(7)).
  uid_t overflow_uid = 65534;
  gid_t overflow_gid = 65534;

  int loopback = 1;    ///< index of the loopback interface
  int ttl = 64;        ///< of IPv4 packets, unless their sender says otherwise
  int hop_limit = 64;  ///< of IPv6 packets to the loopback address, likewise

  // Options of unix sockets that are newer than most of what is known of them here.
  bool has_pidfds = false;         ///< SO_PASSPIDFD, since Linux 6.5
  bool can_forbid_rights = false;  ///< SO_PASSRIGHTS, since Linux 6.16

  /// What the implementation makes of a sender without a name (Handshake::unnamed_address_is_empty).
  bool unnamed_address_is_empty = false;

  /// Whether `senders` and `receiver` are known. The system chooses ports and names: they are, after a performance
  /// (Stage::address_of); and without them no address is predicted, and ports in items are 0.
  bool knows_addresses = false;
  std::vector<std::optional<Address>> senders = {};
  std::optional<Address> receiver = {};
};

/// Everything but the addresses, for scenarios that this process performs in its own network.
ModelWorld this_world();

}  // namespace recvinto::kit
