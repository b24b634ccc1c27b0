#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <utility>

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

}  // namespace recvinto::conformance
