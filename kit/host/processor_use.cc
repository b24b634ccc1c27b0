#include "kit/host/processor_use.h"

#include <algorithm>
#include <string_view>

#include "kit/host/proc_file.h"
#include "kit/host/processor_time.h"

namespace recvinto::kit {

using std::chrono::nanoseconds;

namespace {

/// What /proc/PID/task/TID/stat says behind the name, which may have any character.
bool says_runnable(std::string_view stat) {
  const std::size_t end_of_name = stat.rfind(") ");
  return end_of_name != std::string_view::npos && stat.substr(end_of_name + 2).starts_with('R');
}

}  // namespace

ProcessorUse::ProcessorUse(pid_t pid)
    : pid_(pid), begin_(std::chrono::steady_clock::now()), running_(processor_time(pid)), threads_(threads()) {}

std::optional<ProcessorUse::Since> ProcessorUse::since() const {
  const Threads now = threads();
  const std::optional<nanoseconds> running = processor_time(pid_);
  if (!running || !running_) return std::nullopt;
  const nanoseconds passed = std::chrono::steady_clock::now() - begin_;
  nanoseconds queued{0};
  for (const auto& [directory, thread] : now) {
    const auto found = threads_.find(directory);
    const Thread before = found == threads_.end() ? Thread{} : found->second;
    queued = std::max(queued, thread.is_runnable ? passed - (thread.ran - before.ran) : thread.waited - before.waited);
  }
  return Since{.running = *running - *running_, .not_queued = std::max(passed - queued, nanoseconds(0))};
}

ProcessorUse::Threads ProcessorUse::threads() const {
  Threads threads;
  for_each_thread(pid_, [&](const std::string& directory) {
    const std::string text =
        content_of(directory + "/schedstat");  // "RUNNING WAITING SLICES": nanoseconds, and a count
    if (const std::size_t space = text.find(' '); space != std::string::npos) {
      threads[directory] = {
          .ran = nanoseconds(number_in<nanoseconds::rep>(text)),
          .waited = nanoseconds(number_in<nanoseconds::rep>(std::string_view(text).substr(space + 1))),
          .is_runnable = says_runnable(content_of(directory + "/stat"))};
    }
    return true;
  });
  return threads;
}

}  // namespace recvinto::kit
