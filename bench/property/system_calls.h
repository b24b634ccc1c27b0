#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace recvinto::bench {

/// A system call as it was made, with all that it reads and room for all that it writes.
struct SystemCall {
  /// Put before each replay: what the kernel has changed of a value-result argument (socklen_t, msghdr).
  struct Restored {
    std::byte* to = nullptr;
    const std::byte* from = nullptr;
    std::size_t size = 0;
  };

  long number = 0;
  std::array<long, 6> arguments = {};  ///< pointers point into the recording
  long result = 0;                     ///< negative: -errno
  std::optional<Restored> restored = {};
};

/// The system calls on sockets and files that a piece of work makes, so that a plain loop can repeat them.
///
/// Descriptors have the numbers that they had: replay where the same are open as when it was recorded. Addresses that
/// the system chose then are replaced by those that it chooses now, as getsockname(2) tells them.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Runs `work` in a child process under ptrace(2), and records from raise(SIGSTOP) to the next raise(SIGSTOP) in it.
  /// Throws std::system_error, and std::runtime_error where the child does not stop twice.
  void record(const std::function<void()>& work);

  /// Makes them all; returns how many have the results that were recorded. One that waits is interrupted after at most
  /// 20 ms: SIGALRM and ITIMER_REAL are used.
  std::size_t replay();

  [[nodiscard]] std::size_t size() const { return calls_.size(); }

 private:
  class Memory;
  void add(const Memory& memory, long number, const std::array<std::uint64_t, 6>& arguments, long result);
  std::byte* room(std::size_t size);
  std::byte* copy(const Memory& memory, std::uint64_t address, std::size_t size);
  /// A socket address that is handed over: the one of today, where the system had chosen it.
  std::byte* address(const Memory& memory, std::uint64_t address, std::size_t size);
  /// One that the system tells.
  void reported(const Memory& memory, SystemCall& call, std::uint64_t address, std::uint64_t length);
  /// Of a file, where the process looks at its own directory in /proc at that of the process that replays.
  std::byte* path(const Memory& memory, std::uint64_t address);
  void find_credentials(msghdr& header, pid_t sender);
  std::byte* message(const Memory& memory, std::uint64_t address, bool is_sent, SystemCall& call);

  std::deque<std::vector<std::byte>> blocks_;
  std::vector<std::pair<std::vector<std::byte>, std::byte*>>
      chosen_;                            // addresses as reported then, and where they are reported
  std::vector<unsigned char*> own_pids_;  // in credentials that are sent: of the process that replays
  std::vector<SystemCall> calls_;
};

}  // namespace recvinto::bench
