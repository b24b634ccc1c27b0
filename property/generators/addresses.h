#pragma once

#include <optional>

#include "kit/values/observation.h"
#include "kit/values/socket_kind.h"
#include "property/framework/source.h"

namespace recvinto::property {

/// A socket address as the kernel gives it, of a family whose addresses a receiver on a socket of the kind has room
/// for: of IPv4 and IPv6 any host, port, scope and flow information; of unix sockets pathnames with their terminating
/// zero, and abstract names, both up to the longest.
kit::Bytes any_name(Source& source, const kit::SocketKind& kind);

/// What is reported of a name that any_name() makes; nullopt: it is none of those.
std::optional<kit::Address> address_of_name(const kit::Bytes& name);

}  // namespace recvinto::property
