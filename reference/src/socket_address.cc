#include "recvinto/socket_address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <cstring>
#include <optional>
#include <string_view>

namespace recvinto {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kFamilyOffset = offsetof(sockaddr, sa_family);
constexpr std::size_t kFamilyEnd = kFamilyOffset + sizeof(sa_family_t);

// A copy of the first Size bytes as a Struct, the rest of it zero: the bytes may lie anywhere and be fewer than that.
template <typename Struct>
Struct copy_of(Bytes bytes, std::size_t size = sizeof(Struct)) {
  Struct copy{};
  std::memcpy(&copy, bytes.data(), size);
  return copy;
}

std::string host_text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string() : std::string(text.data());
}

UnixAddress decode_unix(Bytes bytes) {
  const Bytes name = bytes.subspan(offsetof(sockaddr_un, sun_path));
  std::string path(name.size(), '\0');
  std::transform(name.begin(), name.end(), path.begin(), [](std::byte byte) { return std::to_integer<char>(byte); });
  // An abstract name has its length from the address's and may contain NULs; a pathname ends at its NUL, which Linux
  // counts and others do not, or at the address's end (unix(7), "Address format" and BUGS).
  const bool is_pathname = !path.empty() && path.front() != '\0';
  if (is_pathname) path.resize(std::min(path.find('\0'), path.size()));
  return {std::move(path)};
}

Inet4Address decode_inet4(Bytes bytes) {
  const auto address = copy_of<sockaddr_in>(bytes, offsetof(sockaddr_in, sin_zero));
  return {.host = host_text(AF_INET, &address.sin_addr), .port = ntohs(address.sin_port)};
}

Inet6Address decode_inet6(Bytes bytes) {
  const auto address = copy_of<sockaddr_in6>(bytes);
  return {.host = host_text(AF_INET6, &address.sin6_addr),
          .port = ntohs(address.sin6_port),
          .flowinfo = ntohl(address.sin6_flowinfo),
          .scope_id = address.sin6_scope_id};
}

}  // namespace

Address SocketAddress::decode() const {
  const Bytes address = bytes();
  if (address.size() < kFamilyEnd) return std::monostate{};
  const int family = copy_of<sa_family_t>(address.subspan(kFamilyOffset));
  if (family == AF_UNIX) return decode_unix(address);
  if (family == AF_INET && address.size() >= offsetof(sockaddr_in, sin_zero)) return decode_inet4(address);
  if (family == AF_INET6 && address.size() >= sizeof(sockaddr_in6)) return decode_inet6(address);
  const Bytes rest = address.subspan(kFamilyEnd);
  return RawAddress{.family = family, .bytes = {rest.begin(), rest.end()}};
}

}  // namespace recvinto
