#pragma once

#include <chrono>
#include <vector>

#include "kit/oracle/expectation.h"
#include "kit/values/bytes.h"

namespace recvinto::kit {

/// How much earlier than its timeout a call may end: runtimes round to milliseconds, and Linux counts SO_RCVTIMEO in
/// ticks, of which there are 100 a second at least, and may begin in the middle of one.
inline constexpr std::chrono::milliseconds kRounding{11};

/// Who makes a timed call.
struct TimeKeeper {
  std::chrono::nanoseconds resolution{1'000'000};  ///< Handshake::timeout_resolution
  bool has_other_threads = true;                   ///< one of which may run an event loop
  bool is_timed_by_the_system = false;             ///< Handshake::is_timed_by_the_system
};

/// Whether the timeout of the call that was answered by a script is one of the socket (SO_RCVTIMEO): EAGAIN is then the
/// end of its time, and no false readiness.
bool was_timed_by_the_system(const Observation& seen, bool is_declared);

/// Of a timed call whose waits were answered by a script, one at least: no wait is longer than what is left of the
/// timeout by then, and where the call ends with the timeout, no less time has passed or was granted. `data`: what it
/// returns where it goes on until the script has data.
std::vector<Comparison> compare_timed(const Answer& answer, const Bytes& data, const TimeKeeper& keeper);

}  // namespace recvinto::kit
