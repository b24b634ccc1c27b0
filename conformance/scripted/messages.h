#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "conformance/framework/expectation.h"
#include "kit/values/script.h"

// Control messages that scripts return.

namespace recvinto::conformance {

/// Of no protocol that Linux has.
inline constexpr int kLevel = 50;
inline constexpr int kType = 7;

inline kit::ScriptedMessage item(kit::Bytes data, int type = kType) {
  return {.level = kLevel, .type = type, .data = std::move(data)};
}

/// SCM_RIGHTS with that many descriptors.
inline kit::ScriptedMessage rights(std::size_t files) {
  return {.type = SCM_RIGHTS, .files = files};
}

/// What an implementation reports of messages without descriptors.
inline Items items_of(const std::vector<kit::ScriptedMessage>& messages) {
  Items items;
  for (const kit::ScriptedMessage& message : messages) items.push_back({message.level, message.type, message.data});
  return items;
}

}  // namespace recvinto::conformance
