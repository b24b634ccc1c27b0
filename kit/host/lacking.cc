#include "kit/host/lacking.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "kit/host/proc_file.h"
#include "kit/host/process_facts.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {

bool is_the_hosts(const std::system_error& error) {
  // A security module, a seccomp filter or a container may forbid what the suite itself needs: EACCES, EPERM, ENOSYS.
  constexpr std::array kOfTheHost{EACCES,   EADDRINUSE,  EADDRNOTAVAIL,   EAFNOSUPPORT, EDQUOT, EMFILE,
                                  ENETDOWN, ENETUNREACH, ENFILE,          ENOBUFS,      ENOMEM, ENOSPC,
                                  ENOSYS,   EPERM,       EPROTONOSUPPORT, EROFS};
  return std::ranges::find(kOfTheHost, error.code().value()) != kOfTheHost.end();
}

void lack(const std::string& what) {
  throw EnvironmentLacks(fmt::format("{}: {}", what, std::strerror(errno)));
}

void require_poll() {
  if (poll(nullptr, 0, 0) != 0) lack("poll");
}

void require_proc() {
  if (!open_descriptors(getpid()).empty()) return;
  throw EnvironmentLacks("what descriptors are open on cannot be seen: /proc is not mounted, or cannot be listed");
}

void require_signals_to_threads() {
  const auto thread = syscall(SYS_gettid);
  if (thread > 0 && syscall(SYS_tgkill, getpid(), thread, 0) == 0 && syscall(SYS_tkill, thread, 0) == 0) return;
  lack("signals cannot be sent to threads: tgkill, tkill");
}

void require_address_space(pid_t pid, std::uint64_t bytes) {
  rlimit limit{};
  if (prlimit(pid, RLIMIT_AS, nullptr, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  std::istringstream pages(content_of(fmt::format("/proc/{}/statm", pid)));  // proc(5): size resident ...
  std::uint64_t used = 0;
  pages >> used;
  used *= static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  constexpr std::uint64_t kOfTheCallItself = 64 << 20;  // allocators take more than they are asked for
  if (bytes <= limit.rlim_cur && limit.rlim_cur - bytes >= used + kOfTheCallItself) return;
  throw EnvironmentLacks(
      fmt::format("buffers of {} bytes find no place in an address space of {} bytes (RLIMIT_AS, ulimit -v)", bytes,
                  limit.rlim_cur));
}

}  // namespace recvinto::kit
