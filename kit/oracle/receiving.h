#pragma once

#include <cstddef>

#include "kit/oracle/expectation.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/socket_state.h"

namespace recvinto::kit {

// The model of recvmsg(2) itself: what Linux does with arguments that it does not refuse.

/// The arguments, as far as a receive depends on them.
struct ModelReceive {
  std::size_t capacity = 0;    ///< bytes of all buffers
  std::size_t ancbufsize = 0;  ///< msg_controllen
  int flags = 0;
  bool waits = false;      ///< in the system call: a blocking descriptor, and no MSG_DONTWAIT
  bool knows_room = true;  ///< false: `ancbufsize` is a default of the implementation's own, and means nothing
};

/// Whether the receive finds nothing: it waits, or fails with EAGAIN.
bool finds_nothing(const SocketState& socket, const ModelReceive& receive);

/// What the flags of a receive say of the descriptors that come with it.
CloseOnExec close_on_exec_of(const ModelReceive& receive);

/// The result of a receive that finds something, and what it leaves. Throws Unpredictable where items arrive and the
/// room for them is not known.
Expected received(SocketState& socket, const ModelReceive& receive, const ModelWorld& world);

}  // namespace recvinto::kit
