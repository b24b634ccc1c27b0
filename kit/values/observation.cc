#include "kit/values/observation.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cstring>

#include "kit/values/names.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

/// The numbers in the items of SOL_SOCKET of that type.
std::vector<int> numbers_in(const std::vector<AncillaryItem>& ancdata, int type) {
  std::vector<int> numbers;
  for (const AncillaryItem& item : ancdata) {
    if (item.level != SOL_SOCKET || item.type != type) continue;
    for (std::size_t at = 0; at + sizeof(int) <= item.data.size(); at += sizeof(int)) {
      int number = -1;
      std::memcpy(&number, item.data.data() + at, sizeof number);
      numbers.push_back(number);
    }
  }
  return numbers;
}

}  // namespace

std::vector<int> reported_descriptors(const std::vector<AncillaryItem>& ancdata) {
  return numbers_in(ancdata, SCM_RIGHTS);
}

std::vector<int> reported_pidfds(const std::vector<AncillaryItem>& ancdata) {
  return numbers_in(ancdata, kScmPidfd);
}

std::string describe(const Error& error) {
  if (error.number) return fmt::format("{} ({}, {})", errno_name(*error.number), error.type, error.message);
  return fmt::format("{} ({})", error.type, error.message);
}

std::string describe(const AncillaryItem& item) {
  return fmt::format("{} {}", control_message_name(item.level, item.type), readable(item.data));
}

std::string describe(const Address& address) {
  switch (address.family) {
    case AF_UNIX:
      return fmt::format("unix {}", readable(address.path));
    case AF_INET:
      return fmt::format("{}:{}", address.host, address.port);
    case AF_INET6:
      return fmt::format("[{}]:{} flowinfo {} scope {}", address.host, address.port, address.flowinfo,
                         address.scope_id);
    default:
      return fmt::format("family {} {}", address.family, readable(address.raw));
  }
}

}  // namespace recvinto::kit
