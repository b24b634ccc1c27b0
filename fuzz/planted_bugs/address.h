#pragma once

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>

#include "fuzz/planted_bugs/bug.h"
#include "recvinto/socket_address.h"

namespace recvinto::fuzz::planted {

using recvinto::Address;
using recvinto::Inet4Address;
using recvinto::Inet6Address;
using recvinto::RawAddress;
using recvinto::UnixAddress;

class SocketAddress {
 public:
  static constexpr std::size_t kCapacity = sizeof(sockaddr_storage);

  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {bytes_.data(), length_}; }
  [[nodiscard]] std::span<std::byte, kCapacity> room() { return bytes_; }

  void set_length(std::size_t length) {
    length_ = is_planted(Bug::kNameLengthNotCut) ? length : std::min(length, kCapacity);
  }

  [[nodiscard]] Address decode() const {
    if (length_ < sizeof(sa_family_t)) return std::monostate{};
    const auto family = read<sa_family_t>(0);
    if (family == AF_UNIX) return decode_unix();
    if (family == AF_INET && (length_ >= 8 || is_planted(Bug::kShortInetRead))) {
      const auto address = read<in_addr>(offsetof(sockaddr_in, sin_addr));
      return Inet4Address{.host = text<INET_ADDRSTRLEN>(AF_INET, &address), .port = port()};
    }
    if (family == AF_INET6 && length_ >= sizeof(sockaddr_in6)) {
      const auto address = read<in6_addr>(offsetof(sockaddr_in6, sin6_addr));
      const auto scope = read<std::uint32_t>(offsetof(sockaddr_in6, sin6_scope_id));
      return Inet6Address{.host = text<INET6_ADDRSTRLEN>(AF_INET6, &address),
                          .port = port(),
                          .flowinfo = ntohl(read<std::uint32_t>(offsetof(sockaddr_in6, sin6_flowinfo))),
                          .scope_id = is_planted(Bug::kScopeLost) ? 0 : scope};
    }
    const auto rest = bytes().subspan(sizeof(sa_family_t));
    return RawAddress{.family = family, .bytes = {rest.begin(), rest.end()}};
  }

 private:
  template <typename Value>
  [[nodiscard]] Value read(std::size_t offset) const {
    Value value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  [[nodiscard]] std::uint16_t port() const {
    const auto port = read<in_port_t>(offsetof(sockaddr_in, sin_port));  // sockaddr_in6 has it in the same place
    return is_planted(Bug::kPortNotSwapped) ? port : ntohs(port);
  }

  template <std::size_t Size>
  static std::string text(int family, const void* address) {
    std::array<char, Size> text;
    return inet_ntop(family, address, text.data(), text.size());
  }

  [[nodiscard]] Address decode_unix() const {
    constexpr std::size_t kPath = offsetof(sockaddr_un, sun_path);
    std::string path;
    for (std::size_t at = kPath; at < length_; ++at) path.push_back(std::to_integer<char>(bytes_[at]));
    const bool is_abstract = !path.empty() && path[0] == '\0';
    if (is_planted(Bug::kPathUpToItsNul) && !path.empty() && !is_abstract) {
      for (std::size_t at = length_; bytes_.at(at) != std::byte{}; ++at) {
        path.push_back(std::to_integer<char>(bytes_[at]));
      }
    }
    const std::size_t nul = path.find('\0', is_abstract ? 1 : 0);
    if (nul != std::string::npos && (!is_abstract || is_planted(Bug::kAbstractCutAtNul))) path.resize(nul);
    if (is_planted(Bug::kPathOneShort) && path.size() == sizeof(sockaddr_un::sun_path)) path.pop_back();
    return UnixAddress{std::move(path)};
  }

  alignas(sockaddr_storage) std::array<std::byte, kCapacity> bytes_;
  std::size_t length_ = 0;
};

}  // namespace recvinto::fuzz::planted
