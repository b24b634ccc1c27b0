#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace recvinto {

/// UnixAddress is an AF_UNIX address (unix(7), "Address format").
struct UnixAddress {
  /// The bytes of the name: a pathname without its NUL; an abstract name with its leading NUL and any others; or
  /// nothing for a socket without a name.
  std::string path = {};

  [[nodiscard]] bool is_abstract() const noexcept { return !path.empty() && path.front() == '\0'; }
  friend bool operator==(const UnixAddress&, const UnixAddress&) = default;
};

/// Inet4Address is an AF_INET address.
struct Inet4Address {
  std::string host = {};   ///< dotted decimal
  std::uint16_t port = 0;  ///< in host order
  friend bool operator==(const Inet4Address&, const Inet4Address&) = default;
};

/// Inet6Address is an AF_INET6 address, Python's (host, port, flowinfo, scope_id).
struct Inet6Address {
  std::string host = {};       ///< RFC 5952 text, never with a %zone: that is scope_id
  std::uint16_t port = 0;      ///< in host order
  std::uint32_t flowinfo = 0;  ///< in host order
  std::uint32_t scope_id = 0;  ///< of a link-local address, the interface's index
  friend bool operator==(const Inet6Address&, const Inet6Address&) = default;
};

/// RawAddress is an address of any other family, and one too short for its family.
struct RawAddress {
  int family = 0;
  std::vector<std::byte> bytes = {};  ///< what follows the family, as far as the system's length goes
  friend bool operator==(const RawAddress&, const RawAddress&) = default;
};

/// Address is a decoded socket address; std::monostate if there is no address, Python's None.
using Address = std::variant<std::monostate, UnixAddress, Inet4Address, Inet6Address, RawAddress>;

/// SocketAddress is a socket address as recvmsg(2) stored it: bytes and a length that is never more than the bytes
/// there are. It does not allocate, and the bytes behind the length are not initialised.
///
/// The room is a sockaddr_storage, the most that Linux fills. That is more than sockaddr_un on purpose: a pathname may
/// take up all of sun_path without a NUL, and Linux then stores one behind it and counts it (unix(7), BUGS).
class SocketAddress {
 public:
  static constexpr std::size_t kCapacity = sizeof(sockaddr_storage);

  SocketAddress() noexcept {}  // Not defaulted: value-initialisation is not to clear the bytes either.

  /// Whether there is no address: connected sockets often give none, and unnamed unix(7) senders have none.
  [[nodiscard]] bool empty() const noexcept { return length_ == 0; }

  /// The address's length in bytes, including the family.
  [[nodiscard]] std::size_t length() const noexcept { return length_; }

  /// The address, length() bytes in the system's own layout.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return std::span(bytes_).first(length_); }

  /// The address in terms of its family; std::monostate where it is too short to name a family. Looks at no byte behind
  /// length(). Allocates, and throws std::bad_alloc.
  [[nodiscard]] Address decode() const;

  /// The whole room, to be handed to the kernel.
  [[nodiscard]] std::span<std::byte, kCapacity> room() noexcept { return bytes_; }

  /// Declares that the kernel has stored an address of `length` bytes here. recvmsg(2) reports the address's real
  /// length even where it was cut to the room, hence the limit.
  void set_length(std::size_t length) noexcept { length_ = std::min(length, kCapacity); }

 private:
  alignas(sockaddr_storage) std::array<std::byte, kCapacity> bytes_;
  std::size_t length_ = 0;
};

}  // namespace recvinto
