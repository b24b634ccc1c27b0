#pragma once

#include <functional>
#include <string>

#include "kit/values/socket_kind.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

/// A network of the suite's own (network_namespaces(7)): no other program sends packets in it, and its one interface,
/// the loopback interface, may be changed at will. It is made by system calls alone, when it is first asked for, and
/// ends with this process and those that have inherited a socket of it.
class PrivateNetwork {
 public:
  /// The same for the whole process. Throws EnvironmentLacks where this host has none for us.
  static PrivateNetwork& get();

  static constexpr unsigned kInterface = 1;  ///< index of its interface: the first one of every network
  static constexpr int kMtu = 1300;          ///< small, but enough for IPv6
  static constexpr const char* kLinkLocal = "fe80::1";
  static constexpr const char* kGroup = "ff02::1:2";
  /// No socket listens on it (RFC 863, discard).
  static constexpr int kClosedPort = 9;

  PrivateNetwork();  // for get() only

  /// Runs `work` on a thread inside the network; throws what it throws.
  void enter(const std::function<void()>& work) const;
  [[nodiscard]] UniqueFd open(const SocketKind& kind) const;

  /// Changes the interface and changes it back: two messages for those who listen.
  void change_interface() const;
  void rename(const std::string& name);
  /// The same, with the interface down meanwhile: its IPv6 addresses and routes are set up again.
  void rename_while_down(const std::string& name);
  void restore_name();

 private:
  void set_mtu(int mtu) const;

  UniqueFd network_;  // /proc/thread-self/ns/net
  UniqueFd control_;  // any socket in it: ioctls on it concern it
  std::string name_ = "lo";
};

}  // namespace recvinto::kit
