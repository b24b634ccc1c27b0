#pragma once

#include <linux/filter.h>

#include <optional>
#include <vector>

#include "kit/scripted_kernel/filter.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// The launcher: has a process that is being started put itself, and all that it will start, under supervision.
///
/// Made before fork(2), install() in the child before exec, take_listener() in the parent. The filter survives exec and
/// cannot be removed.
class Launch {
 public:
  /// Throws std::system_error.
  explicit Launch(const WatchedNumbers& watched);

  /// In the child, between fork and exec: system calls only. Whether it worked, else errno.
  [[nodiscard]] bool install() const noexcept;
  /// In the parent, once the child has become another program, or has ended: whether it handed over a listener. Without
  /// one, it ended before that.
  [[nodiscard]] bool has_listener() const noexcept;
  /// In the parent, once the child has installed the filter: what its calls are read from (see seccomp_unotify(2)).
  /// Throws std::system_error where nothing was handed over.
  UniqueFd take_listener();

 private:
  std::vector<sock_filter> filter_;
  UniqueFd ours_;
  UniqueFd childs_;
};

}  // namespace recvinto::kit
