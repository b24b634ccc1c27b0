#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/scripted_kernel/filter.h"
#include "kit/values/socket_kind.h"
#include "kit/values/socket_name.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// How a socket of the pool was prepared.
enum class Form {
  kPair,     ///< AF_UNIX: one end of a socketpair(2), the other is `peer`
  kBlank,    ///< fresh from socket(2): to be bound or connected through our duplicate
  kPipe,     ///< no socket at all
  kPrivate,  ///< as kBlank, in the private network (PrivateNetwork)
};

/// A receiving socket: our duplicate of it, and the name that the implementation knows it by.
struct Supplied {
  UniqueFd receiver;
  UniqueFd peer;  ///< with kPair (and kPipe: the writing end)
  SocketName name;
};

/// Raises the limit of descriptors (RLIMIT_NOFILE) of this process to what a pool takes twice over, where it is lower.
void allow_many_descriptors();

/// There is none of that kind and form any more.
class NoSocketLeft : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sockets of every kind, opened before an adapter is started, inherited by it at fixed numbers. We keep a duplicate of
/// both ends, so that options, sending, draining and looking need no word with the adapter. Each is used once.
///
/// Few checks need sockets of a private network or of the uncommon kinds, and they are not free: of closing a packet
/// socket Linux tells every processor. So a pool has them only where it was asked for.
class SocketPool {
 public:
  static constexpr int kFirstNumber = 200;

  enum class Stock { kCommon, kEverything };
  explicit SocketPool(Stock stock = Stock::kCommon);

  /// The numbers that sockets of a pool have in an adapter.
  static WatchedNumbers numbers();

  /// Number in the adapter -> descriptor here.
  [[nodiscard]] std::map<int, int> inheritance() const;

  /// Takes a socket out of the pool. Throws NoSocketLeft, and EnvironmentLacks where this host has none, or not for us.
  Supplied take(const SocketKind& kind, Form form);

  /// Whether every common kind and form has at least `count` left.
  [[nodiscard]] bool has_at_least(std::size_t count) const;
  /// Whether a pool with everything would have one of these, and this one has none.
  [[nodiscard]] bool is_out_of(const SocketKind& kind, Form form) const;

 private:
  using Key = std::pair<std::string_view, Form>;

  void stock(const SocketKind& kind, Form form, std::size_t count);
  void stock_uncommon(const SocketKind& kind, Form form, std::size_t count);

  std::map<Key, std::vector<Supplied>> shelves_;
  std::map<Key, std::string> lacking_;  ///< why this host has none
  std::string network_lacking_;         ///< why there is no private network
  int next_number_ = kFirstNumber;
};

}  // namespace recvinto::kit
