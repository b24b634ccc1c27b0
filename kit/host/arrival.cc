#include "kit/host/arrival.h"

#include <poll.h>
#include <sys/ioctl.h>

#include "kit/host/sockets.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// nullopt where this host has no such fact.
template <typename Fact>
auto if_known(Fact fact, int socket) -> std::optional<decltype(fact(socket))> {
  try {
    return fact(socket);
  } catch (const EnvironmentLacks&) {
    return std::nullopt;
  }
}

/// Bytes of a stream that can be received, up to an urgent one; nullopt where this host does not tell.
std::optional<std::size_t> bytes_queued(int socket) {
  int count = 0;
  if (ioctl(socket, FIONREAD, &count) != 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

}  // namespace

Arrival::Arrival(int receiver, const SocketKind& kind) : receiver_(receiver), keeps_messages_(kind.keeps_messages()) {
  if (keeps_messages_) {
    memory_ = if_known(queue_memory, receiver);
    if (!memory_ && is_ready(receiver, POLLIN)) {
      throw EnvironmentLacks("a message behind another is not seen to arrive: getsockopt SO_MEMINFO");
    }
    return;
  }
  count_ = if_known(bytes_arrived, receiver);
  if (count_.value_or(0) == 0) queued_ = bytes_queued(receiver);
}

bool Arrival::has_come(std::size_t size, bool is_urgent) const {
  return keeps_messages_ ? has_message() : has_bytes(size, is_urgent);
}

bool Arrival::has_message() const {
  return memory_ ? queue_memory(receiver_) > *memory_ : is_ready(receiver_, POLLIN);
}

bool Arrival::has_bytes(std::size_t size, bool is_urgent) const {
  if (count_ && bytes_arrived(receiver_) == *count_ + size) return true;
  // One that has something to receive and has never received a byte is not counted.
  const bool is_counted = count_ && (!is_ready(receiver_, POLLIN | POLLPRI) || bytes_arrived(receiver_) != 0);
  if (is_counted) return false;
  if (is_urgent || !queued_) {
    throw EnvironmentLacks("how much has arrived cannot be seen: getsockopt TCP_INFO counts no bytes");
  }
  return bytes_queued(receiver_) == *queued_ + size;
}

}  // namespace recvinto::kit
