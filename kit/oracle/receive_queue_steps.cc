// What the steps beside the call do to the receiving socket.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "kit/oracle/receive_queue.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

constexpr std::size_t kMostDataOfUnix = 131'072;
constexpr std::size_t kMostDataOfTcp = 60'000;
/// Of one packet (udp(7)): its length has 16 bits, headers included; of IPv6 without the IP header.
constexpr std::size_t kMostDataOfUdp4 = 65'535 - 20 - 8;
constexpr std::size_t kMostDataOfUdp6 = 65'535 - 8;
/// A unix stream keeps so much together for certain, so that descriptors stay with all data of their send.
constexpr std::size_t kMostDataWithFiles = 16'384;
/// SCM_MAX_FD of Linux (unix(7)).
constexpr std::size_t kMostFiles = 253;
/// Room of Stage::drain().
constexpr ModelReceive kDraining{
    .capacity = 256 * 1024, .ancbufsize = CMSG_SPACE(253 * sizeof(int)), .flags = MSG_DONTWAIT};
/// They change nothing that a receiver sees.
constexpr int kHarmlessSendFlags = MSG_EOR | MSG_NOSIGNAL | MSG_DONTROUTE;

bool is_connected_unix(const SocketKind& kind) {
  return kind == kUnixStream || kind == kUnixSeqpacket;
}

