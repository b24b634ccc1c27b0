#include "bench/property/system_calls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

// After sys/ptrace.h, whose names it would hide.
#include <linux/ptrace.h>

namespace recvinto::bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

long trace(int request, pid_t pid, std::uintptr_t address, std::uintptr_t data) {
  // glibc's ptrace() takes the request as an enumeration that lacks the newer ones.
  const long result = syscall(SYS_ptrace, request, pid, address, data);
  if (result < 0) fail("ptrace");
  return result;
}

int wait_for(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) fail("waitpid");
  return status;
}

bool is_stopped_by(int status, int signum) {
  return WIFSTOPPED(status) && WSTOPSIG(status) == signum;
}

/// Interrupts system calls that wait, every 20 ms: one that returned at once when it was recorded may wait without end
/// where an earlier one has another result (bytes that had not arrived then have arrived now).
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action{};
    action.sa_handler = [](int) {};  // without SA_RESTART
    if (sigaction(SIGALRM, &action, &previous_) != 0) fail("sigaction");
    constexpr timeval kPeriod{.tv_sec = 0, .tv_usec = 20'000};
    const itimerval timer{.it_interval = kPeriod, .it_value = kPeriod};
    if (setitimer(ITIMER_REAL, &timer, nullptr) != 0) fail("setitimer");
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  ~Interruptions() {
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    sigaction(SIGALRM, &previous_, nullptr);
  }

 private:
  struct sigaction previous_{};
};

}  // namespace

/// The memory of the traced process.
class Recording::Memory {
 public:
  explicit Memory(pid_t pid) : pid_(pid) {}

  [[nodiscard]] pid_t pid() const { return pid_; }

  void read(std::uint64_t address, std::byte* to, std::size_t size) const {
    if (size == 0) return;
    const iovec local{.iov_base = to, .iov_len = size};
    const iovec remote{.iov_base = reinterpret_cast<void*>(address), .iov_len = size};
    if (process_vm_readv(pid_, &local, 1, &remote, 1, 0) != static_cast<ssize_t>(size)) fail("process_vm_readv");
  }
  template <typename Value>
  [[nodiscard]] Value value(std::uint64_t address) const {
    Value value{};
    read(address, reinterpret_cast<std::byte*>(&value), sizeof value);
    return value;
  }
  [[nodiscard]] std::size_t length_of_text(std::uint64_t address) const {
    std::size_t length = 0;
    while (value<char>(address + length) != '\0') ++length;
    return length;
  }

 private:
  pid_t pid_;
};

std::byte* Recording::room(std::size_t size) {
  return blocks_.emplace_back(std::max<std::size_t>(size, 1)).data();
}

std::byte* Recording::copy(const Memory& memory, std::uint64_t address, std::size_t size) {
  if (address == 0) return nullptr;
  std::byte* bytes = room(size);
  memory.read(address, bytes, size);
  return bytes;
}

std::byte* Recording::address(const Memory& memory, std::uint64_t address, std::size_t size) {
  std::byte* bytes = copy(memory, address, size);
  if (bytes == nullptr) return nullptr;
  for (auto told = chosen_.rbegin(); told != chosen_.rend(); ++told) {
    if (std::ranges::equal(told->first, std::span(bytes, size))) return told->second;
  }
  return bytes;
}

void Recording::reported(const Memory& memory, SystemCall& call, std::uint64_t address, std::uint64_t length) {
  if (address == 0) return;
  const auto size = memory.value<socklen_t>(length);
  std::byte* now = room(sizeof(sockaddr_storage));
  std::vector<std::byte> then(std::min<std::size_t>(size, sizeof(sockaddr_storage)));
  if (call.result >= 0) memory.read(address, then.data(), then.size());
  chosen_.emplace_back(std::move(then), now);
  const socklen_t whole = sizeof(sockaddr_storage);
  std::byte* before = room(sizeof whole);
  std::memcpy(before, &whole, sizeof whole);
  std::byte* actual = room(sizeof whole);
  call.restored = {actual, before, sizeof whole};
  call.arguments[1] = reinterpret_cast<long>(now);
  call.arguments[2] = reinterpret_cast<long>(actual);
}

std::byte* Recording::path(const Memory& memory, std::uint64_t address) {
  const std::size_t size = memory.length_of_text(address) + 1;
  std::string text(size, '\0');
  memory.read(address, reinterpret_cast<std::byte*>(text.data()), size);
  const std::string own = "/proc/" + std::to_string(memory.pid()) + "/";
  if (text.starts_with(own)) text.replace(0, own.size(), "/proc/self/");
  std::byte* bytes = room(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return bytes;
}

void Recording::find_credentials(msghdr& header, pid_t sender) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_CREDENTIALS) continue;
    ucred credentials{};
    std::memcpy(&credentials, CMSG_DATA(item), sizeof credentials);
    if (credentials.pid == sender) own_pids_.push_back(CMSG_DATA(item) + offsetof(ucred, pid));
  }
}

