#pragma once

#include <chrono>

#include "conformance/framework/expectation.h"
#include "kit/values/handshake.h"

// How exact timeouts are, and what ends them.

namespace recvinto::conformance {

/// How much earlier than its timeout a call may end: runtimes round to milliseconds, and Linux counts SO_RCVTIMEO in
/// ticks, of which there are 100 a second at least, and may begin in the middle of one.
inline constexpr std::chrono::milliseconds kRounding{11};

/// Whether the timeout of the call that was answered by a script is one of the socket (SO_RCVTIMEO): EAGAIN is then the
/// end of its time, and no false readiness.
inline bool was_timed_by_the_system(const Answer& answer, const kit::Handshake& handshake) {
  if (handshake.is_timed_by_the_system) return true;
  return answer.seen.kernel && !answer.seen.kernel->calls.empty() &&
         answer.seen.kernel->calls.front().has_receive_timeout;
}

}  // namespace recvinto::conformance
