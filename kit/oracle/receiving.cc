#include "kit/oracle/receiving.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "kit/oracle/control_room.h"
#include "kit/oracle/packet_items.h"
#include "kit/oracle/unpredictable.h"

namespace recvinto::kit {
namespace {

bool peeks(const ModelReceive& receive) {
  return (receive.flags & MSG_PEEK) != 0;
}

/// How far into a stream's queue a receive reaches.
struct Reach {
  std::size_t bytes = 0;
  std::size_t messages = 0;             ///< how many it touches
  const SentMessage* rights = nullptr;  ///< the one whose descriptors come, if any
  bool to_the_end = false;              ///< of the queue: nothing in the queue ended it
};

/// A receive of a unix stream ends where the buffers are full, behind data with descriptors, and, while SO_PASSCRED or
/// SO_PASSPIDFD is set, where credentials change (unix(7)). It begins with one message in any case: without buffers
/// too, descriptors come.
Reach reach_into(const SocketState& socket, const ModelReceive& receive) {
  // Linux: a peek looks at what follows even when the buffers are full (unix_stream_read_generic, "goto again").
  const bool looks_on = socket.kind.is_unix() && peeks(receive);
  Reach reach;
  std::size_t room = receive.capacity;
  for (const SentMessage& message : socket.queue) {
    if (socket.options.ask_for_the_sender() && message.credentials != socket.queue.front().credentials) return reach;
    const std::size_t chunk = std::min(room, message.left());
    room -= chunk;
    reach.bytes += chunk;
    ++reach.messages;
    if (!message.files.empty()) {
      reach.rights = &message;
      return reach;
    }
    if (!looks_on && (room == 0 || chunk < message.left())) return reach;
  }
  // A peek of a unix stream waits for the first byte only.
  reach.to_the_end = !looks_on || reach.messages == 0;
  return reach;
}

/// How many bytes a receive from a stream wants before it stops waiting.
std::size_t wanted(const ModelReceive& receive) {
  return (receive.flags & MSG_WAITALL) != 0 ? std::max<std::size_t>(receive.capacity, 1) : 1;
}

bool runs_dry(const Reach& reach, const ModelReceive& receive) {
  return reach.to_the_end && reach.bytes < wanted(receive);
}

std::optional<Address> address_without_a_name(const ModelWorld& world) {
  if (!world.unnamed_address_is_empty) return std::nullopt;
  Address address;
  address.family = AF_UNIX;
  return address;
}

void tell_sender(Expected& expected, const SentMessage& message, const ModelWorld& world) {
  expected.address.reset();
  if (!world.knows_addresses) return;
  const std::optional<Address>& address = world.senders.at(message.sender);
  expected.address = address ? address : address_without_a_name(world);
}

/// scm_recv_unix: credentials come before descriptors, and the sender's own behind them.
void put_unix_items(ControlRoom& room, Expected& expected, const SocketState& socket,
                    const ModelCredentials& credentials, const SentMessage* rights) {
  if (socket.options.credentials) {
    room.put(SOL_SOCKET, SCM_CREDENTIALS, bytes_of(credentials));
  }
  if (rights != nullptr && !rights->files.empty()) {
    const auto arriving = static_cast<std::ptrdiff_t>(room.put_rights(rights->files.size()));
    expected.files->assign(rights->files.begin(), rights->files.begin() + arriving);
  }
  if (socket.options.pidfds) room.put_pidfd(credentials.pid != 0);
}

void tell_items(Expected& expected, ControlRoom& room, const ModelReceive& receive) {
  expected.ancdata = room.take_items();
  if (!receive.knows_room && (room.was_cut() || !expected.ancdata->empty())) {
    throw Unpredictable("ancillary data for a call whose room is the implementation's own choice");
  }
  if (room.was_cut()) *expected.msg_flags |= MSG_CTRUNC;
}

/// A success without data, of which nothing else is known.
Expected nothing_came(const SocketState& socket, const ModelReceive& receive, const ModelWorld& world) {
  Expected expected;
  expected.data.emplace();
  expected.msg_flags = 0;
  expected.ancdata.emplace();
  expected.files.emplace();
  expected.close_on_exec = close_on_exec_of(receive);
  expected.address.emplace();
  expected.no_address_may_be_empty = socket.kind.is_unix() && world.unnamed_address_is_empty;
  expected.warnings.emplace();
  return expected;
}

Expected failed(int error) {
  Expected expected;
  expected.failure = os_error(error);
  expected.warnings.emplace();
  return expected;
}

Bytes front_of(const SocketState& socket, const Reach& reach) {
  Bytes data;
  data.reserve(reach.bytes);
  for (const SentMessage& message : socket.queue) {
    if (data.size() == reach.bytes) break;
    data.append(message.data, message.taken, reach.bytes - data.size());
  }
  return data;
}

/// Descriptors leave the queue with the first byte of their data, or with none.
void take_out(SocketState& socket, const Reach& reach) {
  std::size_t bytes = reach.bytes;
  std::size_t done = 0;
  for (std::size_t i = 0; i < reach.messages; ++i) {
    SentMessage& message = socket.queue[i];
    const std::size_t chunk = std::min(bytes, message.left());
    bytes -= chunk;
    message.taken += chunk;
    message.files.clear();
    if (message.left() == 0) ++done;
  }
  socket.queue.erase(socket.queue.begin(), socket.queue.begin() + static_cast<std::ptrdiff_t>(done));
}

Expected received_from_stream(SocketState& socket, const ModelReceive& receive, const ModelWorld& world) {
  const Reach reach = reach_into(socket, receive);
  if (socket.kind.is_tcp()) {
    if (reach.bytes == 0 && runs_dry(reach, receive) && socket.error != 0) {
      return failed(std::exchange(socket.error, 0));
    }
  } else if (runs_dry(reach, receive)) {
    // An error ends a wait for more, and is lost where there is data to return.
    const int error = std::exchange(socket.error, 0);
    if (error != 0 && reach.bytes == 0) return failed(error);
  }

  Expected expected = nothing_came(socket, receive, world);
  expected.data = front_of(socket, reach);
  if (socket.kind.is_unix()) {
    // At the end of the stream there is no sender, and Linux says so by ids of zero.
    const bool is_somebody = reach.messages != 0;
    ControlRoom room(world.abi, receive.ancbufsize);
    put_unix_items(room, expected, socket, is_somebody ? socket.queue.front().credentials : ModelCredentials{},
                   reach.rights);
    tell_items(expected, room, receive);
    if (is_somebody) tell_sender(expected, socket.queue.front(), world);
  } else if ((receive.flags & MSG_TRUNC) != 0) {
    // tcp(7): the bytes are counted and not stored.
    expected.nbytes = static_cast<std::int64_t>(reach.bytes);
    expected.data->clear();
  }
  if (!peeks(receive)) take_out(socket, reach);
  return expected;
}

Expected received_message(SocketState& socket, const ModelReceive& receive, const ModelWorld& world) {
  if (socket.error != 0) return failed(std::exchange(socket.error, 0));
  Expected expected = nothing_came(socket, receive, world);
  if (socket.queue.empty()) return expected;
  const SentMessage& message = socket.queue.front();
  expected.data = message.data.substr(0, receive.capacity);
  if (receive.capacity < message.data.size()) expected.msg_flags = MSG_TRUNC;
  if ((receive.flags & MSG_TRUNC) != 0) expected.nbytes = static_cast<std::int64_t>(message.data.size());
  tell_sender(expected, message, world);
  ControlRoom room(world.abi, receive.ancbufsize);
  if (socket.kind.is_unix()) {
    put_unix_items(room, expected, socket, message.credentials, &message);
  } else {
    put_packet_items(room, socket, message, world);
  }
  tell_items(expected, room, receive);
  if (!peeks(receive)) socket.queue.erase(socket.queue.begin());
  return expected;
}

}  // namespace

CloseOnExec close_on_exec_of(const ModelReceive& receive) {
  return (receive.flags & MSG_CMSG_CLOEXEC) != 0 ? CloseOnExec::kAll : CloseOnExec::kAllOrNone;
}

bool finds_nothing(const SocketState& socket, const ModelReceive& receive) {
  if (socket.error != 0) return false;
  if (socket.kind.keeps_messages()) {
    if (!socket.queue.empty()) return false;
    // A waiting call gets the end; others get it only where there is a connection (unix(7), SOCK_SEQPACKET).
    const bool is_connected = socket.kind == kUnixSeqpacket;
    return !socket.reads_are_shut || (!is_connected && !receive.waits);
  }
  if (socket.reads_are_shut) return false;
  const Reach reach = reach_into(socket, receive);
  return runs_dry(reach, receive) && (receive.waits || reach.bytes == 0);
}

Expected received(SocketState& socket, const ModelReceive& receive, const ModelWorld& world) {
  return socket.kind.is_stream() ? received_from_stream(socket, receive, world)
                                 : received_message(socket, receive, world);
}

}  // namespace recvinto::kit
