#include "kit/host/temporary_directory.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "kit/values/verdict.h"

namespace recvinto::kit {

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  std::string pattern = std::filesystem::temp_directory_path(error) / "recvinto-XXXXXX";
  if (!error && mkdtemp(pattern.data()) == nullptr) error.assign(errno, std::system_category());
  if (error) {
    const char* const chosen = std::getenv("TMPDIR");
    throw EnvironmentLacks(fmt::format("no directory can be made in {} (TMPDIR): {}",
                                       chosen == nullptr ? "/tmp" : chosen, error.message()));
  }
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace recvinto::kit
