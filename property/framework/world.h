#pragma once

#include <cstddef>
#include <optional>

#include "kit/oracle/model_world.h"
#include "kit/values/capability.h"
#include "kit/values/socket_kind.h"

namespace recvinto::property {

/// What scenarios are generated for: nothing is asked of an implementation that it does not declare.
struct World {
  kit::Capabilities capabilities = {};
  kit::ModelWorld model = {};
  /// Scripts can be played: its receives go through a scripted kernel.
  bool scripts = false;
  /// Pidfds may arrive (SO_PASSPIDFD). Those that are not reported are counted over a whole process: not where other
  /// calls are on their way in it.
  bool pidfds = false;

  /// Descriptors and other items are reported as ancillary data: without that word those mean nothing.
  [[nodiscard]] bool can(kit::Capability capability) const {
    const bool is_ancillary = capability == kit::Capability::kRights || capability == kit::Capability::kAllItems;
    return capabilities.contains(capability) && (!is_ancillary || capabilities.contains(kit::Capability::kAncillary));
  }
  [[nodiscard]] bool can_all(kit::Capabilities needed) const { return (needed - capabilities).empty(); }
};

/// ModelWorld::default_room. What is never asked for room takes what it likes (adapters/PROTOCOL.md): enough.
inline std::optional<std::size_t> default_room_of(const World& world) {
  if (!world.can(kit::Capability::kAncillary)) return 0;
  if (!world.can(kit::Capability::kAncbufsize)) return std::size_t{1} << 16;
  return world.can(kit::Capability::kPythonForms) ? std::optional<std::size_t>(0) : std::nullopt;
}

}  // namespace recvinto::property
