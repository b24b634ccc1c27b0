#include "kit/host/waiting_threads.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "kit/host/pipe.h"
#include "kit/host/proc_file.h"
#include "kit/host/process_facts.h"
#include "kit/host/wait_until.h"
#include "kit/scripted_kernel/system_calls.h"

namespace recvinto::kit {
namespace {

/// A line of /proc/PID/task/TID/syscall: "running", or the call's number, its arguments in hexadecimal, and registers.
struct SystemCall {
  std::uint32_t number = 0;
  std::uint32_t argument = 0;  // the first one, as an int has it: the upper half of its register is not defined
};

std::optional<SystemCall> system_call_in(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || text.starts_with("running") || text.starts_with("-1")) return std::nullopt;
  std::string_view rest = text.substr(space + 1);
  rest.remove_prefix(std::min<std::size_t>(2, rest.size()));  // "0x"
  return SystemCall{.number = number_in<std::uint32_t>(text.substr(0, space)),
                    .argument = static_cast<std::uint32_t>(number_in(rest.substr(0, rest.find(' ')), 16))};
}

/// State S of proc_pid_stat(5). A thread that is being woken still shows the system call that it slept in, but is R.
bool is_sleeping(const std::string& thread) {
  const std::string stat = content_of(thread + "/stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && std::string_view(stat).substr(name_end).starts_with(") S");
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat first{};
  struct stat second{};
  return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

template <typename Numbers>
bool contains(const Numbers& numbers, std::uint32_t number) {
  return std::ranges::find(numbers, number) != numbers.end();
}

/// What system calls sleep that receive from something else, or only let time pass: none waits for the descriptor.
bool is_known_to_wait_for_something_else(std::uint32_t number, const Architecture& architecture) {
  return number == architecture.recvmsg || contains(architecture.pauses, number) ||
         std::ranges::find(architecture.others, number, &NamedCall::number) != architecture.others.end();
}

bool is_receive(const SystemCall& call, const std::string& thread, int number, const Architecture& architecture) {
  if (contains(architecture.waits, call.number) || call.number == kIoUringEnter) return true;
  if (call.number == architecture.socketcall) return contains(kSocketcallReceives, call.argument);
  if (call.number != architecture.recvmsg &&
      std::ranges::find(architecture.others, call.number, &NamedCall::number) == architecture.others.end()) {
    return false;
  }
  return static_cast<int>(call.argument) == number ||
         is_same_file(fmt::format("{}/fd/{}", thread, static_cast<int>(call.argument)),
                      fmt::format("{}/fd/{}", thread, number));
}

void add_name(std::vector<std::string>& names, std::uint32_t number, const Architecture& architecture) {
  const auto named = std::ranges::find(architecture.sleeps, number, &NamedCall::number);
  std::string name =
      named == architecture.sleeps.end() ? fmt::format("system call {}", number) : std::string(named->name);
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

/// A child that sleeps in a read until it is ended.
class SleepingChild {
 public:
  SleepingChild() : pid_(fork()) {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    end_.write_end.reset();
    char byte = 0;
    while (read(end_.read_end.get(), &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
  }
  ~SleepingChild() {
    if (pid_ < 0) return;
    end_.write_end.reset();
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  SleepingChild(const SleepingChild&) = delete;
  SleepingChild& operator=(const SleepingChild&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int descriptor() const { return end_.read_end.get(); }

 private:
  Pipe end_ = make_pipe();
  pid_t pid_;
};

}  // namespace

WaitingThreads look_at_threads(pid_t pid, int number) {
  WaitingThreads seen;
  const Architecture* architecture = architecture_of_process(pid);
  if (architecture == nullptr) return seen;
  for_each_thread(pid, [&](const std::string& thread) {
    const FileContent content = read_file(thread + "/syscall");
    if (content.error == EPERM || content.error == EACCES) seen.hidden = true;
    const std::optional<SystemCall> call = system_call_in(content.text);
    if (!call) {
      seen.runs = seen.runs || content.text.starts_with("running");
    } else if (!is_sleeping(thread)) {
      seen.runs = true;
    } else if (is_receive(*call, thread, number, *architecture)) {
      seen.in_receive = true;
    } else if (!is_known_to_wait_for_something_else(call->number, *architecture)) {
      add_name(seen.elsewhere, call->number, *architecture);
    }
    return !seen.in_receive;
  });
  return seen;
}

bool sleeps_in_receive(pid_t pid, int number) {
  return look_at_threads(pid, number).in_receive;
}

bool try_to_see_system_calls() {
  if (architectures().empty()) return false;
  const SleepingChild child;
  if (child.pid() < 0 || content_of(fmt::format("/proc/{}/syscall", child.pid())).empty()) return false;
  // An emulator of processors (qemu-user) sleeps in the calls of this machine, whose numbers mean others to the
  // emulated program.
  WaitingThreads seen;
  const bool sleeps = wait_until([&] {
    seen = look_at_threads(child.pid(), child.descriptor());
    return seen.in_receive || seen.hidden || !seen.elsewhere.empty();
  });
  return sleeps && seen.in_receive;
}

bool can_see_system_calls() {
  static const bool kCan = try_to_see_system_calls();
  return kCan;
}

}  // namespace recvinto::kit
