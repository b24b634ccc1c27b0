#include "sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "control_bytes.h"

namespace recvinto::testing {
namespace {

constexpr char kUntouched = '\xEE';

int check(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::system_category(), call);
  return result;
}

UniqueFd make_socket(int family, int type) {
  return UniqueFd(check(socket(family, type | SOCK_CLOEXEC, 0), "socket"));
}

struct RawAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

RawAddress unix_address(std::string_view path) {
  RawAddress address;
  address.storage.ss_family = AF_UNIX;
  std::memcpy(reinterpret_cast<std::byte*>(&address.storage) + offsetof(sockaddr_un, sun_path), path.data(),
              path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  return address;
}

RawAddress name_of(int fd) {
  RawAddress address;
  check(getsockname(fd, address.get(), &address.length), "getsockname");
  return address;
}

void bind_loopback(int fd, int family) {
  RawAddress address;
  if (family == AF_INET) {
    const sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    std::memcpy(&address.storage, &any, sizeof(any));
    address.length = sizeof(any);
  } else {
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_addr = in6addr_loopback;
    std::memcpy(&address.storage, &any, sizeof(any));
    address.length = sizeof(any);
  }
  check(bind(fd, address.get(), address.length), "bind");
}

}  // namespace

SocketPair unix_pair(int type) {
  std::array<int, 2> ends{};
  check(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

SocketPair udp_pair(int family) {
  UniqueFd receiver = make_socket(family, SOCK_DGRAM);
  bind_loopback(receiver.get(), family);
  UniqueFd sender = udp_sender_to(receiver.get());
  return {std::move(receiver), std::move(sender)};
}

UniqueFd udp_sender_to(int receiver) {
  RawAddress address = name_of(receiver);
  UniqueFd sender = make_socket(address.storage.ss_family, SOCK_DGRAM);
  check(connect(sender.get(), address.get(), address.length), "connect");
  return sender;
}

bool has_inet6() {
  try {
    udp_pair(AF_INET6);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void bind_unix(int fd, std::string_view path) {
  RawAddress address = unix_address(path);
  check(bind(fd, address.get(), address.length), "bind");
}

std::uint16_t port_of(int fd) {
  const RawAddress address = name_of(fd);
  sockaddr_in common{};  // the port has the same place in both families
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  std::memcpy(&common, &address.storage, sizeof(common));
  return ntohs(common.sin_port);
}

void set_option(int fd, int level, int option, int value) {
  check(setsockopt(fd, level, option, &value, sizeof(value)), "setsockopt");
}

void send_message(int fd, std::string_view body, const std::vector<int>& descriptors) {
  ControlBytes control;
  if (!descriptors.empty()) control.rights(descriptors);
  iovec data{.iov_base = const_cast<char*>(body.data()), .iov_len = body.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = descriptors.empty() ? nullptr : const_cast<std::byte*>(control.bytes().data());
  header.msg_controllen = control.size();
  const ssize_t sent = sendmsg(fd, &header, MSG_NOSIGNAL);
  check(sent < 0 ? -1 : 0, "sendmsg");
  if (static_cast<std::size_t>(sent) != body.size()) throw std::runtime_error("sendmsg: sent a part only");
}

UniqueFd open_null() {
  return UniqueFd(check(open("/dev/null", O_RDONLY | O_CLOEXEC), "open"));
}

std::vector<int> open_nulls(std::size_t count) {
  std::vector<int> descriptors(count);
  std::generate(descriptors.begin(), descriptors.end(), [] { return open_null().release(); });
  return descriptors;
}

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

std::size_t open_descriptor_count() {
  const auto files = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

Buffers::Buffers(const std::vector<std::size_t>& sizes) {
  memory_.reserve(sizes.size());
  for (const std::size_t size : sizes) memory_.emplace_back(size, kUntouched);
  for (std::string& buffer : memory_) iovecs_.push_back({.iov_base = buffer.data(), .iov_len = buffer.size()});
}

std::string Buffers::text() const {
  std::string text;
  for (const std::string& buffer : memory_) {
    if (&buffer != &memory_.front()) text += '|';
    text += buffer;
  }
  std::replace(text.begin(), text.end(), kUntouched, '.');
  return text;
}

}  // namespace recvinto::testing
