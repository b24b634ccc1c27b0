// Check::expect_timed: the figures of waits, as the kernel was asked for them.

#include "conformance/framework/timed.h"

#include "conformance/framework/check.h"
#include "kit/host/thread_count.h"
#include "kit/values/verdict.h"

namespace recvinto::conformance {

void Check::expect_timed(const Answer& answer, const kit::Bytes& data, std::source_location where) {
  if (answer.seen.kernel->waits.empty()) {
    throw kit::Ended(kit::Cause::kNotDeclared,
                     "no wait of its thread for the socket is seen: poll(2), select(2), epoll_wait(2) or SO_RCVTIMEO");
  }
  const kit::TimeKeeper keeper{.resolution = handshake().timeout_resolution,
                               .has_other_threads = kit::thread_count(implementation_pid()) != 1,
                               .is_timed_by_the_system = handshake().is_timed_by_the_system};
  report(kit::compare_timed(answer, data, keeper), where);
}

}  // namespace recvinto::conformance
