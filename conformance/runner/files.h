#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace recvinto::conformance {

/// Reads the whole file. Throws std::system_error.
std::string text_of_file(const std::filesystem::path& file);

/// Writes a file in one go: a reader sees the old file or the whole new one. Throws std::system_error.
void write_whole(const std::filesystem::path& file, std::string_view text);

}  // namespace recvinto::conformance
