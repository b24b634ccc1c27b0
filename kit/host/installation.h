#pragma once

#include <filesystem>
#include <string_view>

namespace recvinto::kit {

/// This very program's file: as it was started, where /proc does not say.
std::filesystem::path this_program();

/// The path of a file that comes with the suite, such as "adapters/python/adapter.py", wherever the suite lies: below
/// ../share/recvmsg-conformance as seen from this program's folder, where it is installed; else below the source tree
/// that it was built from.
std::filesystem::path companion_file(std::string_view name);

}  // namespace recvinto::kit
