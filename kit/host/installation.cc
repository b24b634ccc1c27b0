#include "kit/host/installation.h"

#include <sys/auxv.h>

#include <system_error>

namespace recvinto::kit {
namespace {

std::filesystem::path root() {
  const std::filesystem::path folder = this_program().parent_path();
  std::filesystem::path installed = folder.parent_path() / "share/recvmsg-conformance";
  std::error_code ignored;
  if (std::filesystem::is_directory(installed, ignored)) return installed;
  return RECVINTO_SOURCE_DIR;
}

}  // namespace

std::filesystem::path this_program() {
  std::error_code unknown;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return unknown ? std::filesystem::path(reinterpret_cast<const char*>(getauxval(AT_EXECFN))) : program;
}

std::filesystem::path companion_file(std::string_view name) {
  static const std::filesystem::path below = root();
  return below / name;
}

}  // namespace recvinto::kit
