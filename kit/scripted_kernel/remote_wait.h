#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kit/scripted_kernel/listener.h"
#include "kit/scripted_kernel/remote_memory.h"
#include "kit/scripted_kernel/system_calls.h"
#include "kit/values/abi.h"
#include "kit/values/bytes.h"

namespace recvinto::kit {

/// A wait of another process until descriptors can be read: poll(2) and its kin, in that process's ABI.
class RemoteWait {
 public:
  using IsWatched = std::function<bool(int number)>;

  /// `nullopt` if it waits for no watched descriptor, or if its arguments cannot be read.
  static std::optional<RemoteWait> read(const HeldCall& call, const ReadinessCall& kind, const Abi& abi,
                                        const RemoteMemory& memory, const IsWatched& is_watched);

  /// `nullopt`: it waits without end.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> timeout() const { return timeout_; }

  /// Writes what the caller finds when the watched descriptors, and no others, can be read, and returns what the system
  /// call returns. `left`: what remains of the timeout. `nullopt` if the memory cannot be written.
  std::optional<std::int64_t> become_ready(const RemoteMemory& memory, std::chrono::nanoseconds left) const;
  /// The same when the time is up.
  std::optional<std::int64_t> time_out(const RemoteMemory& memory) const;
  /// Writes what the caller finds of its timeout when a signal ends the wait; see select(2), ppoll(2).
  void interrupt(const RemoteMemory& memory, std::chrono::nanoseconds left) const;

 private:
  /// Bytes that belong somewhere there.
  struct Piece {
    std::uint64_t address = 0;
    Bytes bytes;
  };

  RemoteWait(const HeldCall& call, const ReadinessCall& kind, const Abi& abi) : call_(call), kind_(kind), abi_(abi) {}

  bool read_timeout(const RemoteMemory& memory);
  bool read_poll(const RemoteMemory& memory, const IsWatched& is_watched);
  bool read_select(const RemoteMemory& memory, const IsWatched& is_watched);
  bool read_epoll(const IsWatched& is_watched);
  void write_left(const RemoteMemory& memory, std::chrono::nanoseconds left) const;
  static bool write(const RemoteMemory& memory, const std::vector<Piece>& pieces);

  HeldCall call_;
  ReadinessCall kind_;
  Abi abi_;
  std::optional<std::chrono::nanoseconds> timeout_;
  std::int64_t ready_count_ = 0;
  std::vector<Piece> when_ready_;
  std::vector<Piece> when_timed_out_;
};

}  // namespace recvinto::kit
