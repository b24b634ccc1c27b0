#include "kit/values/names.h"

#include <fmt/format.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "kit/values/item_kind.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {

std::string flag_names(std::int64_t flags) {
  static constexpr std::array<std::pair<std::int64_t, const char*>, 15> kNames{{
      {MSG_OOB, "MSG_OOB"},
      {MSG_PEEK, "MSG_PEEK"},
      {MSG_DONTROUTE, "MSG_DONTROUTE"},
      {MSG_CTRUNC, "MSG_CTRUNC"},
      {MSG_TRUNC, "MSG_TRUNC"},
      {MSG_DONTWAIT, "MSG_DONTWAIT"},
      {MSG_EOR, "MSG_EOR"},
      {MSG_WAITALL, "MSG_WAITALL"},
      {MSG_CONFIRM, "MSG_CONFIRM"},
      {MSG_ERRQUEUE, "MSG_ERRQUEUE"},
      {MSG_NOSIGNAL, "MSG_NOSIGNAL"},
      {MSG_MORE, "MSG_MORE"},
      {MSG_WAITFORONE, "MSG_WAITFORONE"},
      {MSG_FASTOPEN, "MSG_FASTOPEN"},
      {MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"},
  }};
  if (flags == 0) return "0";
  std::string names;
  for (const auto& [bit, name] : kNames) {
    if ((flags & bit) == 0) continue;
    names += (names.empty() ? "" : "|") + std::string(name);
    flags &= ~bit;
  }
  if (flags != 0) names += fmt::format("{}{:#x}", names.empty() ? "" : "|", flags);
  return names;
}

std::string control_message_name(int level, int type) {
  const std::optional<std::string_view> name = name_of({level, type});
  return name ? std::string(*name) : fmt::format("{}/{}", level, type);
}

std::string option_name(int level, int name) {
  struct Row {
    int level;
    int option;
    const char* name;
  };
  // The last two are younger than the C library: <asm-generic/socket.h>.
  constexpr int kSoReceiveMark = 75;
  constexpr int kSoReceivePriority = 82;
  static constexpr std::array<Row, 54> kOptions{{
      {SOL_SOCKET, SO_BROADCAST, "SOL_SOCKET/SO_BROADCAST"},
      {SOL_SOCKET, SO_LINGER, "SOL_SOCKET/SO_LINGER"},
      {SOL_SOCKET, SO_MARK, "SOL_SOCKET/SO_MARK"},
      {SOL_SOCKET, SO_OOBINLINE, "SOL_SOCKET/SO_OOBINLINE"},
      {SOL_SOCKET, SO_PASSCRED, "SOL_SOCKET/SO_PASSCRED"},
      {SOL_SOCKET, SO_PASSSEC, "SOL_SOCKET/SO_PASSSEC"},
      {SOL_SOCKET, SO_PEEK_OFF, "SOL_SOCKET/SO_PEEK_OFF"},
      {SOL_SOCKET, SO_PRIORITY, "SOL_SOCKET/SO_PRIORITY"},
      {SOL_SOCKET, SO_RCVBUF, "SOL_SOCKET/SO_RCVBUF"},
      {SOL_SOCKET, SO_RCVLOWAT, "SOL_SOCKET/SO_RCVLOWAT"},
      {SOL_SOCKET, SO_RCVTIMEO, "SOL_SOCKET/SO_RCVTIMEO"},
      {SOL_SOCKET, SO_REUSEADDR, "SOL_SOCKET/SO_REUSEADDR"},
      {SOL_SOCKET, SO_RXQ_OVFL, "SOL_SOCKET/SO_RXQ_OVFL"},
      {SOL_SOCKET, SO_SNDBUF, "SOL_SOCKET/SO_SNDBUF"},
      {SOL_SOCKET, SO_TIMESTAMP, "SOL_SOCKET/SO_TIMESTAMP"},
      {SOL_SOCKET, SO_TIMESTAMPING, "SOL_SOCKET/SO_TIMESTAMPING"},
      {SOL_SOCKET, SO_TIMESTAMPNS, "SOL_SOCKET/SO_TIMESTAMPNS"},
      {SOL_SOCKET, SO_ZEROCOPY, "SOL_SOCKET/SO_ZEROCOPY"},
      {IPPROTO_IP, IP_MTU_DISCOVER, "IPPROTO_IP/IP_MTU_DISCOVER"},
      {IPPROTO_IP, IP_OPTIONS, "IPPROTO_IP/IP_OPTIONS"},
      {IPPROTO_IP, IP_PKTINFO, "IPPROTO_IP/IP_PKTINFO"},
      {IPPROTO_IP, IP_RECVERR, "IPPROTO_IP/IP_RECVERR"},
      {IPPROTO_IP, IP_RECVOPTS, "IPPROTO_IP/IP_RECVOPTS"},
      {IPPROTO_IP, IP_RECVORIGDSTADDR, "IPPROTO_IP/IP_RECVORIGDSTADDR"},
      {IPPROTO_IP, IP_RECVTOS, "IPPROTO_IP/IP_RECVTOS"},
      {IPPROTO_IP, IP_RECVTTL, "IPPROTO_IP/IP_RECVTTL"},
      {IPPROTO_IP, IP_RETOPTS, "IPPROTO_IP/IP_RETOPTS"},
      {IPPROTO_IP, IP_TOS, "IPPROTO_IP/IP_TOS"},
      {IPPROTO_IP, IP_TTL, "IPPROTO_IP/IP_TTL"},
      {IPPROTO_IPV6, IPV6_DONTFRAG, "IPPROTO_IPV6/IPV6_DONTFRAG"},
      {IPPROTO_IPV6, IPV6_DSTOPTS, "IPPROTO_IPV6/IPV6_DSTOPTS"},
      {IPPROTO_IPV6, IPV6_HOPOPTS, "IPPROTO_IPV6/IPV6_HOPOPTS"},
      {IPPROTO_IPV6, IPV6_RECVDSTOPTS, "IPPROTO_IPV6/IPV6_RECVDSTOPTS"},
      {IPPROTO_IPV6, IPV6_RECVERR, "IPPROTO_IPV6/IPV6_RECVERR"},
      {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "IPPROTO_IPV6/IPV6_RECVHOPLIMIT"},
      {IPPROTO_IPV6, IPV6_RECVHOPOPTS, "IPPROTO_IPV6/IPV6_RECVHOPOPTS"},
      {IPPROTO_IPV6, IPV6_RECVPATHMTU, "IPPROTO_IPV6/IPV6_RECVPATHMTU"},
      {IPPROTO_IPV6, IPV6_RECVPKTINFO, "IPPROTO_IPV6/IPV6_RECVPKTINFO"},
      {IPPROTO_IPV6, IPV6_RECVTCLASS, "IPPROTO_IPV6/IPV6_RECVTCLASS"},
      {IPPROTO_IPV6, IPV6_TCLASS, "IPPROTO_IPV6/IPV6_TCLASS"},
      {IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPPROTO_IPV6/IPV6_UNICAST_HOPS"},
      {IPPROTO_IPV6, IPV6_V6ONLY, "IPPROTO_IPV6/IPV6_V6ONLY"},
      {IPPROTO_TCP, TCP_INQ, "IPPROTO_TCP/TCP_INQ"},
      {IPPROTO_TCP, TCP_NODELAY, "IPPROTO_TCP/TCP_NODELAY"},
      {IPPROTO_UDP, UDP_GRO, "IPPROTO_UDP/UDP_GRO"},
      {IPPROTO_UDP, UDP_SEGMENT, "IPPROTO_UDP/UDP_SEGMENT"},
      {SOL_PACKET, PACKET_AUXDATA, "SOL_PACKET/PACKET_AUXDATA"},
      {SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, "SOL_NETLINK/NETLINK_ADD_MEMBERSHIP"},
      {SOL_NETLINK, NETLINK_PKTINFO, "SOL_NETLINK/NETLINK_PKTINFO"},
      {SOL_SOCKET, kSoPassPidfd, "SOL_SOCKET/SO_PASSPIDFD"},
      {SOL_SOCKET, kSoPassRights, "SOL_SOCKET/SO_PASSRIGHTS"},
      {SOL_SOCKET, kSoInq, "SOL_SOCKET/SO_INQ"},
      {SOL_SOCKET, kSoReceiveMark, "SOL_SOCKET/SO_RCVMARK"},
      {SOL_SOCKET, kSoReceivePriority, "SOL_SOCKET/SO_RCVPRIORITY"},
  }};
  for (const Row& row : kOptions) {
    if (row.level == level && row.option == name) return row.name;
  }
  return fmt::format("{}/{}", level, name);
}

}  // namespace recvinto::kit
