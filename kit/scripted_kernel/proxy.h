#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/call_log.h"
#include "kit/values/script.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// What came of receiving in another's place.
struct Proxied {
  /// A result whose SCM_RIGHTS messages name `descriptors`, or a failure.
  std::variant<answer::Result, answer::Failure> answer;
  std::vector<UniqueFd> descriptors;
};

/// Receives from our duplicate of a socket exactly what that call would receive. Nothing where only the kernel can
/// answer as itself: where the call has to wait, where waiting has rules of its own (MSG_WAITALL, SO_RCVLOWAT), where
/// the buffers are counted but not written (MSG_TRUNC on TCP), where the caller's ABI is another one than ours, where
/// the room is very large, and where the kernel itself opens descriptors (SO_PASSPIDFD).
std::optional<Proxied> receive_for(int socket, const SeenCall& call, const Abi& abi);

}  // namespace recvinto::kit
