#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "kit/host/child_process.h"
#include "kit/subjects/line_buffer.h"
#include "kit/subjects/protocol.h"
#include "kit/values/clock.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

/// Lines to and from a child, trusting it with nothing: bounded lines, bounded memory, a deadline on each answer, its
/// standard error drained on the side, its end noticed even while others hold its pipes.
/// Failures are ImplementationFailure with the verdict that they deserve.
class LineChannel {
 public:
  explicit LineChannel(ChildProcess& child) : child_(child) {}

  void write_line(const std::string& line, Clock::time_point deadline);
  std::string read_line(Clock::time_point deadline);
  /// What `decode` makes of the next line. A ProtocolError of it is a failure.
  template <typename Decode>
  auto read_reply(Clock::time_point deadline, Decode decode) {
    return decoded(read_line(deadline), decode);
  }
  /// The same of a line that was read.
  template <typename Decode>
  auto decoded(const std::string& line, Decode decode) {
    try {
      return decode(line);
    } catch (const NoReply& error) {
      fail_after_output(error.what());
    } catch (const ProtocolError& error) {
      throw ImplementationFailure(Verdict::kProtocol, error.what());
    }
  }

  /// True when a whole line has come, or can never come because the child ended. Does not wait.
  bool line_is_there();
  /// True when the child has read all that was written to it.
  [[nodiscard]] bool input_is_drained() const;
  /// What was read of the standard error since the last call, its tail of at most 16 KiB.
  std::string take_stderr();
  /// Throws if output is waiting that no request asked for.
  void expect_silence();

 private:
  enum class Until { kSomethingCame, kWritable };
  void wait(Until until, Clock::time_point deadline);
  void poll_child(Until until, Clock::time_point deadline);
  [[nodiscard]] bool takes_output() const;
  void pump();
  bool drain_stderr();
  [[noreturn]] void fail_ended() const;
  /// What it wrote is no reply: PROTOCOL, or CRASH where it was what a runtime says of its own crash, and the process
  /// ends.
  [[noreturn]] void fail_after_output(const std::string& what);

  ChildProcess& child_;
  LineBuffer received_;
  std::string stderr_tail_;
  bool output_closed_ = false;
  bool stderr_closed_ = false;
};

}  // namespace recvinto::kit
