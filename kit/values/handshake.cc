#include "kit/values/handshake.h"

#include <sys/socket.h>

#include <algorithm>

namespace recvinto::kit {

bool Handshake::takes(const SocketKind& kind) const {
  return !sockets || std::ranges::find(*sockets, kind) != sockets->end();
}

bool Handshake::reports(ItemKind kind) const {
  if (!capabilities.contains(Capability::kAncillary)) return false;
  if (kind == ItemKind{SOL_SOCKET, SCM_RIGHTS} && capabilities.contains(Capability::kRights)) return true;
  return capabilities.contains(Capability::kAllItems) || contains(items, kind);
}

std::chrono::milliseconds Handshake::timeout_of(std::chrono::milliseconds least) const {
  return (least + timeout_resolution - std::chrono::milliseconds(1)) / timeout_resolution * timeout_resolution;
}

std::string cannot_be_given(const SocketKind& kind) {
  return "the implementation can be given no socket of kind " + std::string(kind.name);
}

}  // namespace recvinto::kit
