#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstring>

#include "kit/values/abi.h"

namespace recvinto::kit {

// Walking through what recvmsg(2) has stored, as the kernel lays it out, and alike with each C library: musl's cmsg_len
// is half of the word that the kernel writes, and its CMSG_NXTHDR does not find a last control message that has no
// data.

/// cmsg_len, the whole word.
inline std::size_t length_of(const cmsghdr& item) {
  static_assert(offsetof(cmsghdr, cmsg_level) == sizeof(std::size_t));
  std::size_t length = 0;
  std::memcpy(&length, &item, sizeof length);
  return length;
}

/// The one behind `item`, which was whole; nullptr behind the last.
inline cmsghdr* item_after(const msghdr& message, const cmsghdr* item) {
  const auto* begin = reinterpret_cast<const char*>(item);
  const auto left =
      static_cast<std::size_t>(static_cast<const char*>(message.msg_control) + message.msg_controllen - begin);
  const std::size_t length = length_of(*item);
  if (length < sizeof(cmsghdr) || length > left || left - length < sizeof(cmsghdr)) return nullptr;
  const std::size_t next = kNativeAbi.aligned(length);
  if (next > left - sizeof(cmsghdr)) return nullptr;
  return reinterpret_cast<cmsghdr*>(const_cast<char*>(begin) + next);
}

}  // namespace recvinto::kit
