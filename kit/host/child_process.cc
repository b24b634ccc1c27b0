#include "kit/host/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include "kit/host/lacking.h"
#include "kit/host/pipe.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// Has the kernel end the group of this child when the other end of the pipe closes: an event on it is a signal to
/// that group (F_SETOWN, F_SETSIG). The number of the descriptor that must stay open for it is `number` or the next
/// free one. A parent-death signal would reach the child alone, and is not inherited.
void hold_lifeline(int lifeline, int number) {
  const int held = fcntl(lifeline, F_DUPFD, number);
  if (held < 0) return;  // then there is the parent-death signal only
  fcntl(held, F_SETOWN, -getpid());
  fcntl(held, F_SETSIG, SIGKILL);
  fcntl(held, F_SETFL, O_ASYNC);
}

/// What the child is made of; descriptors are borrowed.
struct Birth {
  const std::vector<char*>& arguments;
  const std::map<int, int>& inherited;
  const Launch* launch = nullptr;
  pid_t parent = -1;
  int input = -1;
  int output = -1;
  int error = -1;
  int lifeline = -1;
  int trouble = -1;
};

/// What the child writes where it cannot become the program.
struct Trouble {
  int number = 0;  ///< errno
  bool in_launch = false;
};

/// Runs in the child between fork and exec: system calls only. Never returns.
[[noreturn]] void become(const Birth& birth) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  hold_lifeline(birth.lifeline, birth.inherited.empty() ? STDERR_FILENO + 1 : birth.inherited.rbegin()->first + 1);
  if (getppid() != birth.parent) _exit(127);  // it has ended before either was in place
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  // First, while its descriptors still have their numbers.
  const bool launched = birth.launch == nullptr || birth.launch->install();
  bool right = launched && dup2(birth.input, STDIN_FILENO) >= 0 && dup2(birth.output, STDOUT_FILENO) >= 0 &&
               dup2(birth.error, STDERR_FILENO) >= 0;
  for (const auto& [number, here] : birth.inherited) right = right && dup2(here, number) >= 0;
  if (right) execvp(birth.arguments[0], birth.arguments.data());
  const Trouble why{.number = errno, .in_launch = !launched};
  // The parent learns why from this pipe; on success it is closed by exec and the parent reads end of file.
  [[maybe_unused]] const ssize_t told = write(birth.trouble, &why, sizeof why);
  _exit(127);
}

std::string describe(const siginfo_t& end) {
  if (end.si_code != CLD_EXITED) return fmt::format("was ended by {}", signal_name(end.si_status));
  return fmt::format("exited with status {}", end.si_status);
}

void reap(pid_t child) {
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
}

/// The children that have a ChildProcess.
std::set<pid_t>& living() {
  static auto& pids = *new std::set<pid_t>;  // never destroyed: static objects may own children, too
  return pids;
}

}  // namespace

void end_orphans(const std::set<pid_t>& spared) {
  // Each pass ends the children that exist; those whose parents ended in it come in the next.
  for (bool found = true; found;) {
    found = false;
    std::ifstream children(fmt::format("/proc/self/task/{}/children", syscall(SYS_gettid)));
    for (pid_t child = 0; children >> child;) {
      if (living().contains(child) || spared.contains(child)) continue;
      if (kill(child, SIGKILL) != 0) continue;  // forbidden
      found = waitpid(child, nullptr, 0) == child || found;
    }
  }
}

std::vector<std::string> split_command_line(const std::string& command_line) {
  wordexp_t expansion{};
  const int result = wordexp(command_line.c_str(), &expansion, WRDE_NOCMD | WRDE_UNDEF);
  std::vector<std::string> words;
  if (result == 0) words.assign(expansion.we_wordv, expansion.we_wordv + expansion.we_wordc);
  if (result == 0 || result == WRDE_NOSPACE) wordfree(&expansion);
  switch (result) {
    case 0:
      break;
    case WRDE_BADCHAR:
      throw CannotStart(fmt::format("the command line has an unquoted special character: {}", command_line));
    case WRDE_BADVAL:
      throw CannotStart(fmt::format("the command line uses a variable that is not set: {}", command_line));
    case WRDE_CMDSUB:
      throw CannotStart(fmt::format("the command line has a command substitution: {}", command_line));
    default:
      throw CannotStart(fmt::format("the command line cannot be split into words: {}", command_line));
  }
  if (words.empty()) throw CannotStart("the command line is empty");
  return words;
}

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::map<int, int>& inherited,
                           const Launch* launch) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  Pipe to_child = make_pipe();
  Pipe from_child = make_pipe();
  Pipe errors = make_pipe();
  Pipe lifeline = make_pipe();
  Pipe trouble = make_pipe();

  const Birth birth{.arguments = arguments,
                    .inherited = inherited,
                    .launch = launch,
                    .parent = getpid(),
                    .input = to_child.read_end.get(),
                    .output = from_child.write_end.get(),
                    .error = errors.write_end.get(),
                    .lifeline = lifeline.read_end.get(),
                    .trouble = trouble.write_end.get()};
  pid_ = fork();
  if (pid_ < 0) lack("fork");
  if (pid_ == 0) become(birth);
  setpgid(pid_, pid_);  // in both processes, so that the group exists, whichever runs first
  trouble.write_end.reset();
  Trouble why;
  ssize_t count = -1;
  while ((count = read(trouble.read_end.get(), &why, sizeof why)) < 0 && errno == EINTR) continue;
  if (count == static_cast<ssize_t>(sizeof why)) {
    reap(pid_);
    throw CannotStart(fmt::format("{} '{}': {}", why.in_launch ? "cannot supervise" : "cannot execute", words[0],
                                  std::strerror(why.number)));
  }
  living().insert(pid_);
  ended_.emplace(pid_);
  input_ = std::move(to_child.write_end);
  output_ = std::move(from_child.read_end);
  error_ = std::move(errors.read_end);
  lifeline_ = std::move(lifeline.write_end);
  for (const UniqueFd* stream : {&input_, &output_, &error_}) fcntl(stream->get(), F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  kill_group();
  // Where kill(2) is forbidden: the kernel ends the group, or the child meets the end of its input.
  lifeline_.reset();
  input_.reset();
  ended_.reset();
  reap(pid_);
  living().erase(pid_);
  end_orphans({});
}

std::optional<std::string> ChildProcess::end() {
  if (!end_) {
    siginfo_t end{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid != pid_) {
      return std::nullopt;
    }
    end_ = describe(end);
  }
  return end_;
}

void ChildProcess::dismiss(int grace_ms) {
  input_.reset();
  pollfd end{.fd = ended().get(), .events = POLLIN, .revents = 0};
  poll(&end, 1, grace_ms);
}

void ChildProcess::kill_group() {
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // should it have joined another group
}

void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

}  // namespace recvinto::kit
