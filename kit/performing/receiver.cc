// What a stage does to its receiving socket beside the call.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "kit/host/fail.h"
#include "kit/host/socket_options.h"
#include "kit/host/sockets.h"
#include "kit/performing/act.h"
#include "kit/subjects/receiver.h"
#include "kit/values/control_items.h"
#include "kit/values/names.h"
#include "kit/values/unix_options.h"
#include "kit/values/verdict.h"
#include "recvinto/fitting.h"

namespace recvinto::kit {

void Stage::set_option(int level, int name, int value) {
  act_one(step::SetOption{level, name, value});
}

void Stage::perform(const step::SetOption& step) {
  reuse_.note_option(step.level, step.name);
  set_option_if_there_is(supplied_->receiver.get(), step.level, step.name, step.value);
  if (step.level == SOL_SOCKET && step.name == kSoPassPidfd && step.value != 0) descriptors_.expect_pidfds();
}

void Stage::set_receive_timeout(std::chrono::milliseconds time) {
  act_one(step::SetReceiveTimeout{time});
}

void Stage::perform(const step::SetReceiveTimeout& step) {
  const timeval value{.tv_sec = step.time.count() / 1000, .tv_usec = step.time.count() % 1000 * 1000};
  if (setsockopt(supplied_->receiver.get(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) {
    fail("setsockopt SO_RCVTIMEO");
  }
}

void Stage::shut_down(int how) {
  act_one(step::ShutDown{how});
}

void Stage::perform(const step::ShutDown& step) {
  if (shutdown(supplied_->receiver.get(), step.how) != 0) fail("shutdown");
}

std::error_code Stage::send_backwards(const Bytes& data, int flags) {
  return act_one(step::SendBackwards{data, flags});
}

std::error_code Stage::perform(const step::SendBackwards& step) {
  try {
    if (kind().is_udp()) {
      send_to(supplied_->receiver.get(), step.data, local_address(senders_.at(0).socket.get()), step.flags);
    } else {
      send_message(supplied_->receiver.get(), step.data, {}, step.flags);
    }
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

void Stage::listen_for_connections() {
  act_one(step::Listen{});
}

void Stage::perform(const step::Listen& /*step*/) {
  open_addressable();
  if (listen(supplied_->receiver.get(), 1) != 0) fail("listen");
}

void Stage::read_elsewhere(std::size_t bytes) {
  act_one(step::ReadElsewhere{bytes});
}

void Stage::perform(const step::ReadElsewhere& step) {
  Bytes data(step.bytes, '\0');
  const ssize_t count = recv(receiver(), data.data(), data.size(), MSG_DONTWAIT);
  if (count < 0 && errno != EAGAIN) fail("recv");
  if (count != static_cast<ssize_t>(step.bytes)) {
    throw TookMore(fmt::format("{} bytes are left in the queue, which has {} if no call took more than it reported",
                               std::max<ssize_t>(count, 0), step.bytes));
  }
}

Observation Stage::receive_by_the_suite(const Call& call) {
  return act_one(step::ReceiveByTheSuite{call});
}

Observation Stage::perform(const step::ReceiveByTheSuite& step) {
  const int socket = receiver();
  SignalHandlers no_signals;
  const int status_flags = fcntl(socket, F_GETFL);  // O_NONBLOCK is the implementation's too, and it may rely on it
  Observation seen = kit::perform(*make_raw_receiver(), socket, step.call, no_signals);
  fcntl(socket, F_SETFL, status_flags);
  return seen;
}

std::vector<QueuedMessage> Stage::drain() {
  return act_one(step::Drain{});
}

std::vector<QueuedMessage> Stage::perform(const step::Drain& /*step*/) {
  return take_out();
}

std::vector<QueuedMessage> Stage::take_out() {
  std::vector<QueuedMessage> messages;
  const int from = supplied_->receiver.get();
  constexpr std::size_t kMost = std::size_t{256} * 1024;
  constexpr std::size_t kOtherItems = 512;  // bytes: credentials, a pidfd and the like
  const auto data = std::make_unique_for_overwrite<char[]>(kMost);
  for (;;) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(253 * sizeof(int)) + kOtherItems> control{};
    iovec buffer{.iov_base = data.get(), .iov_len = kMost};
    msghdr message{};
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = Fitting(control.size());
    const ssize_t count = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) break;
    // Nothing more, or a message of no bytes? Only where messages have boundaries can it be the latter.
    if (count == 0 && (kind().is_stream() || is_ready(from, POLLRDHUP | POLLHUP))) break;
    QueuedMessage queued{Bytes(data.get(), static_cast<std::size_t>(count)), 0};
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = item_after(message, header)) {
      const bool is_rights = header->cmsg_type == SCM_RIGHTS;
      if (header->cmsg_level != SOL_SOCKET || (!is_rights && header->cmsg_type != kScmPidfd)) continue;
      for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= header->cmsg_len; at += sizeof(int)) {
        int number = -1;
        std::memcpy(&number, CMSG_DATA(header) + (at - CMSG_LEN(0)), sizeof number);
        const UniqueFd closed(number);
        if (is_rights) ++queued.descriptors;
      }
    }
    if (kind().is_stream() && !messages.empty()) {
      messages.back().data += queued.data;
      messages.back().descriptors += queued.descriptors;
    } else {
      messages.push_back(std::move(queued));
    }
  }
  return messages;
}

int Stage::option(int level, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(receiver(), level, name, &value, &length) != 0) fail_or_lack("getsockopt " + option_name(level, name));
  return value;
}

}  // namespace recvinto::kit
