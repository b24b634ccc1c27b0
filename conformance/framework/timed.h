#pragma once

#include "conformance/framework/expectation.h"
#include "kit/oracle/timed_call.h"
#include "kit/values/handshake.h"

// How exact timeouts are, and what ends them.

namespace recvinto::conformance {

using kit::kRounding;

inline bool was_timed_by_the_system(const Answer& answer, const kit::Handshake& handshake) {
  return kit::was_timed_by_the_system(answer.seen, handshake.is_timed_by_the_system);
}

}  // namespace recvinto::conformance
