#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "kit/oracle/model_world.h"
#include "kit/values/capability.h"
#include "kit/values/item_kind.h"
#include "kit/values/socket_kind.h"
#include "kit/values/unix_options.h"

namespace recvinto::property {

/// What scenarios are generated for: nothing is asked of an implementation that it does not declare.
struct World {
  kit::Capabilities capabilities = {};
  kit::ModelWorld model = {};
  /// Scripts can be played: its receives go through a scripted kernel.
  bool scripts = false;
  /// They can answer waits, too: it can be called in a process that is supervised.
  bool waits = false;
  /// Pidfds may arrive (SO_PASSPIDFD). Those that are not reported are counted over a whole process: not where other
  /// calls are on their way in it.
  bool pidfds = false;
  /// What the implementation says of itself: Handshake::sockets, items and is_timed_by_the_system.
  std::optional<std::vector<kit::SocketKind>> sockets = {};
  kit::ItemKinds items = {};
  bool is_timed_by_the_system = false;
  /// Handshake::timeout_resolution, and the timeout of calls that find what they look for.
  std::chrono::milliseconds timeout_resolution{1};
  std::chrono::milliseconds long_timeout{10'000};

  /// Descriptors and other items are reported as ancillary data: without that word those mean nothing.
  [[nodiscard]] bool can(kit::Capability capability) const {
    const bool is_ancillary = capability == kit::Capability::kRights || capability == kit::Capability::kAllItems;
    return capabilities.contains(capability) && (!is_ancillary || capabilities.contains(kit::Capability::kAncillary));
  }
  [[nodiscard]] bool takes(const kit::SocketKind& kind) const {
    return !sockets || std::ranges::find(*sockets, kind) != sockets->end();
  }
  /// Items of that kind, which are none of descriptors.
  [[nodiscard]] bool reports(kit::ItemKind kind) const {
    return can(kit::Capability::kAllItems) || (can(kit::Capability::kAncillary) && kit::contains(items, kind));
  }
  /// Some kind of item that comes with the packets of UDP.
  [[nodiscard]] bool reports_of_packets() const {
    return can(kit::Capability::kAllItems) || std::ranges::any_of(items, [this](kit::ItemKind kind) {
             return reports(kind) && (kind.level == IPPROTO_IP || kind.level == IPPROTO_IPV6);
           });
  }
  [[nodiscard]] bool can_all(kit::Capabilities needed) const { return (needed - capabilities).empty(); }
};

inline constexpr kit::ItemKind kCredentialsItem{SOL_SOCKET, SCM_CREDENTIALS};
inline constexpr kit::ItemKind kPidfdItem{SOL_SOCKET, kit::kScmPidfd};

/// ModelWorld::default_room, where the implementation says nothing of it. What is never asked for room takes what it
/// likes (adapters/PROTOCOL.md): enough.
inline std::optional<std::size_t> default_room_of(const World& world) {
  if (!world.can(kit::Capability::kAncillary)) return 0;
  if (!world.can(kit::Capability::kAncbufsize)) return std::size_t{1} << 16;
  return world.can(kit::Capability::kPythonForms) ? std::optional<std::size_t>(0) : std::nullopt;
}

}  // namespace recvinto::property
