#pragma once

#include <string>
#include <vector>

namespace recvinto::fuzz {

/// From here on, a crash with a plug-in of these SPECs on the stack says so before the process ends: which plug-in, and
/// in which frame. One in the suite's own answer to its recvmsg(2) is not the plug-in's. SPECs that name no plug-in are
/// passed over.
///
/// To be called once the engine has begun: it takes no signal that has another handler.
void tell_plugin_crashes(const std::vector<std::string>& specifications);

}  // namespace recvinto::fuzz
