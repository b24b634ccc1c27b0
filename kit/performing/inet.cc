// What a stage does with TCP and UDP only: closed ports, errors, packets that are stamped or find no room.

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "kit/host/fail.h"
#include "kit/host/socket_options.h"
#include "kit/host/wait_until.h"
#include "kit/performing/act.h"
#include "kit/values/control_items.h"
#include "recvinto/fitting.h"

namespace recvinto::kit {
namespace {

/// Whether errors of what this socket sent are queued for it (ip(7), IP_RECVERR).
bool queues_errors(int socket, const SocketKind& kind) {
  const bool v4 = kind.family == AF_INET;
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &value, &length) != 0) {
    fail_or_lack("getsockopt IP_RECVERR");
  }
  return value != 0;
}

bool is_connected(int socket) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

/// The pending error of an earlier packet is reported to the next send, which then sends nothing.
void send_past_an_error(int socket, const Bytes& data, const SystemAddress& destination) {
  try {
    send_to(socket, data, destination, 0);
  } catch (const std::system_error& error) {
    if (error.code().value() != ECONNREFUSED) throw;
    send_to(socket, data, destination, 0);
  }
}

/// Takes one message out; whether it brought its time.
bool next_is_stamped(int socket) {
  std::array<char, 64> data{};
  alignas(cmsghdr) std::array<char, 512> control{};
  iovec buffer{.iov_base = data.data(), .iov_len = data.size()};
  msghdr message{};
  message.msg_iov = &buffer;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = Fitting(control.size());
  if (recvmsg(socket, &message, MSG_DONTWAIT) < 0) fail("recvmsg");
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = item_after(message, header)) {
    // The other options of this level that add items are those of unix sockets and of lost messages.
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type != SO_RXQ_OVFL) return true;
  }
  return false;
}

}  // namespace

// A port stays closed while a socket is bound to it that accepts nothing: a UDP socket connected to itself, or a TCP
// socket that does not listen. Any process could bind a port that is merely free.
SystemAddress Stage::closed_port(std::size_t index) {
  while (closed_ports_.size() <= index) {
    UniqueFd closed = open_socket(kind());
    bind_to(closed.get(), loopback(kind()));
    if (kind().is_udp()) connect_to(closed.get(), local_address(closed.get()));
    closed_ports_.push_back(std::move(closed));
  }
  return local_address(closed_ports_[index].get());
}

Address Stage::send_to_nowhere(const Bytes& data, std::size_t port) {
  return act_one(step::SendToNowhere{data, port});
}

Address Stage::perform(const step::SendToNowhere& step) {
  const SystemAddress destination = closed_port(step.port);
  const int from = supplied_->receiver.get();
  const bool queues = queues_errors(from, kind());
  const std::size_t before = queue_memory(from);
  send_past_an_error(from, step.data, destination);
  const bool heard = wait_until([&] {
    if (queues) return queue_memory(from) > before;
    return !is_connected(from) || is_ready(from, POLLERR);
  });
  if (!heard) throw EnvironmentLacks("the loopback interface sends no error for a closed port");
  return *observed(destination);
}

void Stage::prepare_for(const step::ConnectToNowhere& /*step*/) {
  if (kind().is_udp()) require_plain();
}

void Stage::connect_to_nowhere() {
  act_one(step::ConnectToNowhere{});
}

void Stage::perform(const step::ConnectToNowhere& /*step*/) {
  if (kind().is_udp()) {
    connect_to(supplied_->receiver.get(), closed_port(0));
    return;
  }
  supplied_ = sockets_.supply(kind(), Form::kBlank);
  const int socket = supplied_->receiver.get();
  const SystemAddress destination = closed_port(0);
  const int flags = fcntl(socket, F_GETFL);
  if (flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) fail("fcntl O_NONBLOCK");
  const int result = connect(socket, reinterpret_cast<const sockaddr*>(destination.bytes.data()),
                             static_cast<socklen_t>(destination.bytes.size()));
  if (result == 0 || errno != EINPROGRESS) fail("connect without waiting");
  if (fcntl(socket, F_SETFL, flags) != 0) fail("fcntl");
  wait_for_error();
}

void Stage::connect_to_peer() {
  act_one(step::ConnectToPeer{});
}

void Stage::perform(const step::ConnectToPeer& /*step*/) {
  connect_to(supplied_->receiver.get(), local_address(senders_.at(0).socket.get()));
}

void Stage::await_error() {
  act_one(step::AwaitError{});
}

void Stage::perform(const step::AwaitError& /*step*/) {
  wait_for_error();
}

void Stage::wait_for_error() {
  if (!becomes_ready(supplied_->receiver.get(), POLLERR, std::chrono::seconds(10))) {
    throw EnvironmentLacks("the socket had no error within 10 s");
  }
}

void Stage::await_stamps() {
  act_one(step::AwaitStamps{});
}

void Stage::perform(const step::AwaitStamps& /*step*/) {
  const bool stamped = wait_until([this] {
    deliver("?", {}, 0, 0);
    return next_is_stamped(supplied_->receiver.get());
  });
  if (!stamped) throw EnvironmentLacks("packets of the loopback interface have no timestamps");
}

std::size_t Stage::flood(const Bytes& data, std::size_t times) {
  return act_one(step::Flood{.data = data, .times = times});
}

std::size_t Stage::perform(const step::Flood& flood) {
  const int to = supplied_->receiver.get();
  const std::size_t before = lost_messages(to);
  for (std::size_t i = 0; i < flood.times; ++i) send_message(senders_.at(0).socket.get(), flood.data, {}, 0);
  std::size_t taken = 0;
  const bool all_are_known = wait_until([&] {
    taken += take_out().size();
    return taken + lost_messages(to) - before == flood.times;
  });
  if (!all_are_known) throw EnvironmentLacks("dropped messages are not counted");
  const std::size_t lost = flood.times - taken;
  if (keeps_record_) {
    std::get<step::Flood>(record_->scenario.steps.back()).lost = lost;
    record_->history.back() = record_->scenario.steps.back();
  }
  return lost;
}

}  // namespace recvinto::kit
