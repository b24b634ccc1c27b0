#pragma once

#include <optional>
#include <span>

#include "kit/scripted_kernel/play.h"
#include "kit/values/call_log.h"
#include "kit/values/script.h"
#include "recvinto/kernel.h"

namespace recvinto::kit {

/// The scripted kernel inside this process: for the reference through its seam, and for anything else that calls
/// recvmsg(2) here through interposed_recvmsg.h. The other executor, for other processes, is the Supervisor.
///
/// Where a script is played, the calls are answered by it; otherwise, and with a step that says so, by the kernel under
/// it. Not for several threads at once.
class ScriptedKernel final : public Kernel {
 public:
  /// `under` is borrowed.
  explicit ScriptedKernel(Kernel& under = host_kernel()) : under_(under) {}

  /// From now on receives are answered by the script; see Play for what is borrowed.
  void play(const Script& script, std::span<const int> files = {}) { play_.emplace(script, files); }
  [[nodiscard]] bool is_playing() const { return play_.has_value(); }
  /// Ends the play. Throws std::logic_error without one.
  CallLog finish();

  /// With -1 and EIO where a step cannot be played here: to hold a call would stop this very thread.
  ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept override;
  int poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept override;
  std::chrono::steady_clock::time_point now() noexcept override { return under_.now(); }

 private:
  ssize_t answer_by_script(int fd, msghdr& message, int flags);

  Kernel& under_;
  std::optional<Play> play_;
};

}  // namespace recvinto::kit
