#include "kit/performing/stage_network.h"

#include <exception>
#include <utility>

#include "kit/host/private_network.h"
#include "kit/host/sockets.h"

namespace recvinto::kit {

void StageNetwork::enter_private() {
  PrivateNetwork::get();
  is_private_ = true;
}

UniqueFd StageNetwork::open(const SocketKind& kind) const {
  return is_private_ ? PrivateNetwork::get().open(kind) : open_socket(kind);
}

void StageNetwork::rename_interface(const std::string& name) {
  PrivateNetwork::get().rename(name);
  is_renamed_ = true;
}

void StageNetwork::leave() noexcept {
  if (!std::exchange(is_renamed_, false)) return;
  try {
    PrivateNetwork::get().restore_name();
  } catch (const std::exception&) {  // PrivateNetwork keeps the name that it has now
  }
}

}  // namespace recvinto::kit
