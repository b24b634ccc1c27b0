#pragma once

#include <chrono>
#include <optional>

#include "conformance/framework/timed.h"
#include "kit/performing/stage.h"
#include "kit/scripted_kernel/effects.h"
#include "kit/values/handshake.h"
#include "kit/values/verdict.h"

// Ways to wait that are right: in the receiving system call, by poll(2) before it, and, with a timeout, by SO_RCVTIMEO.

namespace recvinto::conformance {

/// Timeouts of calls: does not wait; ends soon, and yet later than kRounding; ends long after the check should have.
inline constexpr std::chrono::milliseconds kNoWait{0};
inline constexpr std::chrono::milliseconds kShort{40};
inline constexpr std::chrono::milliseconds kLong{30'000};
/// An answer that is sent at once arrives sooner than this, on a loaded machine too.
inline constexpr std::chrono::milliseconds kMuchLater{10'000};

/// The timeout of a call that the system answers at once although the socket is not ready: none for an implementation
/// that leaves waiting to the receiving system call. Others may wait for readiness first, and are asked not to.
inline std::optional<std::chrono::milliseconds> without_waiting(const kit::Handshake& handshake) {
  if (handshake.capabilities.contains(kit::Capability::kSystemWait)) return std::nullopt;
  if (handshake.capabilities.contains(kit::Capability::kNonblocking)) return std::chrono::milliseconds(0);
  // It may wait for readiness first, and cannot be asked not to.
  throw kit::Ended(kit::Cause::kNotDeclared,
                   "needs system_wait or nonblocking, which the implementation does not declare");
}

/// Whether the timeout of a call that sleeps is one of the socket (SO_RCVTIMEO).
inline bool is_timed_by_the_system(kit::Stage& stage, const kit::Handshake& handshake) {
  return handshake.is_timed_by_the_system || kit::has_receive_timeout(stage.receiver());
}

}  // namespace recvinto::conformance
