#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "control_bytes.h"
#include "recvinto/kernel.h"

namespace recvinto::testing {

/// What a scripted recvmsg(2) stores and reports: lengths may lie.
struct Delivery {
  ssize_t result = 0;                          ///< the return value, whatever `data` is
  std::string_view data = {};                  ///< stored into the buffers in turn
  ControlBytes control = {};                   ///< stored as far as there is room,
  std::optional<std::size_t> controllen = {};  ///< and reported as so long; its real length where empty
  std::string_view address = {};               ///< stored as far as there is room,
  std::optional<socklen_t> namelen = {};       ///< and reported as so long; its real length where empty
  int flags = 0;
};

/// ScriptedKernel is a kernel that does what its script says, call by call, and notes what it was asked. A call that
/// the script does not foresee at that point is a failure of the test, as is a script not played to its end.
class ScriptedKernel final : public Kernel {
 public:
  using Duration = std::chrono::nanoseconds;

  ~ScriptedKernel() override;

  ScriptedKernel& recvmsg_delivers(Delivery delivery);
  ScriptedKernel& recvmsg_fails(int error, Duration takes = {});
  /// ... after overwriting everything in the header that a failed call may overwrite.
  ScriptedKernel& recvmsg_fails_and_scribbles(int error, Delivery delivery);

  ScriptedKernel& poll_says_ready(Duration takes = {});
  ScriptedKernel& poll_expires();  ///< after the whole time it was given
  ScriptedKernel& poll_returns_early(Duration takes);
  ScriptedKernel& poll_fails(int error, Duration takes = {});

  /// The calls of recvmsg so far: the header as it was on entry, and the flags.
  struct Call {
    int fd;
    msghdr header;
    int flags;
  };
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }

  struct Poll {
    int fd;
    short events;
    Duration timeout;
  };
  [[nodiscard]] const std::vector<Poll>& polls() const { return polls_; }

  void advance(Duration time) { now_ += time; }

  ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept override;
  int poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept override;
  std::chrono::steady_clock::time_point now() noexcept override { return now_; }

 private:
  using RecvmsgStep = std::function<ssize_t(msghdr&)>;
  using PollStep = std::function<int(pollfd&, Duration)>;

  // A step is one or the other.
  struct Step {
    RecvmsgStep recvmsg;
    PollStep poll;
  };

  Step next(const char* call);

  std::deque<Step> script_;
  std::vector<Call> calls_;
  std::vector<Poll> polls_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
};

}  // namespace recvinto::testing
