#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "recvinto/unique_fd.h"

namespace recvinto::runner {

/// A file that is a whole document at every moment, and gets longer at its end: what is added takes the place of the
/// tail, and the tail is written anew behind it, in one call. Where there is no room for that, the file stays as it is.
class GrowingFile {
 public:
  /// Takes the place of a file of that name at once. Throws std::system_error.
  GrowingFile(std::filesystem::path path, std::string_view head, std::string_view tail);

  /// Throws std::system_error: nothing was added.
  void add(std::string_view text, std::string_view tail);

 private:
  std::filesystem::path path_;
  UniqueFd file_;
  off_t tail_begins_ = 0;
  std::string tail_;
};

}  // namespace recvinto::runner
