#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace recvinto::kit {

/// What a process has done with its time since this was made. What other processes do changes how much of its time it
/// spends in waiting for a processor, and nothing else: one that is always busy runs for the whole of the rest.
class ProcessorUse {
 public:
  explicit ProcessorUse(pid_t pid);

  /// `nullopt` if this host does not show the time of a process, or the process has ended.
  struct Since {
    std::chrono::nanoseconds running;  ///< all threads together, as processor_time() has it
    /// Of all that passed, what was not spent in waiting for a processor by the thread that waited longest
    /// (/proc/PID/task/TID/schedstat). A wait is shown when it is over: of a thread that is runnable now, nothing but
    /// the time that it ran is known to be none. All that passed where this host does not show that.
    std::chrono::nanoseconds not_queued;
  };
  [[nodiscard]] std::optional<Since> since() const;

 private:
  struct Thread {
    std::chrono::nanoseconds ran{0};
    std::chrono::nanoseconds waited{0};
    bool is_runnable = false;
  };
  using Threads = std::map<std::string, Thread>;  ///< by the directory in /proc

  [[nodiscard]] Threads threads() const;

  pid_t pid_;
  std::chrono::steady_clock::time_point begin_;
  std::optional<std::chrono::nanoseconds> running_;
  Threads threads_;
};

}  // namespace recvinto::kit
