#pragma once

#include <optional>

#include "kit/values/observation.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// A socket that sends to the receiving socket.
struct Sender {
  UniqueFd socket;
  std::optional<Address> address;  ///< where its data comes from; nullopt: it has no name
};

}  // namespace recvinto::kit
