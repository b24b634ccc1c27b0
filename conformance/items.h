#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "conformance/framework/expectation.h"
#include "kit/values/names.h"

// Words for claims about ancillary items.

namespace recvinto::conformance {

/// Room for the ancillary data of any claim that does not choose a size.
inline constexpr std::int64_t kPlenty = 512;

/// What of an item does not depend on the host and the hour.
struct ItemShape {
  int level = 0;
  int type = 0;
  std::size_t size = 0;  ///< bytes of data

  friend bool operator==(const ItemShape&, const ItemShape&) = default;
  friend void PrintTo(const ItemShape& shape, std::ostream* out) {
    *out << kit::control_message_name(shape.level, shape.type) << " of " << shape.size << " bytes";
  }
};
using ItemShapes = std::vector<ItemShape>;

inline ItemShapes shapes_of(const Answer& answer) {
  ItemShapes shapes;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    shapes.push_back({item.level, item.type, item.data.size()});
  }
  return shapes;
}

using kit::bytes_of;

template <typename Value>
kit::AncillaryItem item(int level, int type, const Value& value) {
  return {level, type, bytes_of(value)};
}

/// Index of the host's loopback interface.
inline unsigned loopback_index() {
  return if_nametoindex("lo");
}

/// IPV6_PKTINFO of a packet to `host` that came in on interface `index` (RFC 3542, 6.1).
inline kit::AncillaryItem ipv6_packet_info(const char* host, unsigned index) {
  in6_pktinfo info{};
  inet_pton(AF_INET6, host, &info.ipi6_addr);
  info.ipi6_ifindex = index;
  return item(IPPROTO_IPV6, IPV6_PKTINFO, info);
}

/// IP_PKTINFO of a packet to 127.0.0.1 (ip(7)).
inline kit::AncillaryItem ipv4_packet_info() {
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<int>(loopback_index());
  info.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK);
  info.ipi_addr.s_addr = htonl(INADDR_LOOPBACK);
  return item(IPPROTO_IP, IP_PKTINFO, info);
}

/// In an order of their own, for items whose order no document promises.
inline std::vector<std::string> sorted(const Items& items) {
  std::vector<std::string> texts;
  for (const kit::AncillaryItem& one : items) texts.push_back(describe(one));
  std::ranges::sort(texts);
  return texts;
}

}  // namespace recvinto::conformance
