#pragma once

#include <netinet/in.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recvinto/unique_fd.h"

namespace recvinto::testing {

/// Two sockets, connected or (for the Internet's) addressed so that what `sender` sends arrives at `receiver`.
struct SocketPair {
  UniqueFd receiver;
  UniqueFd sender;
};

/// A socketpair(2) of AF_UNIX.
SocketPair unix_pair(int type);

/// UDP over the loopback of AF_INET or AF_INET6: `sender` is connected, `receiver` is not.
SocketPair udp_pair(int family);

/// Another UDP socket that is connected to `receiver`.
UniqueFd udp_sender_to(int receiver);

/// Whether this machine has an IPv6 loopback.
bool has_inet6();

/// Binds to the bytes of `path`, as they are: abstract with a leading NUL, unterminated with all 108.
void bind_unix(int fd, std::string_view path);

/// The port that an AF_INET or AF_INET6 socket is bound to, in host order.
std::uint16_t port_of(int fd);

void set_option(int fd, int level, int option, int value);

/// Sends one message with SCM_RIGHTS of `descriptors`, where there are any. All of it, or throws std::system_error.
void send_message(int fd, std::string_view body, const std::vector<int>& descriptors = {});

/// A new descriptor of /dev/null.
UniqueFd open_null();
std::vector<int> open_nulls(std::size_t count);

[[nodiscard]] bool is_open(int fd);

/// How many descriptors this process has open (/proc/self/fd).
std::size_t open_descriptor_count();

/// Buffers are the memory that a test receives into, every byte 0xEE ('.' in text()) until something is stored there.
class Buffers {
 public:
  explicit Buffers(const std::vector<std::size_t>& sizes);

  [[nodiscard]] std::span<const iovec> iovecs() const { return iovecs_; }

  /// The contents of all buffers, separated by '|'.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> memory_;
  std::vector<iovec> iovecs_;
};

}  // namespace recvinto::testing
