#include "kit/scripted_kernel/probe.h"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "kit/scripted_kernel/launch.h"
#include "kit/scripted_kernel/socket_pair.h"
#include "kit/scripted_kernel/supervisor.h"
#include "kit/scripted_kernel/system_calls.h"

namespace recvinto::kit {
namespace {

constexpr std::string_view kProbe = "probe";
constexpr std::chrono::seconds kPatience{10};

/// What the child says of itself.
struct ChildReport {
  int launch_error = 0;  // errno
  int receive_error = 0;
  bool data_came = false;
  bool descriptor_came = false;
  bool io_uring_denied = false;
};

/// In the child, between fork and _exit: system calls only. `control` is the child's end, `parents` its copy of the
/// other.
[[noreturn]] void be_probed(const Launch& launch, int receiver, int control, int parents) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // it has a copy of every descriptor here, which no process must wait for
  close(parents);                    // a parent that ended before that is the end of file
  ChildReport report;
  if (!launch.install()) {
    report.launch_error = errno;
  } else {
    report.io_uring_denied = syscall(kIoUringSetup, 1, nullptr) < 0 && errno == ENOSYS;
    char ready = 0;
    [[maybe_unused]] const ssize_t announced = write(control, &ready, 1);
    if (read(control, &ready, 1) != 1) _exit(0);
    std::array<char, 16> data{};
    alignas(cmsghdr) std::array<char, 64> items{};
    iovec buffer{.iov_base = data.data(), .iov_len = data.size()};
    msghdr message{};
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = items.data();
    message.msg_controllen = items.size();
    const ssize_t count = recvmsg(receiver, &message, 0);
    if (count < 0) report.receive_error = errno;
    report.data_came =
        count == static_cast<ssize_t>(kProbe.size()) && std::memcmp(data.data(), kProbe.data(), kProbe.size()) == 0;
    report.descriptor_came = message.msg_controllen >= CMSG_LEN(sizeof(int));
  }
  [[maybe_unused]] const ssize_t reported = write(control, &report, sizeof report);
  _exit(0);
}

bool comes(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, std::chrono::milliseconds(kPatience).count()) > 0;
}

/// The child's end on every way out.
class Child {
 public:
  Child(pid_t pid, int control) : pid_(pid), control_(control) {}
  ~Child() {
    kill(pid_, SIGKILL);
    shutdown(control_, SHUT_RDWR);  // it ends by itself where kill(2) is forbidden
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_;
  int control_;
};

/// Why a script cannot be played by that way; empty: it can.
std::string try_to_play(RemoteMemory::Way way, ScriptedKernelSupport& support) {
  Launch launch({});
  const Pair watched = make_pair(SOCK_DGRAM);
  const Pair control = make_pair(SOCK_SEQPACKET);
  const pid_t pid = fork();
  if (pid < 0) return fmt::format("fork: {}", std::strerror(errno));
  if (pid == 0) be_probed(launch, watched.one.get(), control.other.get(), control.one.get());
  const Child child(pid, control.one.get());

  std::array<char, sizeof(ChildReport)> bytes{};
  if (!comes(control.one.get())) return "the launcher hangs";
  ssize_t count = read(control.one.get(), bytes.data(), bytes.size());
  ChildReport report;
  if (count == 1) {
    const Script script{
        .steps = {gives(answer::Result{
            .data = Bytes(kProbe), .control = {{.type = SCM_RIGHTS, .data = {}, .files = 1}}, .raw_control = {}})}};
    const std::array files{watched.other.get()};
    Supervisor supervisor(launch.take_listener(), Unscripted::kPass, way);
    supervisor.watch(watched.one.get());
    supervisor.play(script, files, -1);
    [[maybe_unused]] const ssize_t told = write(control.one.get(), "g", 1);
    // A host that cannot answer lets the call wait for real.
    const bool answered = comes(control.one.get());
    count = answered ? read(control.one.get(), bytes.data(), bytes.size()) : -1;
    const CallLog log = supervisor.finish();
    if (!log.troubles.empty()) return log.troubles[0];
    if (!answered) return "a call of a supervised process is not seen or not answered";
  }
  if (count != static_cast<ssize_t>(sizeof report)) return "the probed child says nothing";
  std::memcpy(&report, bytes.data(), sizeof report);
  support.denies_io_uring = report.io_uring_denied;
  if (report.launch_error == EBUSY) return "the suite itself runs under a supervisor, and the kernel allows only one";
  if (report.launch_error != 0) {
    return fmt::format("seccomp refuses user notification: {}", std::strerror(report.launch_error));
  }
  if (!report.data_came) {
    return fmt::format("the memory of another process cannot be {}", report.receive_error == 0 ? "read" : "written");
  }
  if (!report.descriptor_came) return "a descriptor cannot be planted in another process";
  return {};
}

ScriptedKernelSupport probe() {
  ScriptedKernelSupport support;
  const std::uint32_t action = SECCOMP_RET_USER_NOTIF;
  if (architectures().empty()) {
    support.lacking = "no scripted kernel was written for this processor architecture";
  } else if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) {
    support.lacking = fmt::format("seccomp user notification is not available: {}", std::strerror(errno));
  }
  if (!support.available()) return support;
  // EFAULT says that the flags are known; EINVAL that they are not.
  support.holds_against_signals =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, nullptr) < 0 &&
      errno == EFAULT;
  for (const RemoteMemory::Way way : {RemoteMemory::Way::kProcessVm, RemoteMemory::Way::kProcMem}) {
    support.way = way;
    support.lacking = try_to_play(way, support);
    if (support.available()) break;
  }
  return support;
}

}  // namespace

const ScriptedKernelSupport& scripted_kernel_support() {
  static const ScriptedKernelSupport support = probe();
  return support;
}

std::string describe(const ScriptedKernelSupport& support) {
  if (!support.available()) return fmt::format("scripted kernel: not on this host: {}\n", support.lacking);
  return fmt::format(
      "scripted kernel: available\n"
      "memory of the judged process: by {}\n"
      "signals while a call is held: {}\n"
      "io_uring: {}\n",
      support.way == RemoteMemory::Way::kProcessVm
          ? "process_vm_readv and process_vm_writev"
          : "/proc/PID/mem, which writes through read-only pages: a read-only buffer goes unnoticed",
      support.holds_against_signals ? "wait until it is answered"
                                    : "may interrupt it (kernels before 5.19): the call comes again",
      support.denies_io_uring ? "denied to a process that it answers" : "not denied: what receives by it is not seen");
}

}  // namespace recvinto::kit
