#include "kit/subjects/implementation.h"

#include <fmt/format.h>

#include "kit/values/verdict.h"

namespace recvinto::kit {

WaitingCall& Implementation::require_waiting_call(std::string_view what) {
  if (WaitingCall* const call = waiting_call()) return *call;
  throw EnvironmentLacks(fmt::format("an implementation on the calling thread cannot {}", what));
}

}  // namespace recvinto::kit
