#include "kit/host/thread_count.h"

#include "kit/host/proc_file.h"

namespace recvinto::kit {

std::size_t thread_count(pid_t pid) {
  std::size_t count = 0;
  for_each_thread(pid, [&](const std::string&) { return ++count != 0; });
  return count;
}

}  // namespace recvinto::kit
