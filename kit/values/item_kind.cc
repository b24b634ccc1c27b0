#include "kit/values/item_kind.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

struct NamedKind {
  ItemKind kind;
  std::string_view name;
};

constexpr int kIpv6Flowinfo = 11;  // IPV6_FLOWINFO of <linux/in6.h>, which cannot be included beside <netinet/in.h>

constexpr std::array<NamedKind, 31> kNamed{{
    {{SOL_SOCKET, SCM_RIGHTS}, "SOL_SOCKET/SCM_RIGHTS"},
    {{SOL_SOCKET, SCM_CREDENTIALS}, "SOL_SOCKET/SCM_CREDENTIALS"},
    {{SOL_SOCKET, kScmSecurity}, "SOL_SOCKET/SCM_SECURITY"},
    {{SOL_SOCKET, kScmPidfd}, "SOL_SOCKET/SCM_PIDFD"},
    {{SOL_SOCKET, SCM_TIMESTAMP}, "SOL_SOCKET/SCM_TIMESTAMP"},
    {{IPPROTO_IP, IP_PKTINFO}, "IPPROTO_IP/IP_PKTINFO"},
    {{IPPROTO_IP, IP_TTL}, "IPPROTO_IP/IP_TTL"},
    {{IPPROTO_IP, IP_TOS}, "IPPROTO_IP/IP_TOS"},
    {{IPPROTO_IPV6, IPV6_PKTINFO}, "IPPROTO_IPV6/IPV6_PKTINFO"},
    {{IPPROTO_IPV6, IPV6_HOPLIMIT}, "IPPROTO_IPV6/IPV6_HOPLIMIT"},
    {{IPPROTO_IPV6, IPV6_TCLASS}, "IPPROTO_IPV6/IPV6_TCLASS"},
    {{SOL_SOCKET, SO_TIMESTAMPNS}, "SOL_SOCKET/SCM_TIMESTAMPNS"},
    {{SOL_SOCKET, SO_TIMESTAMPING}, "SOL_SOCKET/SCM_TIMESTAMPING"},
    {{SOL_SOCKET, SO_RXQ_OVFL}, "SOL_SOCKET/SO_RXQ_OVFL"},
    {{IPPROTO_IP, IP_ORIGDSTADDR}, "IPPROTO_IP/IP_ORIGDSTADDR"},
    {{IPPROTO_IP, IP_RECVERR}, "IPPROTO_IP/IP_RECVERR"},
    {{IPPROTO_IPV6, IPV6_RECVERR}, "IPPROTO_IPV6/IPV6_RECVERR"},
    {{IPPROTO_TCP, TCP_CM_INQ}, "IPPROTO_TCP/TCP_CM_INQ"},
    {{IPPROTO_UDP, UDP_GRO}, "IPPROTO_UDP/UDP_GRO"},
    {{IPPROTO_IPV6, IPV6_HOPOPTS}, "IPPROTO_IPV6/IPV6_HOPOPTS"},
    {{IPPROTO_IPV6, IPV6_DSTOPTS}, "IPPROTO_IPV6/IPV6_DSTOPTS"},
    {{IPPROTO_IPV6, IPV6_PATHMTU}, "IPPROTO_IPV6/IPV6_PATHMTU"},
    {{IPPROTO_IPV6, IPV6_ORIGDSTADDR}, "IPPROTO_IPV6/IPV6_ORIGDSTADDR"},
    {{IPPROTO_IP, IP_RECVOPTS}, "IPPROTO_IP/IP_RECVOPTS"},
    {{IPPROTO_IP, IP_RETOPTS}, "IPPROTO_IP/IP_RETOPTS"},
    {{SOL_SOCKET, SO_MARK}, "SOL_SOCKET/SO_MARK"},
    {{SOL_SOCKET, SO_PRIORITY}, "SOL_SOCKET/SO_PRIORITY"},
    {{SOL_NETLINK, NETLINK_PKTINFO}, "SOL_NETLINK/NETLINK_PKTINFO"},
    {{SOL_PACKET, PACKET_AUXDATA}, "SOL_PACKET/PACKET_AUXDATA"},
    {{IPPROTO_IPV6, kIpv6Flowinfo}, "IPPROTO_IPV6/IPV6_FLOWINFO"},
    {{SOL_SOCKET, kScmInq}, "SOL_SOCKET/SCM_INQ"},
}};

std::string word_in(std::string_view name) {
  std::string_view word = name.substr(name.find('/') + 1);
  for (const std::string_view prefix : {"SCM_", "SO_"}) {
    if (word.starts_with(prefix)) word.remove_prefix(prefix.size());
  }
  std::string small(word);
  for (char& letter : small) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return small;
}

}  // namespace

std::optional<std::string_view> name_of(ItemKind kind) {
  const auto found = std::ranges::find(kNamed, kind, &NamedKind::kind);
  return found == kNamed.end() ? std::nullopt : std::optional(found->name);
}

std::string word_of(ItemKind kind) {
  const std::optional<std::string_view> name = name_of(kind);
  return name ? word_in(*name) : std::string();
}

std::optional<ItemKind> item_kind_named(std::string_view word) {
  const auto found = std::ranges::find_if(kNamed, [word](const NamedKind& one) { return word_in(one.name) == word; });
  return found == kNamed.end() ? std::nullopt : std::optional(found->kind);
}

std::string joined_words(const ItemKinds& kinds) {
  std::string joined;
  for (const ItemKind kind : kinds) joined += (joined.empty() ? "" : ", ") + word_of(kind);
  return joined;
}

bool contains(const ItemKinds& kinds, ItemKind kind) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

}  // namespace recvinto::kit
