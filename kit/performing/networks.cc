// What a stage does in other networks than the host's, and with sockets that are neither unix, TCP nor UDP.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kit/host/fail.h"
#include "kit/host/private_network.h"
#include "kit/host/socket_options.h"
#include "kit/host/wait_until.h"
#include "kit/performing/act.h"

namespace recvinto::kit {
namespace {

template <typename Structure>
SystemAddress as_address(const Structure& structure) {
  SystemAddress address;
  address.bytes.resize(sizeof structure);
  std::memcpy(address.bytes.data(), &structure, sizeof structure);
  return address;
}

SystemAddress inet6(const char* host, std::uint32_t port, std::uint32_t scope = 0) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  inet_pton(AF_INET6, host, &address.sin6_addr);
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  address.sin6_scope_id = scope;
  return as_address(address);
}

SystemAddress inet4_loopback(std::uint32_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return as_address(address);
}

std::uint32_t port_of(int socket) {
  return observed(local_address(socket)).value_or(Address{}).port;
}

/// Waits until poll(2) reports `events` or until `provoke` has made it so.
template <typename Provocation>
void await(int socket, short events, Provocation provoke) {
  const bool came = wait_until([&] {
    provoke();
    return is_ready(socket, events);
  });
  if (!came) throw EnvironmentLacks("the kernel did not report the event within 10 s");
}
void await(int socket, short events) {
  await(socket, events, [] {});
}

}  // namespace

void Stage::prepare_for(const step::EnterPrivateNetwork& /*step*/) {
  if (supplied_) throw std::logic_error("a socket of this stage is open in the host's network");
}

void Stage::enter_private_network() {
  act_one(step::EnterPrivateNetwork{});
}

void Stage::perform(const step::EnterPrivateNetwork& /*step*/) {
  network_.enter_private();
}

void Stage::open_uncommon() {
  if (kind().family != AF_NETLINK) {  // Packets of other processes are on every other loopback interface.
    network_.enter_private();
  }
  supplied_ = sockets_.supply(kind(), network_.blank_form());
  const int receiver = supplied_->receiver.get();
  if (kind().family == AF_NETLINK) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    bind_to(receiver, as_address(address));
  } else if (kind().family == AF_PACKET) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_IP);
    address.sll_ifindex = PrivateNetwork::kInterface;
    bind_to(receiver, as_address(address));
    // Datagrams to itself: they get no answer, not even that the port is closed.
    Sender sender{network_.open(kUdp4), std::nullopt};
    bind_to(sender.socket.get(), loopback(kUdp4));
    connect_to(sender.socket.get(), local_address(sender.socket.get()));
    senders_.push_back(std::move(sender));
  } else {
    bind_to(receiver, loopback(kind()));
    Sender sender{network_.open(kind()), std::nullopt};
    bind_to(sender.socket.get(), loopback(kind()));
    connect_to(sender.socket.get(), loopback(kind()));
    sender.address = observed(loopback(kind()));
    senders_.push_back(std::move(sender));
  }
}

void Stage::meet_at(Place place) {
  act_one(step::MeetAt{place});
}

