#include "kit/scripted_kernel/remote_wait.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <string>

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t kMostEntries = 4096;       // of poll(2)
constexpr std::size_t kMostDescriptors = 65536;  // of select(2)

template <typename Value>
Value value_at(const Bytes& bytes, std::size_t at) {
  Value value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::optional<Bytes> read_bytes(const RemoteMemory& memory, std::uint64_t address, std::size_t size) {
  Bytes bytes(size, '\0');
  if (!memory.read(address, std::as_writable_bytes(std::span(bytes)))) return std::nullopt;
  return bytes;
}

std::uint64_t timeout_argument(const HeldCall& call, const ReadinessCall& kind) {
  switch (kind.set) {
    case ReadinessCall::Set::kPoll:
      return call.arguments[2];
    case ReadinessCall::Set::kEpoll:
      return call.arguments[3];
    case ReadinessCall::Set::kSelect:
      break;
  }
  return call.arguments[4];
}

/// A struct timeval or timespec, with words of that size. A negative time is none.
std::optional<nanoseconds> time_in(const Bytes& bytes, const ReadinessCall& kind) {
  const bool is_wide = kind.time_word == sizeof(std::int64_t);
  const std::int64_t whole = is_wide ? value_at<std::int64_t>(bytes, 0) : value_at<std::int32_t>(bytes, 0);
  const std::int64_t part = is_wide ? value_at<std::int64_t>(bytes, 8) : value_at<std::int32_t>(bytes, 4);
  if (whole < 0 || part < 0) return std::nullopt;
  const auto most = std::chrono::duration_cast<seconds>(nanoseconds::max()).count() - 1;
  return seconds(std::min<std::int64_t>(whole, most)) +
         nanoseconds(kind.time == ReadinessCall::Time::kTimeval ? part * 1000 : part);
}

Bytes bytes_of_time(nanoseconds time, const ReadinessCall& kind) {
  const auto whole = std::chrono::floor<seconds>(time);
  const std::int64_t part = (time - whole).count() / (kind.time == ReadinessCall::Time::kTimeval ? 1000 : 1);
  Bytes bytes;
  for (const std::int64_t number : {std::int64_t{whole.count()}, part}) {
    bytes += kind.time_word == sizeof number ? bytes_of(number) : bytes_of(static_cast<std::int32_t>(number));
  }
  return bytes;
}

/// As the kernel lays struct epoll_event out: packed on x86.
Bytes epoll_event_of(std::uint32_t events, std::uint64_t data) {
  Bytes bytes;
  bytes += bytes_of(events);
#if !defined(__x86_64__)
  bytes += bytes_of(std::uint32_t{0});
#endif
  bytes += bytes_of(data);
  return bytes;
}

}  // namespace

std::optional<RemoteWait> RemoteWait::read(const HeldCall& call, const ReadinessCall& kind, const Abi& abi,
                                           const RemoteMemory& memory, const IsWatched& is_watched) {
  RemoteWait wait(call, kind, abi);
  bool is_for_it = false;
  switch (kind.set) {
    case ReadinessCall::Set::kPoll:
      is_for_it = wait.read_poll(memory, is_watched);
      break;
    case ReadinessCall::Set::kSelect:
      is_for_it = wait.read_select(memory, is_watched);
      break;
    case ReadinessCall::Set::kEpoll:
      is_for_it = wait.read_epoll(is_watched);
      break;
  }
  if (!is_for_it || !wait.read_timeout(memory)) return std::nullopt;
  return wait;
}

bool RemoteWait::read_timeout(const RemoteMemory& memory) {
  const std::uint64_t argument = timeout_argument(call_, kind_);
  if (kind_.time == ReadinessCall::Time::kMilliseconds) {
    const auto given = static_cast<std::int32_t>(static_cast<std::uint32_t>(argument));
    if (given >= 0) timeout_ = milliseconds(given);
    return true;
  }
  if (argument == 0) return true;
  const std::optional<Bytes> bytes = read_bytes(memory, argument, 2 * kind_.time_word);
  if (!bytes) return false;
  timeout_ = time_in(*bytes, kind_);
  return timeout_.has_value();
}

