#include "property/framework/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "kit/host/child_process.h"
#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/subjects/implementation.h"
#include "kit/values/names.h"
#include "property/framework/results_json.h"

namespace recvinto::property {
namespace {

/// False: there is no reader any more.
bool write_line(int fd, const nlohmann::json& object) {
  const std::string line = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  for (std::size_t written = 0; written < line.size();) {
    const ssize_t count = write(fd, line.data() + written, line.size() - written);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  return true;
}

[[noreturn]] void work(const Plan& plan, unsigned index, const Resume& resume, Progress& progress, int output) {
  // Cases take much memory at times, and the next ones take it again: handing it back costs more than the rest of them.
#ifdef M_TRIM_THRESHOLD  // in the GNU C library
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
#endif
  const auto say = [output](const nlohmann::json& object) {
    if (!write_line(output, object)) _exit(kCannotReport);
  };
  try {
    run_cases(plan, index, resume, progress, [&](const LawResult& found) { say({{"found", to_json(found)}}); });
    say({{"done", true}});
  } catch (...) {
    const kit::Outcome outcome = kit::outcome_of_current_exception();
    say({{"ended", {{"cause", kit::name(outcome.cause)}, {"reason", outcome.reason}}}});
  }
  _exit(0);
}

}  // namespace

ProcessEnd wait_for_end(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return {.signal = WTERMSIG(status), .text = fmt::format("was ended by {}", kit::signal_name(WTERMSIG(status)))};
  }
  return {.in_order = WEXITSTATUS(status) == 0,
          .status = WEXITSTATUS(status),
          .text = fmt::format("exited with status {}", WEXITSTATUS(status))};
}

WorkerProcess::WorkerProcess(const Plan& plan, unsigned index, Resume resume)
    : index_(index), resume_(std::move(resume)) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) kit::fail("pipe2");
  output_ = UniqueFd(ends[0]);
  UniqueFd writing(ends[1]);
  // An implementation that closes numbers at random hardly meets a high one.
  if (UniqueFd high(fcntl(ends[1], F_DUPFD_CLOEXEC, kit::kOutOfTheWay)); high) writing = std::move(high);
  std::fflush(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) kit::lack("fork");
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kWithoutParent);
  output_.reset();
  kit::adopt_orphans();
  work(plan, index_, resume_, progress_.get(), writing.get());
}

WorkerProcess::~WorkerProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);  // a worker that waits for an adapter ends that in order
  // One that does not end by itself hangs in an implementation.
  for (int i = 0; i < 200 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
    if (i == 199) {
      kill_now();
      wait_for_end(pid_);
      return;
    }
    std::array<char, 4096> ignored{};
    pollfd end{.fd = output_.get(), .events = POLLIN, .revents = 0};
    if (poll(&end, 1, 10) > 0) static_cast<void>(read(output_.get(), ignored.data(), ignored.size()));
  }
}

bool WorkerProcess::read_on() {
  std::array<char, 65536> chunk;
  const ssize_t count = read(output_.get(), chunk.data(), chunk.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  unread_.append(chunk.data(), static_cast<std::size_t>(count));
  return count != 0;
}

std::optional<std::string> WorkerProcess::take_line() {
  const std::size_t end = unread_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

ProcessEnd WorkerProcess::wait() {
  return wait_for_end(std::exchange(pid_, -1));
}

void WorkerProcess::kill_now() const {
  kill(pid_, SIGKILL);
}

bool WorkerProcess::is_stuck_for(std::chrono::milliseconds time) {
  const std::uint64_t steps = progress().steps;
  const auto now = std::chrono::steady_clock::now();
  if (steps != steps_seen_) {
    steps_seen_ = steps;
    seen_at_ = now;
  }
  return now - seen_at_ > time;
}

}  // namespace recvinto::property
