#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "kit/values/capability.h"

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
};

}  // namespace recvinto::kit