bool RemoteWait::read_poll(const RemoteMemory& memory, const IsWatched& is_watched) {
  const std::uint64_t entries = static_cast<std::uint32_t>(call_.arguments[1]);
  if (entries > kMostEntries) return false;
  const std::optional<Bytes> bytes = read_bytes(memory, call_.arguments[0], entries * sizeof(pollfd));
  if (!bytes) return false;
  for (std::size_t i = 0; i < entries; ++i) {
    const auto entry = value_at<pollfd>(*bytes, i * sizeof(pollfd));
    const auto wanted = static_cast<short>(entry.events & (POLLIN | POLLRDNORM));
    const bool is_ready = entry.fd >= 0 && wanted != 0 && is_watched(entry.fd);
    ready_count_ += is_ready ? 1 : 0;
    const std::uint64_t address = call_.arguments[0] + i * sizeof(pollfd) + offsetof(pollfd, revents);
    Piece piece{.address = address, .bytes = {}};
    piece.bytes += bytes_of(is_ready ? wanted : short{0});
    when_ready_.push_back(std::move(piece));
    when_timed_out_.push_back({.address = address, .bytes = Bytes(sizeof(short), '\0')});
  }
  return ready_count_ != 0;
}

bool RemoteWait::read_select(const RemoteMemory& memory, const IsWatched& is_watched) {
  const std::size_t descriptors = static_cast<std::uint32_t>(call_.arguments[0]);
  if (call_.arguments[1] == 0 || descriptors > kMostDescriptors) return false;
  const std::size_t bits = std::size_t{abi_.word} * CHAR_BIT;
  const std::size_t size = (descriptors + bits - 1) / bits * abi_.word;
  std::optional<Bytes> readable = read_bytes(memory, call_.arguments[1], size);
  if (!readable) return false;
  for (std::size_t at = 0; at < descriptors; ++at) {
    char& byte = (*readable)[at / CHAR_BIT];
    const auto bit = static_cast<char>(1 << (at % CHAR_BIT));
    if ((byte & bit) == 0) continue;
    if (is_watched(static_cast<int>(at))) {
      ++ready_count_;
    } else {
      byte = static_cast<char>(byte & ~bit);
    }
  }
  if (ready_count_ == 0) return false;
  when_ready_.push_back({.address = call_.arguments[1], .bytes = *readable});
  when_timed_out_.push_back({.address = call_.arguments[1], .bytes = Bytes(size, '\0')});
  for (const std::uint64_t other : {call_.arguments[2], call_.arguments[3]}) {
    if (other == 0) continue;
    when_ready_.push_back({.address = other, .bytes = Bytes(size, '\0')});
    when_timed_out_.push_back({.address = other, .bytes = Bytes(size, '\0')});
  }
  return true;
}

// What an epoll descriptor waits for, /proc tells: proc(5), /proc/pid/fdinfo.
bool RemoteWait::read_epoll(const IsWatched& is_watched) {
  const auto number = static_cast<std::int32_t>(static_cast<std::uint32_t>(call_.arguments[0]));
  std::ifstream file(fmt::format("/proc/{}/fdinfo/{}", call_.tid, number));
  for (std::string line; std::getline(file, line);) {
    int target = -1;
    unsigned events = 0;
    unsigned long long data = 0;
    if (std::sscanf(line.c_str(), "tfd: %d events: %x data: %llx", &target, &events, &data) != 3) continue;
    const std::uint32_t wanted = events & (EPOLLIN | EPOLLRDNORM);
    if (wanted == 0 || !is_watched(target)) continue;
    ready_count_ = 1;
    when_ready_.push_back({.address = call_.arguments[1], .bytes = epoll_event_of(wanted, data)});
    return true;
  }
  return false;
}

bool RemoteWait::write(const RemoteMemory& memory, const std::vector<Piece>& pieces) {
  std::vector<Patch> patches;
  patches.reserve(pieces.size());
  for (const Piece& piece : pieces) patches.push_back({piece.address, piece.bytes});
  return patches.empty() || memory.write(patches);
}

/// The kernel does not mind where it cannot be written.
void RemoteWait::write_left(const RemoteMemory& memory, nanoseconds left) const {
  const bool is_updated = kind_.set != ReadinessCall::Set::kEpoll && kind_.time != ReadinessCall::Time::kMilliseconds;
  if (is_updated && timeout_) {
    write(memory, {{.address = timeout_argument(call_, kind_), .bytes = bytes_of_time(left, kind_)}});
  }
}

std::optional<std::int64_t> RemoteWait::become_ready(const RemoteMemory& memory, nanoseconds left) const {
  if (!write(memory, when_ready_)) return std::nullopt;
  write_left(memory, left);
  return ready_count_;
}

std::optional<std::int64_t> RemoteWait::time_out(const RemoteMemory& memory) const {
  if (!write(memory, when_timed_out_)) return std::nullopt;
  write_left(memory, nanoseconds::zero());
  return 0;
}

void RemoteWait::interrupt(const RemoteMemory& memory, nanoseconds left) const {
  write_left(memory, left);
}

}  // namespace recvinto::kit
