#pragma once

#include <vector>

#include "kit/subjects/socket_pool.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// Receiving sockets that the implementation under test and the suite share, and the descriptors in its process.
class SocketSupply {
 public:
  virtual ~SocketSupply() = default;

  virtual Supplied supply(const SocketKind& kind, Form form) = 0;
  /// Makes a previously supplied socket current again: scripts are played on it. `receiver`: the suite's duplicate.
  virtual void supply_again(int /*receiver*/) {}

  /// Closes them in the implementation's process: now, or when no call is pending.
  virtual void close_descriptors(const std::vector<int>& numbers) = 0;
  /// Closes it there now, although concurrent calls are pending.
  virtual void close_at_once(int number) { close_descriptors({number}); }
  /// True while a close_descriptors() request for `number` is queued.
  [[nodiscard]] virtual bool has_pending_close(int /*number*/) const { return false; }

  /// Number of restarts. Sockets from earlier generations are invalid.
  [[nodiscard]] virtual unsigned generation() const { return 0; }
  /// True if sockets are scarce, so that reusing one is better than asking for another.
  [[nodiscard]] virtual bool has_few_sockets() const { return true; }
  /// Too few sockets are left for the next scenario: the next Implementation::prepare() restarts it.
  virtual void mark_sockets_exhausted() {}
};

}  // namespace recvinto::kit
