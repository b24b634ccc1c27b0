#pragma once

#include <vector>

#include "fixtures/scenario/script.h"
#include "property/framework/source.h"

namespace recvinto::property {

/// Control messages as a kernel gives them: of every level and type that Linux knows, with data of the size that it has, and
/// of unknown ones with any; descriptors among them.
std::vector<kit::ScriptedMessage> any_control(Source& source, bool descriptors);

/// Control bytes that are out of order somewhere: a length too small, too large, one that wraps; cut anywhere; or no
/// order at all.
kit::answer::Result malformed_control(Source& source);

/// Makes the lengths of a result impossible: what was returned, msg_controllen, msg_namelen.
void lie_about_lengths(kit::answer::Result& result, Source& source);

}  // namespace recvinto::property
