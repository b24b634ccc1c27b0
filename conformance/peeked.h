#pragma once

#include <sys/socket.h>

#include <cstddef>

#include "conformance/framework/expectation.h"
#include "kit/values/call.h"

// A message that the system makes (a packet, a message of netlink) is peeked at by recvmsg(2) to know what it holds.

namespace recvinto::conformance {

/// Peeks at the next message, without waiting.
inline const kit::Call kPeek{.buffers = {kit::room(65'536)}, .flags = MSG_PEEK | MSG_DONTWAIT};

/// The data of an observation with one buffer; empty where the call failed.
inline kit::Bytes data_of(const kit::Observation& seen) {
  return seen.error ? kit::Bytes() : seen.storages[0].substr(0, static_cast<std::size_t>(seen.nbytes));
}

}  // namespace recvinto::conformance
