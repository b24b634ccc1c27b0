#include "kit/subjects/socket_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <system_error>

#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/host/loopback_kinds.h"
#include "kit/host/private_network.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

// A run of all checks uses 150 of most kinds, and 390 pairs of unix streams: scripted answers come from them. Every one
// that an adapter holds is inspected whenever its descriptors are, and starting it anew takes as long as some hundred
// checks: all kinds are used up at about the same time.
constexpr std::size_t kEachRareForm = 12;  // blank unix sockets, pipes: few checks need them
constexpr std::size_t kEachUncommon = 10;
constexpr std::size_t kPacketSockets = 4;

/// Where the descriptors here are put, above all numbers in the adapter (ChildProcess wants it so).
constexpr int kLowestNumberHere = 800;

UniqueFd moved_up(int fd) {
  const UniqueFd low(fd);
  UniqueFd high(fcntl(low.get(), F_DUPFD_CLOEXEC, kLowestNumberHere));
  if (!high) lack("fcntl F_DUPFD_CLOEXEC (the suite needs about 2000 descriptors; see ulimit -n)");
  return high;
}

Supplied make(const SocketKind& kind, Form form, int number) {
  Supplied supplied;
  supplied.name = {number, kind.family, kind.type};
  if (form == Form::kBlank || form == Form::kPrivate) {
    const int fd = socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol);
    if (fd < 0) fail(fmt::format("socket of kind {}", kind.name));
    supplied.receiver = moved_up(fd);
    return supplied;
  }
  std::array<int, 2> ends{};
  if (form == Form::kPair) {
    if (socketpair(kind.family, kind.type | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
  } else {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  }
  supplied.receiver = moved_up(ends[0]);
  supplied.peer = moved_up(ends[1]);
  return supplied;
}

std::size_t usual_count(const SocketKind& kind) {
  if (kind == kUnixStream) return 120;
  if (kind == kUdp6 || kind == kUnixSeqpacket) return 70;
  return kind.is_unix() ? 60 : 48;
}

/// Whether only a pool with everything has it.
bool is_uncommon(const std::pair<std::string_view, Form>& key) {
  return key.second == Form::kPrivate || key.first == kNetlinkRoute.name;
}

}  // namespace

void allow_many_descriptors() {
  constexpr rlim_t kEnough = 4096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  if (limit.rlim_cur >= kEnough) return;
  // The highest numbers that are asked for by name; the pool of an adapter needs more.
  constexpr rlim_t kLeast = 1024;
  if (limit.rlim_max < kLeast) {
    throw EnvironmentLacks(
        fmt::format("the suite needs about 2000 descriptors, and may open {} (ulimit -n)", limit.rlim_max));
  }
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit RLIMIT_NOFILE");
}

SocketPool::SocketPool(Stock what) {
  allow_many_descriptors();
  for (const SocketKind& kind : kEveryKind) {
    try {
      require_loopback(kind);
      if (kind.is_unix()) stock(kind, Form::kPair, usual_count(kind));
      stock(kind, Form::kBlank, kind.is_unix() ? kEachRareForm : usual_count(kind));
    } catch (const EnvironmentLacks& lack) {
      lacking_[{kind.name, Form::kPair}] = lacking_[{kind.name, Form::kBlank}] = lack.what();
    }
  }
  stock(kUnixStream, Form::kPipe, kEachRareForm);
  if (what == Stock::kCommon) return;
  stock_uncommon(kNetlinkRoute, Form::kBlank, kEachUncommon);
  try {
    PrivateNetwork::get().enter([this] {
      for (const SocketKind& kind : {kUdp4, kUdp6, kNetlinkRoute, kRaw4}) {
        stock_uncommon(kind, Form::kPrivate, kEachUncommon);
      }
      stock_uncommon(kPacket, Form::kPrivate, kPacketSockets);
    });
  } catch (const EnvironmentLacks& lack) {
    network_lacking_ = lack.what();
  }
}

void SocketPool::stock(const SocketKind& kind, Form form, std::size_t count) {
  std::vector<Supplied>& sockets = shelves_[{kind.name, form}];
  for (std::size_t i = 0; i < count; ++i) sockets.push_back(make(kind, form, next_number_++));
}

void SocketPool::stock_uncommon(const SocketKind& kind, Form form, std::size_t count) {
  try {
    stock(kind, form, count);
  } catch (const std::system_error& error) {
    shelves_.erase({kind.name, form});
    lacking_[{kind.name, form}] = error.what();
  }
}

WatchedNumbers SocketPool::numbers() {
  return {.first = kFirstNumber, .last = kLowestNumberHere - 1};
}

std::map<int, int> SocketPool::inheritance() const {
  std::map<int, int> numbers;
  for (const auto& [key, sockets] : shelves_) {
    for (const Supplied& supplied : sockets) numbers[supplied.name.number] = supplied.receiver.get();
  }
  return numbers;
}

Supplied SocketPool::take(const SocketKind& kind, Form form) {
  if (const auto lack = lacking_.find({kind.name, form}); lack != lacking_.end()) throw EnvironmentLacks(lack->second);
  if (form == Form::kPrivate && !network_lacking_.empty()) throw EnvironmentLacks(network_lacking_);
  const auto shelf = shelves_.find({kind.name, form});
  if (shelf == shelves_.end() || shelf->second.empty()) {
    throw NoSocketLeft(fmt::format("the pool has no {} left", kind.name));
  }
  Supplied supplied = std::move(shelf->second.back());
  shelf->second.pop_back();
  return supplied;
}

bool SocketPool::has_at_least(std::size_t count) const {
  return std::ranges::all_of(
      shelves_, [count](const auto& shelf) { return is_uncommon(shelf.first) || shelf.second.size() >= count; });
}

bool SocketPool::is_out_of(const SocketKind& kind, Form form) const {
  const Key key{kind.name, form};
  if (!is_uncommon(key) || lacking_.contains(key)) return false;
  if (form == Form::kPrivate && !network_lacking_.empty()) return false;
  const auto shelf = shelves_.find(key);
  return shelf == shelves_.end() || shelf->second.empty();
}

}  // namespace recvinto::kit
