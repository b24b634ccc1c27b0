#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "recvinto/control_space.h"

namespace recvinto::testing {

/// ControlBytes builds control data as a kernel would, or as none should:
/// `ControlBytes{}.message(...).declare_length(9)`.
class ControlBytes {
 public:
  /// Appends a whole control message and its padding.
  ControlBytes& message(int level, int type, std::span<const std::byte> data) {
    header_ = bytes_.size();
    bytes_.resize(header_ + *cmsg_space(data.size()));
    cmsghdr header{};
    header.cmsg_len = *cmsg_len(data.size());
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(bytes_.data() + header_, &header, sizeof(header));
    if (!data.empty()) std::memcpy(bytes_.data() + header_ + kControlHeaderSize, data.data(), data.size());
    return *this;
  }

  /// Appends a message whose data are `numbers`.
  ControlBytes& numbers(int level, int type, const std::vector<int>& numbers) {
    return message(level, type, std::as_bytes(std::span(numbers)));
  }

  ControlBytes& rights(const std::vector<int>& descriptors) { return numbers(SOL_SOCKET, SCM_RIGHTS, descriptors); }

  /// Overwrites the cmsg_len of the last message.
  ControlBytes& declare_length(std::size_t length) {
    const decltype(cmsghdr::cmsg_len) value = length;
    std::memcpy(bytes_.data() + header_ + offsetof(cmsghdr, cmsg_len), &value, sizeof(value));
    return *this;
  }

  /// Drops all bytes from `size` on.
  ControlBytes& cut_to(std::size_t size) {
    bytes_.resize(size);
    return *this;
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
  std::size_t header_ = 0;  // where the last message begins
};

}  // namespace recvinto::testing
