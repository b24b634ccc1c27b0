#include "kit/host/loopback_kinds.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

#include "kit/host/fail.h"
#include "kit/host/sockets.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// What socket(7), ip(7), ipv6(7) and tcp(7) have for what is not there, is not configured, or is not for us.
constexpr std::array kLacks{EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP, EADDRNOTAVAIL, ENETDOWN,
                            ENETUNREACH,  EHOSTUNREACH,    ECONNREFUSED,    EPERM,      EACCES};

void meet(const SocketKind& kind) {
  if (kind.is_unix()) {
    std::array<int, 2> ends{};
    if (socketpair(kind.family, kind.type | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
    const UniqueFd one(ends[0]);
    const UniqueFd other(ends[1]);
    return;
  }
  const UniqueFd one = open_socket(kind);
  const UniqueFd other = open_socket(kind);
  bind_to(one.get(), loopback(kind));
  if (kind.is_tcp() && listen(one.get(), 1) != 0) fail("listen");
  if (kind.is_tcp()) abort_when_closed(other.get());
  connect_to(other.get(), local_address(one.get()));
}

/// By the name of the kind, why there is none; empty: there is.
std::map<std::string_view, std::string> find_lacks() {
  std::map<std::string_view, std::string> lacks;
  for (const SocketKind& kind : kEveryKind) {
    try {
      meet(kind);
    } catch (const std::system_error& error) {
      if (std::ranges::find(kLacks, error.code().value()) == kLacks.end()) throw;
      lacks[kind.name] = fmt::format("sockets of kind {} do not reach each other: {}", kind.name, error.what());
    }
  }
  return lacks;
}

}  // namespace

void require_loopback(const SocketKind& kind) {
  static const std::map<std::string_view, std::string> kLackOf = find_lacks();
  const auto lack = kLackOf.find(kind.name);
  if (lack != kLackOf.end()) throw EnvironmentLacks(lack->second);
}

}  // namespace recvinto::kit
