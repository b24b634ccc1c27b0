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
#include <cstring>
#include <utility>

#include "kit/values/unix_options.h"

namespace recvinto::kit {

std::string errno_name(int number) {
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : fmt::format("errno {}", number);
}

std::string signal_name(int signum) {
  const char* name = sigabbrev_np(signum);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signum);
}

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
  if (level == SOL_SOCKET && type == SCM_RIGHTS) return "SOL_SOCKET/SCM_RIGHTS";
  if (level == SOL_SOCKET && type == SCM_CREDENTIALS) return "SOL_SOCKET/SCM_CREDENTIALS";
  if (level == SOL_SOCKET && type == kScmSecurity) return "SOL_SOCKET/SCM_SECURITY";
  if (level == SOL_SOCKET && type == kScmPidfd) return "SOL_SOCKET/SCM_PIDFD";
  if (level == SOL_SOCKET && type == SCM_TIMESTAMP) return "SOL_SOCKET/SCM_TIMESTAMP";
  if (level == IPPROTO_IP && type == IP_PKTINFO) return "IPPROTO_IP/IP_PKTINFO";
  if (level == IPPROTO_IP && type == IP_TTL) return "IPPROTO_IP/IP_TTL";
  if (level == IPPROTO_IP && type == IP_TOS) return "IPPROTO_IP/IP_TOS";
  if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) return "IPPROTO_IPV6/IPV6_PKTINFO";
  if (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT) return "IPPROTO_IPV6/IPV6_HOPLIMIT";
  if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) return "IPPROTO_IPV6/IPV6_TCLASS";
  if (level == SOL_SOCKET && type == SO_TIMESTAMPNS) return "SOL_SOCKET/SCM_TIMESTAMPNS";
  if (level == SOL_SOCKET && type == SO_TIMESTAMPING) return "SOL_SOCKET/SCM_TIMESTAMPING";
  if (level == SOL_SOCKET && type == SO_RXQ_OVFL) return "SOL_SOCKET/SO_RXQ_OVFL";
  if (level == IPPROTO_IP && type == IP_ORIGDSTADDR) return "IPPROTO_IP/IP_ORIGDSTADDR";
  if (level == IPPROTO_IP && type == IP_RECVERR) return "IPPROTO_IP/IP_RECVERR";
  if (level == IPPROTO_IPV6 && type == IPV6_RECVERR) return "IPPROTO_IPV6/IPV6_RECVERR";
  if (level == IPPROTO_TCP && type == TCP_CM_INQ) return "IPPROTO_TCP/TCP_CM_INQ";
  if (level == IPPROTO_UDP && type == UDP_GRO) return "IPPROTO_UDP/UDP_GRO";
  if (level == IPPROTO_IPV6 && type == IPV6_HOPOPTS) return "IPPROTO_IPV6/IPV6_HOPOPTS";
  if (level == IPPROTO_IPV6 && type == IPV6_DSTOPTS) return "IPPROTO_IPV6/IPV6_DSTOPTS";
  if (level == IPPROTO_IPV6 && type == IPV6_PATHMTU) return "IPPROTO_IPV6/IPV6_PATHMTU";
  if (level == IPPROTO_IPV6 && type == IPV6_ORIGDSTADDR) return "IPPROTO_IPV6/IPV6_ORIGDSTADDR";
  if (level == IPPROTO_IP && type == IP_RECVOPTS) return "IPPROTO_IP/IP_RECVOPTS";
  if (level == IPPROTO_IP && type == IP_RETOPTS) return "IPPROTO_IP/IP_RETOPTS";
  if (level == SOL_SOCKET && type == SO_MARK) return "SOL_SOCKET/SO_MARK";
  if (level == SOL_SOCKET && type == SO_PRIORITY) return "SOL_SOCKET/SO_PRIORITY";
  if (level == SOL_NETLINK && type == NETLINK_PKTINFO) return "SOL_NETLINK/NETLINK_PKTINFO";
  if (level == SOL_PACKET && type == PACKET_AUXDATA) return "SOL_PACKET/PACKET_AUXDATA";
  return fmt::format("{}/{}", level, type);
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
