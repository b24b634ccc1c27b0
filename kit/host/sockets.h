#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kit/host/control_bytes.h"
#include "kit/values/bytes.h"
#include "kit/values/observation.h"
#include "kit/values/socket_kind.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

// The few socket calls that a stage is built of. What fails throws std::system_error that names the call.

/// A socket address as the system calls take it.
struct SystemAddress {
  std::vector<std::byte> bytes;
};

UniqueFd open_socket(const SocketKind& kind);
/// The loopback address of the kind's family, port 0.
SystemAddress loopback(const SocketKind& kind);
/// sun_path is exactly `path`: no terminating zero is added. Empty: autobind.
SystemAddress unix_address(std::string_view path);
SystemAddress local_address(int socket);
/// The address in the terms of an observation.
std::optional<Address> observed(const SystemAddress& address);

/// For port 0 a free port is chosen whose two bytes differ, so that it reads differently in the other byte order.
void bind_to(int socket, const SystemAddress& address);
void connect_to(int socket, const SystemAddress& address);
UniqueFd accept_from(int listener);
/// TCP: closing the socket will abort its connection (socket(7), SO_LINGER), which leaves nothing of it behind.
void abort_when_closed(int socket);
void set_int_option(int socket, int level, int name, int value);

/// Sends one message with `files` as SCM_RIGHTS, unless there are none. Throws where not all was taken at once.
void send_message(int socket, std::string_view data, std::span<const int> files, int flags);
/// The same with control messages.
void send_with_control(int socket, std::string_view data, ControlBytes control, int flags);

/// Sends one datagram to `address`.
void send_to(int socket, std::string_view data, const SystemAddress& address, int flags);

/// Bytes that have ever arrived on a TCP connection, urgent ones too.
std::uint64_t bytes_arrived(int socket);
/// Messages that found no room in a socket's receive queue.
std::size_t lost_messages(int socket);
/// Memory that a socket's receive queue takes: grows with each datagram, empty ones too.
std::size_t queue_memory(int socket);
/// Whether poll(2) reports one of `events` now.
bool is_ready(int socket, short events);
/// Whether it does `within` that time, at the latest. POLLERR and POLLHUP are reported whether they are asked for or
/// not, and end the wait.
bool becomes_ready(int socket, short events, std::chrono::milliseconds within);

}  // namespace recvinto::kit
