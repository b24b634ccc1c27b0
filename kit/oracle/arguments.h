#pragma once

#include <optional>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/receiving.h"
#include "kit/values/call.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// The call as recvmsg(2) gets it; meaningless where refusal_of() says that it does not.
ModelReceive arguments_of(const Call& call, const ModelWorld& world);

/// Whether the call waits as long as it takes.
bool is_blocking(const Call& call);

/// The result of a call whose arguments are refused, or whose flags ask for what there is not, without a look into the
/// socket's queue. Throws Unpredictable for calls of which the model knows nothing.
std::optional<Expected> refusal_of(const Call& call, const SocketKind& kind, const ModelWorld& world);

/// Whether it is the system that refuses such a call, and not the implementation before it asks the system. Who waits
/// for readiness first asks later.
bool is_refused_by_the_system(const Expected& refusal);

/// A failure, and nothing else to tell.
Expected failing(Failure failure);

}  // namespace recvinto::kit
