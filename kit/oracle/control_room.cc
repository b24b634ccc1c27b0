#include "kit/oracle/control_room.h"

#include <sys/socket.h>

#include <algorithm>

#include "kit/values/unix_options.h"

namespace recvinto::kit {

/// The next item begins aligned, but the last one may lack its padding.
void ControlRoom::use(std::size_t data) {
  left_ -= std::min(left_, abi_.cmsg_space(data));
}

void ControlRoom::put(int level, int type, std::string_view data) {
  was_cut_ = was_cut_ || left_ < abi_.cmsg_len(data.size());
  if (left_ < abi_.header()) return;
  items_.push_back({level, type, Bytes(data.substr(0, left_ - abi_.header()))});
  use(data.size());
}

std::size_t ControlRoom::put_rights(std::size_t descriptors) {
  const std::size_t room = left_ < abi_.header() ? 0 : (left_ - abi_.header()) / sizeof(int);
  const std::size_t fitting = std::min(descriptors, room);
  was_cut_ = was_cut_ || fitting < descriptors;
  if (fitting == 0) return 0;
  items_.push_back({SOL_SOCKET, SCM_RIGHTS, Bytes(fitting * sizeof(int), '\xff')});
  use(fitting * sizeof(int));
  return fitting;
}

/// Linux looks whether there is room before it looks whether there is a sender (scm_pidfd_recv).
void ControlRoom::put_pidfd(bool is_known) {
  if (left_ < abi_.cmsg_len(sizeof(int))) {
    was_cut_ = true;
  } else if (is_known) {
    put(SOL_SOCKET, kScmPidfd, Bytes(sizeof(int), '\xff'));
  }
}

}  // namespace recvinto::kit
