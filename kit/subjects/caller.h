#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "kit/values/call.h"
#include "kit/values/cmsg_sizes.h"
#include "kit/values/handler_action.h"
#include "kit/values/observation.h"
#include "kit/values/socket_name.h"

namespace recvinto::kit {

/// Makes calls of the implementation under test: one at a time, with start and finish apart, so that a check can act
/// while the call waits. With the capability `pipelining`, calls on several sockets may be started one after the other;
/// they are finished in the same order. Concurrent calls (Call::concurrent) are finished in any order.
class Caller {
 public:
  virtual ~Caller() = default;

  /// Returns the number that finish() takes.
  virtual int start(const SocketName& socket, const Call& call) = 0;
  /// True if finish() returns or throws without waiting, where one call is pending; where there are several, if an
  /// answer has come that was not read yet.
  virtual bool has_answer() = 0;
  /// Waits for has_answer(), at most this long. Returns has_answer().
  virtual bool wait_for_answer(std::chrono::milliseconds at_most) = 0;
  virtual Observation finish(int call) = 0;
  /// Waits for an answer, and returns the number of the call that has it.
  virtual int first_answered() = 0;

  /// Throws Unsupported.
  virtual void install_handler(int signum, HandlerAction action) = 0;
  /// CMSG_LEN and CMSG_SPACE of each length. Throws Unsupported.
  virtual CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths) = 0;
};

}  // namespace recvinto::kit
