#include "kit/performing/socket_reuse.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <exception>

#include "kit/host/sockets.h"

namespace recvinto::kit {
namespace {

/// Options that bring items while they are on, and leave no trace when they are off again.
constexpr std::array<std::pair<int, int>, 8> kSwitches{{{SOL_SOCKET, SO_PASSCRED},
                                                        {IPPROTO_IP, IP_PKTINFO},
                                                        {IPPROTO_IP, IP_RECVTTL},
                                                        {IPPROTO_IP, IP_RECVTOS},
                                                        {IPPROTO_IP, IP_RECVORIGDSTADDR},
                                                        {IPPROTO_IPV6, IPV6_RECVPKTINFO},
                                                        {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
                                                        {IPPROTO_IPV6, IPV6_RECVTCLASS}}};

}  // namespace

SocketReuse::~SocketReuse() {
  for (const UsedSocket& used : kept_) abort_connection(used.kind, used.supplied, used.senders);
}

void SocketReuse::note_option(int level, int name) {
  if (std::ranges::find(kSwitches, std::pair(level, name)) == kSwitches.end()) {
    has_traces_ = true;
  } else {
    switched_options_.emplace_back(level, name);
  }
}

void SocketReuse::switch_off(int receiver) const {
  for (const auto& [level, name] : switched_options_) set_int_option(receiver, level, name, 0);
}

std::optional<UsedSocket> SocketReuse::take(const SocketKind& kind, Meeting meeting) {
  const auto used =
      std::ranges::find_if(kept_, [&](const UsedSocket& kept) { return kept.kind == kind && kept.meeting == meeting; });
  if (used == kept_.end()) return std::nullopt;
  std::optional<UsedSocket> taken = std::move(*used);
  kept_.erase(used);
  return taken;
}

void SocketReuse::begin_scenario() {
  has_traces_ = false;
  switched_options_.clear();
}

// A connection that is closed in order keeps its port for a minute (TIME_WAIT). A campaign's thousands of connections
// would take all ports of the host in seconds, and finding a free one would take longer each time.
void abort_connection(const SocketKind& kind, const Supplied& supplied, const std::vector<Sender>& senders) noexcept {
  if (!kind.is_tcp()) return;
  try {
    abort_when_closed(supplied.receiver.get());
    for (const Sender& sender : senders) {
      if (sender.socket) abort_when_closed(sender.socket.get());
    }
  } catch (const std::exception&) {  // a pipe in place of the socket
  }
}

}  // namespace recvinto::kit
