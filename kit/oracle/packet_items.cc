#include "kit/oracle/packet_items.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "kit/oracle/unpredictable.h"

namespace recvinto::kit {
namespace {

in_port_t own_port(const ModelWorld& world) {
  if (!world.knows_addresses) return 0;
  if (!world.receiver) throw Unpredictable("the receiver's own port is not known");
  return htons(static_cast<in_port_t>(world.receiver->port));
}

void put_items4(ControlRoom& room, const ItemOptions& options, const SentMessage& message, const ModelWorld& world) {
  const in_addr destination{.s_addr = htonl(INADDR_LOOPBACK)};
  if (options.packet_info) {
    in_pktinfo info{};
    info.ipi_addr = destination;
    // The rest is looked up when the packet arrives, and only for sockets that want it then.
    if (message.has_packet_info) {
      info.ipi_ifindex = world.loopback;
      info.ipi_spec_dst = destination;
    }
    room.put(IPPROTO_IP, IP_PKTINFO, bytes_of(info));
  }
  if (options.hops) room.put(IPPROTO_IP, IP_TTL, bytes_of(message.hops));
  if (options.traffic_class) room.put(IPPROTO_IP, IP_TOS, bytes_of(message.traffic_class));
  if (options.destination) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = own_port(world);
    own.sin_addr = destination;
    room.put(IPPROTO_IP, IP_ORIGDSTADDR, bytes_of(own));
  }
}

void put_items6(ControlRoom& room, const ItemOptions& options, const SentMessage& message, const ModelWorld& world) {
  if (options.packet_info) {
    in6_pktinfo info{};
    info.ipi6_addr = in6addr_loopback;
    info.ipi6_ifindex = static_cast<unsigned>(world.loopback);
    room.put(IPPROTO_IPV6, IPV6_PKTINFO, bytes_of(info));
  }
  if (options.hops) room.put(IPPROTO_IPV6, IPV6_HOPLIMIT, bytes_of(message.hops));
  if (options.traffic_class) room.put(IPPROTO_IPV6, IPV6_TCLASS, bytes_of(int{message.traffic_class}));
  if (options.destination) {
    sockaddr_in6 own{};
    own.sin6_family = AF_INET6;
    own.sin6_port = own_port(world);
    own.sin6_addr = in6addr_loopback;
    room.put(IPPROTO_IPV6, IPV6_ORIGDSTADDR, bytes_of(own));
  }
}

}  // namespace

void put_packet_items(ControlRoom& room, const SocketState& socket, const SentMessage& message,
                      const ModelWorld& world) {
  if (socket.kind.family == AF_INET) {
    put_items4(room, socket.options, message, world);
  } else {
    put_items6(room, socket.options, message, world);
  }
}

}  // namespace recvinto::kit
