#pragma once

#include "kit/oracle/control_room.h"
#include "kit/oracle/model_world.h"
#include "kit/oracle/socket_state.h"

namespace recvinto::kit {

/// The items of a UDP datagram that came over the loopback interface, for the options that are set when it is received
/// (ip(7); RFC 3542), in the order of Linux (ip_cmsg_recv_offset, ip6_datagram_recv_ctl).
void put_packet_items(ControlRoom& room, const SocketState& socket, const SentMessage& message,
                      const ModelWorld& world);

}  // namespace recvinto::kit