std::byte* Recording::message(const Memory& memory, std::uint64_t where, bool is_sent, SystemCall& call) {
  auto header = memory.value<msghdr>(where);
  std::vector<iovec> buffers(header.msg_iovlen);
  memory.read(reinterpret_cast<std::uint64_t>(header.msg_iov), reinterpret_cast<std::byte*>(buffers.data()),
              buffers.size() * sizeof(iovec));
  for (iovec& buffer : buffers) {
    const auto address = reinterpret_cast<std::uint64_t>(buffer.iov_base);
    buffer.iov_base = is_sent ? copy(memory, address, buffer.iov_len) : room(buffer.iov_len);
  }
  std::byte* list = room(buffers.size() * sizeof(iovec));
  std::ranges::copy(buffers, reinterpret_cast<iovec*>(list));
  header.msg_iov = reinterpret_cast<iovec*>(list);
  const auto control = reinterpret_cast<std::uint64_t>(header.msg_control);
  if (control != 0) {
    header.msg_control = is_sent ? copy(memory, control, header.msg_controllen) : room(header.msg_controllen);
  }
  if (is_sent && control != 0) find_credentials(header, memory.pid());
  const auto name = reinterpret_cast<std::uint64_t>(header.msg_name);
  if (name != 0) header.msg_name = is_sent ? address(memory, name, header.msg_namelen) : room(header.msg_namelen);
  std::byte* before = room(sizeof header);
  std::memcpy(before, &header, sizeof header);
  std::byte* actual = room(sizeof header);
  call.restored = {actual, before, sizeof header};
  return actual;
}

void Recording::add(const Memory& memory, long number, const std::array<std::uint64_t, 6>& arguments, long result) {
  SystemCall call{.number = number, .result = result};
  std::ranges::transform(arguments, call.arguments.begin(),
                         [](std::uint64_t value) { return static_cast<long>(value); });
  const auto put = [&call](std::size_t index, std::byte* bytes) {
    call.arguments[index] = reinterpret_cast<long>(bytes);
  };
  const auto text = [&](std::size_t index) {
    put(index, copy(memory, arguments[index], memory.length_of_text(arguments[index]) + 1));
  };
  switch (number) {
    case SYS_close:
    case SYS_fcntl:
    case SYS_lseek:
    case SYS_socket:
    case SYS_listen:
    case SYS_shutdown:
    case SYS_ftruncate:
      break;
    case SYS_pipe2:
      put(0, room(2 * sizeof(int)));
      break;
    case SYS_socketpair:
      put(3, room(2 * sizeof(int)));
      break;
    case SYS_bind:
    case SYS_connect:
      put(1, address(memory, arguments[1], arguments[2]));
      break;
    case SYS_getsockname:
    case SYS_getpeername:
    case SYS_accept4:
      reported(memory, call, arguments[1], arguments[2]);
      break;
    case SYS_setsockopt:
      put(3, copy(memory, arguments[3], arguments[4]));
      break;
    case SYS_getsockopt: {
      const auto size = memory.value<socklen_t>(arguments[4]);
      put(3, room(std::max<std::size_t>(size, 256)));
      put(4, copy(memory, arguments[4], sizeof(socklen_t)));
      break;
    }
    case SYS_sendmsg:
      put(1, message(memory, arguments[1], true, call));
      break;
    case SYS_recvmsg:
      put(1, message(memory, arguments[1], false, call));
      break;
    case SYS_sendto:
      put(1, copy(memory, arguments[1], arguments[2]));
      put(4, address(memory, arguments[4], arguments[5]));
      break;
    case SYS_recvfrom:
    case SYS_read:
    case SYS_getdents64:
      put(1, room(arguments[2]));
      break;
    case SYS_newfstatat:
      text(1);
      put(2, room(sizeof(struct stat)));
      break;
    case SYS_memfd_create:
#ifdef SYS_mkdir
    case SYS_mkdir:
    case SYS_rmdir:
    case SYS_unlink:
#endif
      text(0);
      break;
    case SYS_openat:
      put(1, path(memory, arguments[1]));
      break;
    case SYS_mkdirat:
    case SYS_unlinkat:
      text(1);
      break;
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
      put(0, copy(memory, arguments[0], arguments[1] * sizeof(pollfd)));
      if (number == SYS_ppoll) put(2, copy(memory, arguments[2], sizeof(timespec)));
      break;
    default:
      return;  // memory, signals, ids: the runner's own
  }
  calls_.push_back(call);
}

void Recording::record(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
    work();
    _exit(0);
  }
  const Memory memory(child);
  if (!is_stopped_by(wait_for(child), SIGSTOP)) throw std::runtime_error("the work to be recorded has not begun");
  trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  ptrace_syscall_info entered{};
  for (std::uintptr_t signum = 0;;) {
    trace(PTRACE_SYSCALL, child, 0, std::exchange(signum, 0));
    const int status = wait_for(child);
    if (!WIFSTOPPED(status)) throw std::runtime_error("the work to be recorded has ended before its time");
    if (is_stopped_by(status, SIGSTOP)) break;
    if (!is_stopped_by(status, SIGTRAP | 0x80)) {
      signum = static_cast<std::uintptr_t>(WSTOPSIG(status));
      continue;
    }
    ptrace_syscall_info info{};
    trace(static_cast<int>(PTRACE_GET_SYSCALL_INFO), child, sizeof info, reinterpret_cast<std::uintptr_t>(&info));
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      entered = info;
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && entered.op == PTRACE_SYSCALL_INFO_ENTRY) {
      std::array<std::uint64_t, 6> arguments{};
      std::copy_n(std::begin(entered.entry.args), arguments.size(), arguments.begin());
      add(memory, static_cast<long>(entered.entry.nr), arguments, static_cast<long>(info.exit.rval));
    }
  }
  kill(child, SIGKILL);
  static_cast<void>(wait_for(child));
}

std::size_t Recording::replay() {
  const Interruptions interruptions;
  const pid_t self = getpid();
  for (unsigned char* pid : own_pids_) std::memcpy(pid, &self, sizeof self);
  std::size_t alike = 0;
  for (const SystemCall& call : calls_) {
    if (call.restored) std::memcpy(call.restored->to, call.restored->from, call.restored->size);
    const auto& [a, b, c, d, e, f] = call.arguments;
    const long result = syscall(call.number, a, b, c, d, e, f);
    alike += (result < 0 ? -errno : result) == call.result ? 1 : 0;
  }
  return alike;
}

}  // namespace recvinto::bench
