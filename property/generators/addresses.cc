#include "property/generators/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <utility>

namespace recvinto::property {
namespace {

constexpr std::size_t kPath = sizeof(sockaddr_un::sun_path);

std::uint32_t any_bits(Source& source) {
  return source.pick({0U, 1U, 0x7fffffffU, 0x80000000U, ~0U, static_cast<std::uint32_t>(source.next())});
}

in_port_t any_port(Source& source) {
  return static_cast<in_port_t>(any_bits(source));
}

kit::Bytes inet4_name(Source& source) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = any_port(source);
  name.sin_addr.s_addr = any_bits(source);
  return kit::bytes_of(name);
}

/// None that has an IPv4 address inside, which has two ways to be written.
kit::Bytes inet6_name(Source& source) {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = any_port(source);
  name.sin6_flowinfo = any_bits(source);
  name.sin6_scope_id = any_bits(source);
  for (std::uint8_t& byte : name.sin6_addr.s6_addr)
    byte = source.once_in(2) ? 0 : static_cast<std::uint8_t>(source.next());
  if (name.sin6_addr.s6_addr[0] == 0) name.sin6_addr.s6_addr[0] = source.pick({std::uint8_t{0x20}, std::uint8_t{0xfe}});
  return kit::bytes_of(name);
}

kit::Bytes unix_name(Source& source) {
  const bool is_abstract = source.once_in(2);
  const std::size_t least = is_abstract ? 0 : 1;
  const std::size_t length = source.pick({least, kPath - 1, source.between(least, kPath - 1)});
  kit::Bytes path(length, '\0');
  for (char& byte : path) byte = static_cast<char>(is_abstract ? source.below(256) : source.between(1, 255));
  const sa_family_t family = AF_UNIX;
  return kit::bytes_of(family) + (is_abstract ? kit::Bytes(1, '\0') + path : path + kit::Bytes(1, '\0'));
}

template <typename Structure>
std::optional<Structure> structure_of(const kit::Bytes& name) {
  Structure structure{};
  if (name.size() != sizeof structure) return std::nullopt;
  std::memcpy(&structure, name.data(), sizeof structure);
  return structure;
}

std::optional<kit::Address> unix_address(kit::Bytes path) {
  if (path.empty() || path.size() > kPath) return std::nullopt;
  if (path.front() != '\0') {
    if (path.size() < 2 || path.find('\0') != path.size() - 1) return std::nullopt;
    path.pop_back();
  }
  return kit::Address{.family = AF_UNIX, .path = std::move(path), .host = {}, .raw = {}};
}

kit::Address inet_address(int family, const void* host, in_port_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, host, text.data(), text.size());
  return {.family = family, .path = {}, .host = text.data(), .port = ntohs(port), .raw = {}};
}

}  // namespace

kit::Bytes any_name(Source& source, const kit::SocketKind& kind) {
  if (kind.is_unix() && !source.once_in(3)) return unix_name(source);
  return source.once_in(3) ? inet4_name(source) : inet6_name(source);
}

std::optional<kit::Address> address_of_name(const kit::Bytes& name) {
  sa_family_t family = AF_UNSPEC;
  if (name.size() < sizeof family) return std::nullopt;
  std::memcpy(&family, name.data(), sizeof family);
  if (family == AF_UNIX) return unix_address(name.substr(sizeof family));
  if (family == AF_INET) {
    const auto inet = structure_of<sockaddr_in>(name);
    if (inet) return inet_address(AF_INET, &inet->sin_addr, inet->sin_port);
  }
  const auto inet = family == AF_INET6 ? structure_of<sockaddr_in6>(name) : std::nullopt;
  if (!inet || inet->sin6_addr.s6_addr[0] == 0) return std::nullopt;
  kit::Address address = inet_address(AF_INET6, &inet->sin6_addr, inet->sin6_port);
  address.flowinfo = ntohl(inet->sin6_flowinfo);
  address.scope_id = inet->sin6_scope_id;
  return address;
}

}  // namespace recvinto::property
