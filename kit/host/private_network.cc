#include "kit/host/private_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "kit/host/fail.h"
#include "kit/host/sockets.h"
#include "kit/host/wait_until.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// On a thread of its own, so that no other thread has its namespace.
void run_apart(const std::function<void()>& work) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

ifreq named(std::string_view name) {
  ifreq request{};
  std::ranges::copy(name, request.ifr_name);
  return request;
}

template <typename Request>
void control(int socket, unsigned long command, Request& request, const char* what) {
  if (syscall(SYS_ioctl, socket, command, &request) != 0) fail(what);
}

void change_flags(int socket, std::string_view name, int set, int clear) {
  ifreq request = named(name);
  control(socket, SIOCGIFFLAGS, request, "ioctl SIOCGIFFLAGS");
  request.ifr_flags = static_cast<short>((request.ifr_flags | set) & ~clear);
  control(socket, SIOCSIFFLAGS, request, "ioctl SIOCSIFFLAGS");
}

void bring_up(int socket, std::string_view name) {
  change_flags(socket, name, IFF_UP | IFF_MULTICAST, 0);
}

void take_down(int socket, std::string_view name) {
  change_flags(socket, name, 0, IFF_UP);
}

void change_name(int socket, std::string_view name, std::string_view new_name) {
  ifreq request = named(name);
  std::ranges::copy(new_name, request.ifr_newname);
  control(socket, SIOCSIFNAME, request, "ioctl SIOCSIFNAME");
}

/// Whether `attempt` succeeds; false where it fails as calls do whose address or route is not in place yet.
template <typename Attempt>
bool succeeds(Attempt attempt) {
  constexpr std::array kNotYet{EADDRNOTAVAIL, ENETUNREACH, EHOSTUNREACH};
  try {
    attempt();
  } catch (const std::system_error& error) {
    if (std::ranges::find(kNotYet, error.code().value()) == kNotYet.end()) throw;
    return false;
  }
  return true;
}

/// Waits until a datagram from the link-local address to itself arrives. Linux leaves it to a work queue to end the
/// tentative state of an address (until then bind(2) fails with EADDRNOTAVAIL) and to add the route to it (until then
/// datagrams are dropped), on the loopback interface too. IFA_F_NODAD would shorten the former, not the latter.
void await_link_local() {
  sockaddr_in6 structure{};
  structure.sin6_family = AF_INET6;
  inet_pton(AF_INET6, PrivateNetwork::kLinkLocal, &structure.sin6_addr);
  structure.sin6_scope_id = PrivateNetwork::kInterface;
  SystemAddress address;
  address.bytes.resize(sizeof structure);
  std::memcpy(address.bytes.data(), &structure, sizeof structure);

  const UniqueFd socket = open_socket(kUdp6);
  const bool delivers =
      wait_until([&] { return succeeds([&] { bind_to(socket.get(), address); }); }) && wait_until([&] {
        return succeeds([&] { send_to(socket.get(), "?", local_address(socket.get()), 0); }) &&
               is_ready(socket.get(), POLLIN);
      });
  if (!delivers) {
    throw std::system_error(ETIMEDOUT, std::system_category(), "the link-local address of the loopback interface");
  }
}

/// A link-local address that can be used at once, and a route for groups. RTF_LOCAL: Linux makes a route over this
/// interface one that refuses everything, unless it is local.
void set_up_ipv6(int socket) {
  struct {
    in6_addr address;
    std::uint32_t prefix_length;
    int interface;
  } request{{}, 64, PrivateNetwork::kInterface};  // in6_ifreq of <linux/ipv6.h>, which <netinet/in.h> excludes
  inet_pton(AF_INET6, PrivateNetwork::kLinkLocal, &request.address);
  control(socket, SIOCSIFADDR, request, "ioctl SIOCSIFADDR of IPv6");

  in6_rtmsg route{};
  inet_pton(AF_INET6, "ff02::", &route.rtmsg_dst);
  route.rtmsg_dst_len = 16;
  route.rtmsg_metric = 1;
  route.rtmsg_flags = RTF_UP | RTF_LOCAL;
  route.rtmsg_ifindex = PrivateNetwork::kInterface;
  control(socket, SIOCADDRT, route, "ioctl SIOCADDRT of IPv6");
  await_link_local();
}

}  // namespace

PrivateNetwork& PrivateNetwork::get() {
  struct Attempt {
    std::optional<PrivateNetwork> network;
    std::string lack;
    Attempt() {
      try {
        network.emplace();
      } catch (const std::system_error& error) {
        lack = fmt::format("a network of our own: {}", error.what());
        if (error.code() == std::errc::operation_not_permitted) {
          lack += " (it needs CAP_SYS_ADMIN, which `unshare --user --map-root-user` gives)";
        }
      }
    }
  };
  static Attempt attempt;
  if (!attempt.network) throw EnvironmentLacks(attempt.lack);
  return *attempt.network;
}

PrivateNetwork::PrivateNetwork() {
  run_apart([this] {
    if (unshare(CLONE_NEWNET) != 0) fail("unshare CLONE_NEWNET");
    network_ = UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!network_) fail("/proc/thread-self/ns/net");
    control_ = open_socket(kUdp4);
    bring_up(control_.get(), name_);
    set_mtu(kMtu);
    set_up_ipv6(open_socket(kUdp6).get());
  });
}

void PrivateNetwork::enter(const std::function<void()>& work) const {
  run_apart([&] {
    if (setns(network_.get(), CLONE_NEWNET) != 0) fail("setns CLONE_NEWNET");
    work();
  });
}

UniqueFd PrivateNetwork::open(const SocketKind& kind) const {
  UniqueFd socket;
  enter([&] { socket = open_socket(kind); });
  return socket;
}

void PrivateNetwork::set_mtu(int mtu) const {
  ifreq request = named(name_);
  request.ifr_mtu = mtu;
  control(control_.get(), SIOCSIFMTU, request, "ioctl SIOCSIFMTU");
}

void PrivateNetwork::change_interface() const {
  set_mtu(kMtu + 1);
  set_mtu(kMtu);
}

void PrivateNetwork::rename(const std::string& name) {
  try {
    change_name(control_.get(), name_, name);
  } catch (const std::system_error& error) {
    if (error.code().value() != EBUSY) throw EnvironmentLacks(error.what());
    rename_while_down(name);  // Linux 6.1 and before want it so
    return;
  }
  name_ = name;
}

void PrivateNetwork::rename_while_down(const std::string& name) {
  enter([&] {
    take_down(control_.get(), name_);
    try {
      change_name(control_.get(), name_, name);
      name_ = name;
    } catch (const std::system_error& error) {
      bring_up(control_.get(), name_);
      set_up_ipv6(open_socket(kUdp6).get());
      throw EnvironmentLacks(error.what());
    }
    bring_up(control_.get(), name_);
    set_up_ipv6(open_socket(kUdp6).get());
  });
}

void PrivateNetwork::restore_name() {
  rename("lo");
}

}  // namespace recvinto::kit
