#pragma once

#include <span>
#include <vector>

#include "kit/scripted_kernel/effects.h"
#include "kit/values/abi.h"
#include "kit/values/call_log.h"

namespace recvinto::kit {

// The rooms of a call where the kernel fills nothing: control room beyond msg_controllen, name room beyond msg_namelen.
// What lies there must not change what is reported. So kNeverSent is put there, and control messages made of it:
// reporting any of it is a failure.
//
// Nothing is put there that would mislead an implementation which is right on Linux. Linux never writes beyond
// msg_namelen, so that an implementation which clears its room first may read a pathname up to the first zero byte, and
// the family of a name that it was not given. Room for the name of a unix socket is therefore filled only where it was
// not clear when the call came in. Bytes that a length promises, and the result does not have, are cleared.

/// The bytes of a call's name room that are needed to say whether it may be filled.
std::size_t name_room_to_read(const SeenCall& call);

/// To be stored with the effects of a result, and not as a reason to fail the call. `name_before`: the first
/// name_room_to_read() bytes of the name room as the caller left it; none where they could not be read.
std::vector<Patch> unfilled_by(const Effects& effects, const SeenCall& call, const Abi& abi,
                               std::span<const char> name_before);

/// To be stored before the kernel answers that call on a socket of that family (SO_DOMAIN).
std::vector<Patch> unfilled_before(const SeenCall& call, int family, std::span<const char> name_before);

}  // namespace recvinto::kit
