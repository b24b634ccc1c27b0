#include "kit/host/thread_count.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace recvinto::kit {

std::size_t thread_count(pid_t pid) {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", pid), error), end;
       !error && thread != end; thread.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace recvinto::kit
