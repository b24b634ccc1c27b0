#include "kit/oracle/model_world.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "kit/host/sockets.h"
#include "kit/values/socket_kind.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

template <typename Id>
Id overflow_id(const char* file, Id otherwise) {
  std::ifstream(std::string("/proc/sys/kernel/") + file) >> otherwise;
  return otherwise;
}

/// What a fresh socket of this kind would send packets with; `otherwise` where there is no such socket.
int default_of(const SocketKind& kind, int level, int name, int otherwise) {
  const UniqueFd fd(socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol));
  int value = 0;
  socklen_t length = sizeof value;
  if (!fd || getsockopt(fd.get(), level, name, &value, &length) != 0 || value <= 0) return otherwise;
  return value;
}

bool has_option(const SocketKind& kind, int level, int name) {
  const UniqueFd fd(socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol));
  int value = 0;
  socklen_t length = sizeof value;
  return fd && getsockopt(fd.get(), level, name, &value, &length) == 0;
}

}  // namespace

ModelWorld this_world() {
  ModelWorld world;
  world.pid = getpid();
  world.uid = getuid();
  world.gid = getgid();
  world.overflow_uid = overflow_id("overflowuid", world.overflow_uid);
  world.overflow_gid = overflow_id("overflowgid", world.overflow_gid);
  if (const unsigned index = if_nametoindex("lo"); index != 0) world.loopback = static_cast<int>(index);
  world.ttl = default_of(kUdp4, IPPROTO_IP, IP_TTL, world.ttl);
  world.hop_limit = default_of(kUdp6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, world.hop_limit);
  world.has_pidfds = has_option(kUnixDatagram, SOL_SOCKET, kSoPassPidfd);
  world.can_forbid_rights = has_option(kUnixDatagram, SOL_SOCKET, kSoPassRights);
  return world;
}

}  // namespace recvinto::kit
