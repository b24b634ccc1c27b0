#pragma once

#include <string>

#include "kit/subjects/socket_pool.h"
#include "kit/values/socket_kind.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// The network that the sockets of a scenario are in: the host's, or the private one.
class StageNetwork {
 public:
  /// From now on, the private one. Throws EnvironmentLacks.
  void enter_private();
  [[nodiscard]] bool is_private() const { return is_private_; }
  /// Of a receiving socket that is neither bound nor connected.
  [[nodiscard]] Form blank_form() const { return is_private_ ? Form::kPrivate : Form::kBlank; }
  [[nodiscard]] UniqueFd open(const SocketKind& kind) const;

  /// Renames the private network's interface, until leave().
  void rename_interface(const std::string& name);
  void leave() noexcept;
  /// Another scenario begins, in the host's network.
  void begin_scenario() { is_private_ = false; }

 private:
  bool is_private_ = false;
  bool is_renamed_ = false;
};

}  // namespace recvinto::kit
