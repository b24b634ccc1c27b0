#include "kit/host/descriptor_limit.h"

#include <cerrno>
#include <system_error>

#include "kit/host/process_facts.h"

namespace recvinto::kit {
namespace {

/// A new descriptor gets the lowest free number, which must be below the limit: the limit that leaves `more` free ones.
rlim_t limit_with_free(pid_t pid, std::size_t more) {
  rlim_t limit = 0;
  for (const OpenDescriptor& open : open_descriptors(pid)) {
    const auto number = static_cast<rlim_t>(open.number);
    const rlim_t free_before = number - limit;
    if (free_before > more) break;
    more -= free_before;
    limit = number + 1;
  }
  return limit + more;
}

}  // namespace

DescriptorLimit::DescriptorLimit(pid_t pid, std::size_t more) : pid_(pid) {
  if (prlimit(pid, RLIMIT_NOFILE, nullptr, &before_) != 0) {
    throw std::system_error(errno, std::system_category(), "prlimit");
  }
  const rlimit lowered{.rlim_cur = limit_with_free(pid, more), .rlim_max = before_.rlim_max};
  if (prlimit(pid, RLIMIT_NOFILE, &lowered, nullptr) != 0) {
    throw std::system_error(errno, std::system_category(), "prlimit RLIMIT_NOFILE");
  }
}

DescriptorLimit::~DescriptorLimit() {
  prlimit(pid_, RLIMIT_NOFILE, &before_, nullptr);
}

}  // namespace recvinto::kit
