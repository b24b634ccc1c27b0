// What senders do, and the peer of a connection.

#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "kit/host/arrival.h"
#include "kit/host/fail.h"
#include "kit/host/socket_options.h"
#include "kit/host/wait_until.h"
#include "kit/performing/act.h"

namespace recvinto::kit {

template <typename Condition>
void Stage::await_arrival(Condition arrived) const {
  // A call that waits already takes the data as it comes.
  if (call_pending_) return;
  if (!wait_until(arrived)) throw std::runtime_error("what was sent over loopback did not arrive within 10 s");
}

void Stage::deliver(const Bytes& data, const std::vector<int>& descriptors, std::size_t sender, int flags) {
  const int from = senders_.at(sender).socket.get();
  if (kind().is_unix()) {
    // Without a call on its way no one makes room: EAGAIN, and not a wait without an end.
    send_message(from, data, descriptors, flags | (call_pending_ ? 0 : MSG_DONTWAIT));
    return;
  }
  const Arrival arrival(supplied_->receiver.get(), kind());
  send_message(from, data, descriptors, flags);
  await_arrival([&] { return arrival.has_come(data.size(), (flags & MSG_OOB) != 0); });
}

void Stage::set_sender_option(int level, int name, int value, std::size_t sender) {
  act_one(step::SetSenderOption{sender, level, name, value});
}

void Stage::perform(const step::SetSenderOption& step) {
  set_option_if_there_is(senders_.at(step.sender).socket.get(), step.level, step.name, step.value);
}

void Stage::peer_shuts_down_writing() {
  act_one(step::PeerShutsDownWriting{});
}

void Stage::perform(const step::PeerShutsDownWriting& /*step*/) {
  if (shutdown(senders_.at(0).socket.get(), SHUT_WR) != 0) fail("shutdown");
  if (kind().is_tcp()) await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLRDHUP); });
}

void Stage::peer_closes() {
  act_one(step::PeerCloses{});
}

void Stage::perform(const step::PeerCloses& /*step*/) {
  senders_.at(0).socket.reset();
  if (kind().is_tcp()) {
    await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLRDHUP | POLLHUP | POLLERR); });
  }
}

void Stage::peer_resets() {
  act_one(step::PeerResets{});
}

void Stage::perform(const step::PeerResets& /*step*/) {
  abort_when_closed(senders_.at(0).socket.get());
  senders_.at(0).socket.reset();
  await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLHUP | POLLERR); });
}

Bytes Stage::peer_reads() {
  return act_one(step::PeerReads{});
}

Bytes Stage::perform(const step::PeerReads& /*step*/) {
  const int peer = senders_.at(0).socket.get();
  await_arrival([&] { return is_ready(peer, POLLIN); });
  Bytes data(4096, '\0');
  const ssize_t count = recv(peer, data.data(), data.size(), MSG_DONTWAIT);
  if (count < 0) fail("recv");
  data.resize(static_cast<std::size_t>(count));
  return data;
}

}  // namespace recvinto::kit