bool is_any_of(int name, std::initializer_list<int> names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::size_t ReceiveQueue::most_data(const SocketKind& kind, bool has_ancillary) {
  if (has_ancillary) return kMostDataWithFiles;
  if (kind.is_unix()) return kMostDataOfUnix;
  if (kind.is_tcp()) return kMostDataOfTcp;
  return kind.family == AF_INET ? kMostDataOfUdp4 : kMostDataOfUdp6;
}

template <typename SomeStep>
void ReceiveQueue::on(const SomeStep& /*step*/) {
  throw Unpredictable("a step that the model of the receive queue does not know");
}

// --- sockets and senders ---------------------------------------------------------------------------------------------

/// As the stage does before the first step that needs the socket: with a peer, unless senders were added.
void ReceiveQueue::open() {
  if (is_open_) return;
  if (std::ranges::find(kEveryKind, socket_.kind) == kEveryKind.end()) throw Unpredictable("a socket of another kind");
  is_open_ = true;
  add_sender();
}

void ReceiveQueue::add_sender() {
  const bool v4 = socket_.kind.family == AF_INET;
  senders_.push_back({.hops = v4 ? world_->ttl : world_->hop_limit});
}

ReceiveQueue::Sender& ReceiveQueue::sender(std::size_t index) {
  if (index >= senders_.size() || !senders_[index].is_open) throw Unpredictable("a sender that is not there");
  return senders_[index];
}

bool ReceiveQueue::can_send(std::size_t index) const {
  if (!is_open_) return index == 0;
  if (index >= senders_.size() || !senders_[index].is_open || !senders_[index].may_write) return false;
  if (is_connected_ && index != 0) return false;
  if (socket_.kind.is_udp()) return true;
  if (socket_.kind.is_tcp()) return !(socket_.reads_are_shut && writes_are_shut_);
  return !socket_.reads_are_shut;
}

template <>
void ReceiveQueue::on(const step::AddSender&) {
  if (waiting_ || settled_) throw Unpredictable("a sender appears while a call is made");
  const bool may_come = socket_.kind.is_udp() || (socket_.kind == kUnixDatagram && (!is_open_ || is_addressable_));
  if (!may_come) throw Unpredictable("a sender that cannot be added");
  is_addressable_ = true;
  is_open_ = true;
  add_sender();
}

template <>
void ReceiveQueue::on(const step::ConnectTo&) {
  if (is_open_ || !is_connected_unix(socket_.kind)) throw Unpredictable("a connection to a server");
  open();
}

template <>
void ReceiveQueue::on(const step::ConnectToPeer&) {
  disturb(false);
  if (!socket_.kind.is_udp()) throw Unpredictable("a connection to the peer");
  sender(0);
  is_connected_ = true;
}

// --- sending ---------------------------------------------------------------------------------------------------------

/// What it leaves in the queue; null: nothing.
SentMessage* ReceiveQueue::enqueue(std::size_t from, const Bytes& data) {
  Sender& by = sender(from);
  if (!can_send(from)) throw Unpredictable("a send that the system refuses");
  // Nothing of it is left, not even its descriptors.
  if (socket_.kind.is_stream() && data.empty()) return nullptr;
  SentMessage message{.data = data, .sender = from};
  // Who sent is noted only for those who want it then.
  message.credentials = socket_.options.ask_for_the_sender()
                            ? ModelCredentials{.pid = world_->pid, .uid = world_->uid, .gid = world_->gid}
                            : ModelCredentials{.pid = 0, .uid = world_->overflow_uid, .gid = world_->overflow_gid};
  message.has_packet_info = socket_.options.packet_info;
  message.hops = by.hops;
  message.traffic_class = static_cast<unsigned char>(by.traffic_class);
  return &socket_.queue.emplace_back(std::move(message));
}

template <>
void ReceiveQueue::on(const step::Send& step) {
  disturb(true);
  const bool has_ancillary = step.files != 0 || !step.control.empty();
  if (step.by_a_child) throw Unpredictable("a child whose number is not known sends");
  if ((step.flags & ~kHarmlessSendFlags) != 0) throw Unpredictable("flags of a send");
  if (!step.control.empty() && (step.files != 0 || step.flags != 0))
    throw Unpredictable("two ways to send descriptors");
  if (has_ancillary && !socket_.kind.is_unix()) throw Unpredictable("descriptors beyond unix sockets");
  if (step.data.size() > most_data(socket_.kind, has_ancillary || waiting_)) throw Unpredictable("much data");

  SentMessage* const message = enqueue(step.sender, step.data);
  std::vector<std::size_t> files;
  const auto add_files = [&](std::size_t count) {
    for (; count != 0; --count) files.push_back(files_sent_++);
  };
  add_files(step.files);
  for (const SentControl& control : step.control) {
    add_files(files_in(control));
    if (const auto* credentials = std::get_if<sent::Credentials>(&control)) {
      if (message == nullptr) continue;
      message->credentials = {.pid = credentials->pid.value_or(world_->pid),
                              .uid = credentials->uid.value_or(world_->uid),
                              .gid = credentials->gid.value_or(world_->gid)};
    } else if (const auto* rights = std::get_if<sent::Rights>(&control); rights != nullptr) {
      if (rights->more.size() >= sizeof(int))
        throw Unpredictable("SCM_RIGHTS payload contains a fabricated descriptor");
    } else if (std::holds_alternative<sent::OwnSocket>(control)) {
      // It is the same file each time.
      std::optional<std::size_t>& own_file = sender(step.sender).own_file;
      if (!own_file) own_file = files.back();
      files.back() = *own_file;
    }
  }
  if (rights_are_forbidden_ && !files.empty()) throw Unpredictable("descriptors that are forbidden");
  if (files.size() > kMostFiles) throw Unpredictable("more descriptors than a message can have");
  if (message != nullptr) message->files = std::move(files);
  wake();
}

template <>
void ReceiveQueue::on(const step::SendBackwards& step) {
  disturb(true);
  // Of a unix datagram socket, Linux then throws away what is queued (unix_dgram_disconnected).
  const bool may_fail = is_connected_unix(socket_.kind);
  if (!senders_[0].is_open && !may_fail) throw Unpredictable("data for a peer that is not there");
  if (step.flags != 0 || step.data.size() > kMostDataWithFiles) throw Unpredictable("an uncommon send to the peer");
  // Only it would get the error.
  if (socket_.error != 0) throw Unpredictable("a send while an error is pending");
  // Whether an empty message is data unread differs from one Linux to the other (unix_release_sock: since urgent data
  // was given to unix sockets, a first message of no bytes is passed over).
  if (step.data.empty() && socket_.kind == kUnixSeqpacket) throw Unpredictable("an empty message for the peer");
  if (!step.data.empty() && !writes_are_shut_) peer_has_unread_ = true;
}

// --- options ---------------------------------------------------------------------------------------------------------

template <>
void ReceiveQueue::on(const step::SetOption& step) {
  disturb(false);
  const SocketKind& kind = socket_.kind;
  ItemOptions& options = socket_.options;
  const bool on = step.value != 0;
  const int protocol = kind.family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  if (step.level == SOL_SOCKET && step.name == SO_PASSCRED && kind.is_unix()) {
    options.credentials = on;
  } else if (step.level == SOL_SOCKET && step.name == kSoPassPidfd && kind.is_unix() && world_->has_pidfds) {
    options.pidfds = on;
  } else if (step.level == SOL_SOCKET && step.name == kSoPassRights && kind.is_unix() && world_->can_forbid_rights) {
    rights_are_forbidden_ = !on;
  } else if (step.level == SOL_SOCKET && step.name == SO_RCVLOWAT && kind.keeps_messages()) {
    // Of streams only.
  } else if (step.level == protocol && kind.is_inet()) {
    const bool v4 = kind.family == AF_INET;
    if (step.name == (v4 ? IP_PKTINFO : IPV6_RECVPKTINFO)) {
      options.packet_info = on;
    } else if (step.name == (v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT)) {
      options.hops = on;
    } else if (step.name == (v4 ? IP_RECVTOS : IPV6_RECVTCLASS)) {
      options.traffic_class = on;
    } else if (step.name == (v4 ? IP_RECVORIGDSTADDR : IPV6_RECVORIGDSTADDR)) {
      options.destination = on;
    } else {
      throw Unpredictable("an option of the protocol");
    }
  } else {
    throw Unpredictable("an option of the socket");
  }
}

template <>
void ReceiveQueue::on(const step::SetSenderOption& step) {
  disturb(false);
  Sender& of = sender(step.sender);
  const SocketKind& kind = socket_.kind;
  const bool v4 = kind.family == AF_INET;
  if (!kind.is_udp() || step.level != (v4 ? IPPROTO_IP : IPPROTO_IPV6)) throw Unpredictable("an option of a sender");
  if (step.name == (v4 ? IP_TTL : IPV6_UNICAST_HOPS) && step.value >= 1 && step.value <= 255) {
    of.hops = step.value;
  } else if (step.name == (v4 ? IP_TOS : IPV6_TCLASS) && step.value >= 0 && step.value <= 255) {
    of.traffic_class = step.value;
  } else {
    throw Unpredictable("an option of a sender");
  }
}

// --- ends ------------------------------------------------------------------------------------------------------------

template <>
void ReceiveQueue::on(const step::PeerShutsDownWriting&) {
  disturb(true);
  Sender& peer = sender(0);
  if (!peer.may_write && socket_.kind.is_tcp()) throw Unpredictable("the peer shuts down twice");
  peer.may_write = false;
  if (!socket_.kind.is_tcp() && !is_connected_unix(socket_.kind)) return;
  socket_.reads_are_shut = true;
  peer_has_ended_ = true;
  wake();
}

/// TCP: the end that a FIN has made hides what comes behind it.
void ReceiveQueue::reset_by_peer() {
  // Linux: if it sleeps already, it returns 0 and leaves the error to the next call (tcp_recvmsg_locked: the loop ends
  // when there is no room); if it comes later, it has the error.
  if (socket_.kind.is_tcp() && waiting_ && waiting_->receive.capacity == 0) {
    throw Unpredictable("a reset while a call without room waits");
  }
  socket_.reads_are_shut = true;
  if (socket_.kind.is_unix() || !peer_has_ended_) socket_.error = ECONNRESET;
}

template <>
void ReceiveQueue::on(const step::PeerCloses&) {
  disturb(true);
  Sender& peer = sender(0);
  if (peer.own_file) throw Unpredictable("the peer closes, and its socket is open elsewhere");
  peer.is_open = false;
  if (!socket_.kind.is_tcp() && !is_connected_unix(socket_.kind)) return;
  socket_.reads_are_shut = true;
  // A peer that did not read all resets (unix(7), ECONNRESET; RFC 1122, 4.2.2.13).
  if (peer_has_unread_) {
    reset_by_peer();
  } else {
    peer_has_ended_ = true;
  }
  wake();
}

template <>
void ReceiveQueue::on(const step::PeerResets&) {
  disturb(true);
  if (!socket_.kind.is_tcp()) throw Unpredictable("a reset of what is no TCP connection");
  sender(0).is_open = false;
  reset_by_peer();
  wake();
}

template <>
void ReceiveQueue::on(const step::ShutDown& step) {
  disturb(true);
  if (!is_any_of(step.how, {SHUT_RD, SHUT_WR, SHUT_RDWR})) throw Unpredictable("a way to shut down");
  const SocketKind& kind = socket_.kind;
  if (kind.is_udp() && !is_connected_) throw Unpredictable("a shutdown of what is not connected");
  const bool is_over = !senders_[0].is_open || (peer_has_ended_ && writes_are_shut_);
  if (kind.is_tcp() && is_over) throw Unpredictable("a shutdown of a connection that may be over");
  if (step.how != SHUT_RD) writes_are_shut_ = true;
  if (step.how != SHUT_WR) socket_.reads_are_shut = true;
  wake();
}

// --- signals and scripts ---------------------------------------------------------------------------------------------

template <>
void ReceiveQueue::on(const step::InstallHandler& step) {
  if (step.action != HandlerAction::kReturn) throw Unpredictable("a handler that does not return");
  handled_.push_back(step.signum);
}

template <>
void ReceiveQueue::on(const step::Play& step) {
  disturb(false);
  script_ = step.script;
}

// --- what is left ----------------------------------------------------------------------------------------------------

template <>
void ReceiveQueue::on(const step::ReadElsewhere& step) {
  disturb(false);
  const ModelReceive receive{.capacity = step.bytes, .ancbufsize = 0, .flags = MSG_DONTWAIT};
  if (finds_nothing(socket_, receive)) throw Unpredictable("another reader takes what is not there");
  const Expected expected = received(socket_, receive, *world_);
  if (!expected.data || expected.data->size() != step.bytes) throw Unpredictable("another reader takes too much");
}

template <>
void ReceiveQueue::on(const step::Drain&) {
  disturb(false);
  while (!finds_nothing(socket_, kDraining)) {
    const Expected expected = received(socket_, kDraining, *world_);
    if (expected.failure) break;
    if (expected.data->empty() && (socket_.kind.is_stream() || socket_.reads_are_shut)) break;
  }
}

template <>
void ReceiveQueue::on(const step::CloseFiles& /*step*/) {}

template <>
void ReceiveQueue::on(const step::AwaitSleep& /*step*/) {}

void ReceiveQueue::apply_other(const Step& step) {
  std::visit([this](const auto& other) { on(other); }, step);
}

}  // namespace recvinto::kit
