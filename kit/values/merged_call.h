#pragma once

#include <optional>
#include <vector>

#include "kit/values/call.h"

// Several buffers as one, for implementations that cannot be given more (Capability::kScatter).

namespace recvinto::kit {

/// The same call with one buffer that has the room of all, and before the call their bytes. nullopt where that is
/// another call: of fewer than two buffers, of memory that they share or that is not ordinary, and in a form of Python.
std::optional<Call> merged(const Call& call);

/// What the merged call's storage holds where the call's own would hold these: the parts, one after the other.
/// Throws std::invalid_argument where the call has no storages like them.
Bytes merged_storage(const Call& call, const std::vector<Bytes>& storages);

}  // namespace recvinto::kit
