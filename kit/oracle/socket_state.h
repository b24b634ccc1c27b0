#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

#include "kit/values/bytes.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

/// Ids as struct ucred has them (unix(7), SCM_CREDENTIALS).
struct ModelCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;

  friend bool operator==(const ModelCredentials&, const ModelCredentials&) = default;
};

/// What one send left in the queue of the receiving socket: a message, or a part of a stream that is received by rules
/// of its own.
struct SentMessage {
  Bytes data;
  std::size_t taken = 0;  ///< of a stream: bytes that were received already
  std::size_t sender = 0;
  std::vector<std::size_t> files = {};  ///< whose descriptors go along
  ModelCredentials credentials = {};    ///< unix
  bool has_packet_info = false;         ///< IPv4: IP_PKTINFO was set when it arrived
  int hops = 0;                         ///< IP_TTL, or IPV6_UNICAST_HOPS, of its sender
  unsigned char traffic_class = 0;      ///< IP_TOS, or IPV6_TCLASS, likewise

  [[nodiscard]] std::size_t left() const { return data.size() - taken; }
};

/// Options that make the socket add items.
struct ItemOptions {
  bool credentials = false;    ///< SO_PASSCRED
  bool pidfds = false;         ///< SO_PASSPIDFD
  bool packet_info = false;    ///< IP_PKTINFO, IPV6_RECVPKTINFO
  bool hops = false;           ///< IP_RECVTTL, IPV6_RECVHOPLIMIT
  bool traffic_class = false;  ///< IP_RECVTOS, IPV6_RECVTCLASS
  bool destination = false;    ///< IP_RECVORIGDSTADDR, IPV6_RECVORIGDSTADDR

  /// Whether the socket wants to know of each message who has sent it.
  [[nodiscard]] bool ask_for_the_sender() const { return credentials || pidfds; }
};

/// The receiving socket as far as a receive depends on it.
struct SocketState {
  SocketKind kind;
  ItemOptions options = {};
  std::vector<SentMessage> queue = {};
  int error = 0;                ///< pending: the next receive that asks for it takes it (SO_ERROR)
  bool reads_are_shut = false;  ///< by either side: there is an end behind the queue
};

}  // namespace recvinto::kit
