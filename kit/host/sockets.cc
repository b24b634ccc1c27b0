#include "kit/host/sockets.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>  // tcp_info of the kernel is longer than that of <netinet/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/host/reported.h"
#include "kit/host/socket_options.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"
#include "recvinto/fitting.h"
#include "recvinto/socket_address.h"

namespace recvinto::kit {
namespace {

template <typename Structure>
SystemAddress as_bytes(const Structure& structure, std::size_t length = sizeof(Structure)) {
  SystemAddress address;
  address.bytes.resize(length);
  std::memcpy(address.bytes.data(), &structure, length);
  return address;
}

std::array<std::uint32_t, SK_MEMINFO_VARS> memory_info(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof info;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) fail_or_lack("getsockopt SO_MEMINFO");
  return info;
}

const sockaddr* generic(const SystemAddress& address) {
  return reinterpret_cast<const sockaddr*>(address.bytes.data());
}

bool binds(int socket, const SystemAddress& address) {
  return bind(socket, generic(address), static_cast<socklen_t>(address.bytes.size())) == 0;
}

bool is_internet(const SystemAddress& address) {
  return address.bytes.size() >= sizeof(sockaddr_in) &&
         (generic(address)->sa_family == AF_INET || generic(address)->sa_family == AF_INET6);
}

// Of both families.
constexpr std::size_t kPortOffset = offsetof(sockaddr_in, sin_port);
static_assert(kPortOffset == offsetof(sockaddr_in6, sin6_port));

/// A port of those that Linux assigns by default, whose two bytes differ.
in_port_t random_port() {
  constexpr int kFirst = 32768;
  constexpr int kLast = 60999;
  thread_local std::minstd_rand random(
      static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count()));
  std::uniform_int_distribution<int> any(kFirst, kLast);
  while (true) {
    const int port = any(random);
    if (port / 256 != port % 256) return static_cast<in_port_t>(port);
  }
}

/// Whether the socket is bound to a port of ours now.
bool binds_to_a_random_port(int socket, SystemAddress address) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const in_port_t port = htons(random_port());
    std::memcpy(address.bytes.data() + kPortOffset, &port, sizeof port);
    if (binds(socket, address)) return true;
    if (errno != EADDRINUSE) return false;
  }
  return false;
}

}  // namespace

UniqueFd open_socket(const SocketKind& kind) {
  UniqueFd fd(socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol));
  if (!fd) fail("socket of kind " + std::string(kind.name));
  return fd;
}

SystemAddress loopback(const SocketKind& kind) {
  if (kind.family == AF_INET) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return as_bytes(inet);
  }
  sockaddr_in6 inet6{};
  inet6.sin6_family = AF_INET6;
  inet6.sin6_addr = in6addr_loopback;
  return as_bytes(inet6);
}

SystemAddress unix_address(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > sizeof address.sun_path) throw std::length_error("a unix path of more than 108 bytes");
  std::ranges::copy(path, address.sun_path);
  return as_bytes(address, offsetof(sockaddr_un, sun_path) + path.size());
}

SystemAddress local_address(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) fail("getsockname");
  return as_bytes(storage, std::min<std::size_t>(length, sizeof storage));
}

std::optional<Address> observed(const SystemAddress& system_address) {
  SocketAddress address;
  std::ranges::copy(system_address.bytes, address.room().begin());
  address.set_length(system_address.bytes.size());
  return reported(address.decode());
}

void bind_to(int socket, const SystemAddress& address) {
  constexpr in_port_t kAny = 0;
  if (is_internet(address) && std::memcmp(address.bytes.data() + kPortOffset, &kAny, sizeof kAny) == 0 &&
      binds_to_a_random_port(socket, address)) {
    return;
  }
  if (binds(socket, address)) return;
  const bool is_autobind =
      generic(address)->sa_family == AF_UNIX && address.bytes.size() == offsetof(sockaddr_un, sun_path);
  if (is_autobind && errno == EINVAL) throw EnvironmentLacks("unix sockets get no name of the system's choice: bind");
  fail("bind");
}

void connect_to(int socket, const SystemAddress& address) {
  if (connect(socket, generic(address), static_cast<socklen_t>(address.bytes.size())) != 0) fail("connect");
}

UniqueFd accept_from(int listener) {
  UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) fail("accept4");
  return fd;
}

void abort_when_closed(int socket) {
  const linger without_lingering{.l_onoff = 1, .l_linger = 0};
  if (setsockopt(socket, SOL_SOCKET, SO_LINGER, &without_lingering, sizeof without_lingering) != 0) {
    fail("setsockopt SO_LINGER");
  }
}

void set_int_option(int socket, int level, int name, int value) {
  if (setsockopt(socket, level, name, &value, sizeof value) != 0) {
    fail("setsockopt " + option_name(level, name));
  }
}

void send_message(int socket, std::string_view data, std::span<const int> files, int flags) {
  ControlBytes control;
  if (!files.empty()) control.add_rights(files);
  send_with_control(socket, data, std::move(control), flags);
}

void send_with_control(int socket, std::string_view data, ControlBytes control, int flags) {
  iovec buffer{.iov_base = const_cast<char*>(data.data()), .iov_len = data.size()};
  msghdr message{};
  message.msg_iov = &buffer;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = Fitting(control.size());
  const ssize_t count = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
  if (count < 0) {
    if ((flags & MSG_OOB) != 0 && errno == EINVAL) lack("sendmsg MSG_OOB");
    if ((flags & MSG_OOB) != 0) fail_or_lack("sendmsg MSG_OOB");
    fail("sendmsg");
  }
  if (static_cast<std::size_t>(count) != data.size()) throw std::runtime_error("sendmsg took only a part of the data");
}

void send_to(int socket, std::string_view data, const SystemAddress& address, int flags) {
  const auto length = static_cast<socklen_t>(address.bytes.size());
  if (sendto(socket, data.data(), data.size(), flags | MSG_NOSIGNAL, generic(address), length) < 0) fail("sendto");
}

std::uint64_t bytes_arrived(int socket) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail_or_lack("getsockopt TCP_INFO");
  if (length < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) {
    throw EnvironmentLacks("getsockopt TCP_INFO does not count the bytes that were received (Linux 4.1)");
  }
  return info.tcpi_bytes_received;
}

std::size_t queue_memory(int socket) {
  return memory_info(socket)[SK_MEMINFO_RMEM_ALLOC];
}

std::size_t lost_messages(int socket) {
  return memory_info(socket)[SK_MEMINFO_DROPS];
}

bool is_ready(int socket, short events) {
  return becomes_ready(socket, events, std::chrono::milliseconds(0));
}

bool becomes_ready(int socket, short events, std::chrono::milliseconds within) {
  pollfd entry{.fd = socket, .events = events, .revents = 0};
  return poll(&entry, 1, static_cast<int>(within.count())) == 1 && (entry.revents & events) != 0;
}

}  // namespace recvinto::kit
