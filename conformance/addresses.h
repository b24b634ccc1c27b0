#pragma once

#include <sys/socket.h>

#include <optional>
#include <utility>

#include "conformance/framework/expectation.h"
#include "kit/values/handshake.h"
#include "kit/values/socket_kind.h"

namespace recvinto::conformance {

/// The address to be expected where the system tells `address`. A library may have one call for connections and another
/// one for datagrams, and only the latter has an address: of a unix connection none will do. In Python it is one call.
inline std::optional<kit::Address> or_none(std::optional<kit::Address> address, const Answer& answer,
                                           const kit::SocketKind& kind, const kit::Handshake& handshake) {
  const bool may_be_none =
      kind.is_unix() && kind.type != SOCK_DGRAM && !handshake.capabilities.contains(kit::Capability::kPythonForms);
  return may_be_none && !answer.seen.address ? std::nullopt : std::move(address);
}

}  // namespace recvinto::conformance
