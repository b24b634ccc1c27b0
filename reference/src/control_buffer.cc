#include "recvinto/control_buffer.h"

#include <cstring>

namespace recvinto {
namespace {

// <linux/socket.h> has it since Linux 6.5, C libraries later: a receiver built with older headers still gets one where
// SO_PASSPIDFD was set on the socket. The number had no other meaning before.
#if defined(SCM_PIDFD)
constexpr int kScmPidfd = SCM_PIDFD;
#elif defined(__linux__)
constexpr int kScmPidfd = 0x04;
#else
constexpr int kScmPidfd = SCM_RIGHTS;
#endif

}  // namespace

bool carries_descriptors(int level, int type) noexcept {
  return level == SOL_SOCKET && (type == SCM_RIGHTS || type == kScmPidfd);
}

void ControlBuffer::adopt(std::size_t length) noexcept {
  clear();
  length_ = std::min(length, room_.size());
  descriptor_index_ = 0;
  ControlMessages::Iterator message = messages().begin();
  for (; message != messages().end(); ++message) {
    owns_descriptors_ = owns_descriptors_ || carries_descriptors((*message).level, (*message).type);
  }
  malformed_ = message.defect() != ControlDefect::kNone;
}

std::optional<int> ControlBuffer::next_descriptor() noexcept {
  if (!owns_descriptors_) return std::nullopt;
  std::size_t first_index = 0;  // that of the message's first descriptor
  for (const ControlMessage& message : messages()) {
    if (!carries_descriptors(message.level, message.type)) continue;
    // Part of a number, at the end of a message cut short, is no descriptor: the division drops it.
    const std::size_t end_index = first_index + message.data.size() / sizeof(int);
    while (descriptor_index_ < end_index) {
      int fd = 0;
      std::memcpy(&fd, message.data.data() + (descriptor_index_ - first_index) * sizeof(fd), sizeof(fd));
      ++descriptor_index_;
      if (fd >= 0) return fd;
    }
    first_index = end_index;
  }
  owns_descriptors_ = false;
  return std::nullopt;
}

UniqueFd ControlBuffer::take_descriptor() noexcept {
  return UniqueFd(next_descriptor().value_or(-1));
}

std::vector<UniqueFd> ControlBuffer::release_descriptors() {
  std::vector<UniqueFd> descriptors;
  if (!owns_descriptors_) return descriptors;
  // Room first: once the first is taken, nothing may fail. There cannot be more than fit into the bytes.
  descriptors.reserve(length_ / sizeof(int));
  while (UniqueFd descriptor = take_descriptor()) descriptors.push_back(std::move(descriptor));
  return descriptors;
}

std::size_t ControlBuffer::close_descriptors() noexcept {
  std::size_t closed = 0;
  while (take_descriptor()) ++closed;
  return closed;
}

}  // namespace recvinto