void Stage::perform(const step::MeetAt& step) {
  supplied_ = sockets_.supply(kind(), network_.blank_form());
  const int receiver = supplied_->receiver.get();
  if (step.place == Place::kDualStack) {
    set_option_if_there_is(receiver, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    bind_to(receiver, inet6("::", 0));
    Sender sender{network_.open(kUdp4), std::nullopt};
    bind_to(sender.socket.get(), loopback(kUdp4));
    connect_to(sender.socket.get(), inet4_loopback(port_of(receiver)));
    sender.address = observed(inet6("::ffff:127.0.0.1", port_of(sender.socket.get())));
    senders_.push_back(std::move(sender));
    return;
  }
  const bool is_group = step.place == Place::kMulticast;
  constexpr unsigned kScope = PrivateNetwork::kInterface;
  bind_to(receiver, inet6(is_group ? "::" : PrivateNetwork::kLinkLocal, 0, is_group ? 0 : kScope));
  if (is_group) {
    ipv6_mreq membership{};
    inet_pton(AF_INET6, PrivateNetwork::kGroup, &membership.ipv6mr_multiaddr);
    membership.ipv6mr_interface = kScope;
    set_option_if_there_is(receiver, IPPROTO_IPV6, IPV6_JOIN_GROUP, membership);
  }
  Sender sender{network_.open(kind()), std::nullopt};
  bind_to(sender.socket.get(), inet6(PrivateNetwork::kLinkLocal, 0, kScope));
  connect_to(sender.socket.get(),
             inet6(is_group ? PrivateNetwork::kGroup : PrivateNetwork::kLinkLocal, port_of(receiver), kScope));
  sender.address = observed(local_address(sender.socket.get()));
  senders_.push_back(std::move(sender));
}

void Stage::set_sender_bytes(int level, int name, const Bytes& value) {
  act_one(step::SetSenderBytes{level, name, value});
}

void Stage::perform(const step::SetSenderBytes& step) {
  set_option_if_there_is(senders_.at(0).socket.get(), step.level, step.name, step.value.data(), step.value.size());
}

void Stage::send_undeliverable(const Bytes& data, std::size_t sender) {
  act_one(step::SendUndeliverable{sender, data});
}

void Stage::perform(const step::SendUndeliverable& step) {
  send_message(senders_.at(step.sender).socket.get(), step.data, {}, 0);
}

Address Stage::send_flow_to_nowhere(std::uint32_t flow) {
  return act_one(step::SendFlowToNowhere{flow});
}

Address Stage::perform(const step::SendFlowToNowhere& step) {
  // Its port is closed to others while it is connected to itself.
  const UniqueFd closed = network_.open(kind());
  bind_to(closed.get(), loopback(kind()));
  connect_to(closed.get(), local_address(closed.get()));
  sockaddr_in6 destination{};
  const SystemAddress address = local_address(closed.get());
  std::memcpy(&destination, address.bytes.data(), std::min(address.bytes.size(), sizeof destination));
  destination.sin6_flowinfo = htonl(step.flow);
  const int from = supplied_->receiver.get();
  set_option_if_there_is(from, IPPROTO_IPV6, IPV6_RECVERR, 1);
  constexpr int kFlowInfoSend = 33;  // IPV6_FLOWINFO_SEND of <linux/in6.h>, which <netinet/in.h> excludes
  set_option_if_there_is(from, IPPROTO_IPV6, kFlowInfoSend, 1);
  if (sendto(from, "x", 1, 0, reinterpret_cast<const sockaddr*>(&destination), sizeof destination) != 1) {
    if (errno == EINVAL) throw EnvironmentLacks("flow labels are restricted: a process has an exclusive one");
    fail("sendto");
  }
  await(from, POLLERR);
  return *observed(as_address(destination));
}

void Stage::ask_for_interfaces() {
  act_one(step::AskForInterfaces{});
}

void Stage::perform(const step::AskForInterfaces& /*step*/) {
  struct {
    nlmsghdr header;
    ifinfomsg interface;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const int receiver = supplied_->receiver.get();
  if (sendto(receiver, &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) < 0) {
    fail("sendto of netlink");
  }
  await(receiver, POLLIN);
}

void Stage::change_interface() {
  act_one(step::ChangeInterface{});
}

void Stage::perform(const step::ChangeInterface& /*step*/) {
  PrivateNetwork::get().change_interface();
  await(supplied_->receiver.get(), POLLIN);
}

void Stage::overrun_receiver() {
  act_one(step::OverrunReceiver{});
}

void Stage::perform(const step::OverrunReceiver& /*step*/) {
  await(supplied_->receiver.get(), POLLERR, [] { PrivateNetwork::get().change_interface(); });
}

void Stage::rename_interface(const Bytes& name) {
  act_one(step::RenameInterface{name});
}

void Stage::perform(const step::RenameInterface& step) {
  network_.rename_interface(step.name);
  // Where the interface had to go down for it, a packet socket keeps ENETDOWN for its next call.
  if (supplied_ && kind().family == AF_PACKET) static_cast<void>(option(SOL_SOCKET, SO_ERROR));
}

}  // namespace recvinto::kit
