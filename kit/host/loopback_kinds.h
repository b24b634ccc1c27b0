#pragma once

#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// Throws EnvironmentLacks where two sockets of this kind, one of kEveryKind, cannot reach each other on this host:
/// many a container has no IPv6, and a network namespace of one's own begins with its loopback interface down. Found
/// out once for all kinds; what else goes wrong then, like a limit of descriptors, is no lack and throws
/// std::system_error.
void require_loopback(const SocketKind& kind);

}  // namespace recvinto::kit
