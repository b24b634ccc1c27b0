#pragma once

#include <filesystem>
#include <memory>

#include "kit/subjects/receiver.h"

namespace recvinto::kit {

/// The implementation in a shared library that speaks the ABI of recvinto/plugin.h, on the calling thread: it can end
/// this process. It stays loaded until the process ends, whatever becomes of the receiver.
///
/// Throws CannotStart where there is no such file, it cannot be loaded, or is no plug-in of version 1. Of an answer
/// that breaks the ABI, receive() throws ImplementationFailure (PROTOCOL).
std::unique_ptr<Receiver> load_plugin(const std::filesystem::path& file);

}  // namespace recvinto::kit
