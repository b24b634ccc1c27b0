#pragma once

// What a target tries: the reference, or the small receiver of fuzz/planted_bugs that is wrong on demand. Targets say
// `subject::ControlMessages` and are the same code for both, so that what finds the planted bugs is what tries the
// reference.

#ifdef RECVINTO_PLANTED_BUGS

#include "fuzz/planted_bugs/receiver.h"

namespace recvinto::fuzz {
namespace subject = planted;
}  // namespace recvinto::fuzz

#else

#include "recvinto/control_buffer.h"
#include "recvinto/control_message.h"
#include "recvinto/control_space.h"
#include "recvinto/message.h"
#include "recvinto/recvmsg_into.h"

namespace recvinto::fuzz {
namespace subject = recvinto;
}  // namespace recvinto::fuzz

#endif
