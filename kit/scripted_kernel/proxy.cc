#include "kit/scripted_kernel/proxy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "kit/values/control_items.h"
#include "kit/values/unix_options.h"
#include "recvinto/fitting.h"

namespace recvinto::kit {
namespace {

constexpr std::uint64_t kMostProxiedData = 1 << 20;     // bytes
constexpr std::uint64_t kMostProxiedControl = 1 << 16;  // bytes

bool may_wait(int socket, const SeenCall& call) {
  if ((call.flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) != 0) return false;
  const int status = fcntl(socket, F_GETFL);
  return status < 0 || (status & O_NONBLOCK) == 0;
}

int int_option(int socket, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  getsockopt(socket, SOL_SOCKET, name, &value, &length);
  return value;
}

bool discards(int socket, const SeenCall& call) {
  return (call.flags & MSG_TRUNC) != 0 && int_option(socket, SO_PROTOCOL) == IPPROTO_TCP;
}

bool waits_for_more(int socket, const SeenCall& call) {
  return (call.flags & MSG_WAITALL) != 0 || int_option(socket, SO_RCVLOWAT) > 1;
}

bool is_readable(int socket) {
  pollfd entry{.fd = socket, .events = POLLIN | POLLPRI, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

/// Takes the control bytes apart again, with the descriptors out of them.
std::vector<ScriptedMessage> messages_in(msghdr& header, std::vector<UniqueFd>& descriptors) {
  std::vector<ScriptedMessage> messages;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = item_after(header, item)) {
    ScriptedMessage message{.level = item->cmsg_level, .type = item->cmsg_type, .data = {}};
    const std::span<const unsigned char> data(CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0));
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
      message.files = data.size() / sizeof(int);
      for (std::size_t i = 0; i < message.files; ++i) {
        int number = -1;
        std::memcpy(&number, data.data() + i * sizeof number, sizeof number);
        descriptors.emplace_back(number);
      }
    } else {
      message.data.assign(data.begin(), data.end());
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace

std::optional<Proxied> receive_for(int socket, const SeenCall& call, const Abi& abi) {
  std::uint64_t capacity = 0;
  for (const SeenCall::Extent& buffer : call.buffers) {
    if (buffer.length > kMostProxiedData || (capacity += buffer.length) > kMostProxiedData) return std::nullopt;
  }
  if (abi != kNativeAbi || call.controllen > kMostProxiedControl || discards(socket, call)) return std::nullopt;
  if (int_option(socket, kSoPassPidfd) != 0) return std::nullopt;
  if (may_wait(socket, call) && (waits_for_more(socket, call) || !is_readable(socket))) return std::nullopt;

  Bytes data(capacity, '\0');
  std::vector<iovec> buffers;
  buffers.reserve(call.buffers.size());
  std::size_t at = 0;
  for (const SeenCall::Extent& buffer : call.buffers) {
    buffers.push_back({.iov_base = data.data() + at, .iov_len = buffer.length});
    at += buffer.length;
  }
  std::vector<std::size_t> control(call.controllen / sizeof(std::size_t) + 1);  // words: aligned for cmsghdr
  Bytes name(std::min<std::size_t>(call.namelen, 256), '\0');
  msghdr header{};
  if (call.name != 0) {
    header.msg_name = name.data();
    header.msg_namelen = static_cast<socklen_t>(name.size());
  }
  header.msg_iov = buffers.data();
  header.msg_iovlen = Fitting(buffers.size());
  header.msg_control = call.control == 0 ? nullptr : control.data();
  header.msg_controllen = Fitting(call.controllen);
  // Only unix sockets bring descriptors, and packet(7) refuses flags that it does not know.
  const int own_flags = MSG_DONTWAIT | (int_option(socket, SO_DOMAIN) == AF_UNIX ? MSG_CMSG_CLOEXEC : 0);
  const ssize_t count = recvmsg(socket, &header, call.flags | own_flags);
  if (count < 0) {
    if (errno == EAGAIN && may_wait(socket, call)) return std::nullopt;
    return Proxied{answer::Failure{.number = errno}, {}};
  }

  Proxied proxied;
  answer::Result result;
  result.control = messages_in(header, proxied.descriptors);
  // Where control data was cut, so was the padding: what the kernel says counts.
  result.msg_controllen = header.msg_controllen;
  data.resize(std::min<std::size_t>(data.size(), static_cast<std::size_t>(count)));
  result.data = std::move(data);
  result.returned = count;
  result.msg_flags = header.msg_flags;
  if ((call.flags & MSG_CMSG_CLOEXEC) == 0) result.msg_flags &= ~MSG_CMSG_CLOEXEC;
  if (call.name != 0) {
    name.resize(std::min<std::size_t>(name.size(), header.msg_namelen));
    result.address = std::move(name);
    result.msg_namelen = header.msg_namelen;
  }
  proxied.answer = std::move(result);
  return proxied;
}

}  // namespace recvinto::kit
