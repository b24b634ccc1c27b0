#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <span>
#include <type_traits>

#include "recvinto/control_space.h"

namespace recvinto {

/// ControlMessage is one item of ancillary data, a view of the bytes it was found in.
struct ControlMessage {
  int level = 0;                         ///< cmsg_level: the protocol it comes from, such as SOL_SOCKET
  int type = 0;                          ///< cmsg_type: its kind within that protocol, such as SCM_RIGHTS
  std::span<const std::byte> data = {};  ///< its payload, as far as it lies inside the buffer
  bool truncated = false;                ///< cmsg_len promises more data than the buffer holds
};

/// ControlDefect says why a walk over control bytes ended before their end.
enum class ControlDefect {
  kNone,               ///< it did not: every message was whole
  kLengthBelowHeader,  ///< a cmsg_len smaller than the header it stands in; that message is not given out
  kLengthPastEnd,      ///< a cmsg_len reaching past the end of the bytes; that message is given out, truncated
};

/// ControlMessages is the sequence of control messages in some bytes: a forward range and a pure function of the bytes,
/// which are borrowed. The one parser of this library.
///
/// The bytes are those that recvmsg(2) stored, `msg_controllen` of them, in the system's own layout (cmsg(3)). They may
/// begin at any address, and nothing in them is believed: headers are copied out, a cmsg_len is cut to what is there,
/// and the walk ends at the first message whose length cannot be right. What is left at the end and too short for a
/// header is no defect, for the last message may come with or without its padding (RFC 3542, sections 5.2 and 5.3).
class ControlMessages {
 public:
  class Iterator;

  ControlMessages() noexcept = default;
  explicit ControlMessages(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return std::default_sentinel; }

  /// What ended the walk. Walks all messages, whatever the caller has walked.
  [[nodiscard]] ControlDefect defect() const noexcept;

  /// Whether the bytes are malformed or were cut in a way that their own lengths do not admit: where Python issues
  /// "received malformed or improperly-truncated ancillary data". Data that the kernel cut properly (MSG_CTRUNC, with a
  /// cmsg_len to match) is not malformed.
  [[nodiscard]] bool malformed() const noexcept { return defect() != ControlDefect::kNone; }

 private:
  std::span<const std::byte> bytes_;
};

class ControlMessages::Iterator {
 public:
  using value_type = ControlMessage;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::forward_iterator_tag;

  Iterator() noexcept = default;
  explicit Iterator(std::span<const std::byte> bytes) noexcept : rest_(bytes) { parse(); }

  ControlMessage operator*() const noexcept;
  Iterator& operator++() noexcept;
  Iterator operator++(int) noexcept {
    Iterator before = *this;
    ++*this;
    return before;
  }

  /// Once the end is reached: why there.
  [[nodiscard]] ControlDefect defect() const noexcept { return defect_; }

  friend bool operator==(const Iterator& one, const Iterator& other) noexcept {
    return one.rest_.data() == other.rest_.data() && one.rest_.size() == other.rest_.size();
  }
  friend bool operator==(const Iterator& one, std::default_sentinel_t) noexcept { return one.rest_.empty(); }

 private:
  // All that lies before cmsg_level: Linux writes a size_t, half of which musl calls cmsg_len and the other half
  // padding.
  using Length = std::conditional_t<offsetof(cmsghdr, cmsg_level) == sizeof(std::size_t), std::size_t,
                                    decltype(cmsghdr::cmsg_len)>;

  template <class Field>
  [[nodiscard]] Field at(std::size_t offset) const noexcept {
    Field field;
    std::memcpy(&field, rest_.data() + offset, sizeof(field));
    return field;
  }
  [[nodiscard]] bool truncated() const noexcept { return length_ > rest_.size(); }
  void parse() noexcept;
  void finish(ControlDefect defect) noexcept {
    rest_ = {};
    defect_ = defect;
  }

  std::span<const std::byte> rest_;  // from the current message's header to the end of the bytes; empty at the end
  std::size_t length_ = 0;           // the current message's cmsg_len, no less than its header and of no upper limit
  ControlDefect defect_ = ControlDefect::kNone;
};

inline ControlMessages::Iterator ControlMessages::begin() const noexcept {
  return Iterator(bytes_);
}

inline ControlDefect ControlMessages::defect() const noexcept {
  Iterator message = begin();
  while (message != end()) ++message;
  return message.defect();
}

inline void ControlMessages::Iterator::parse() noexcept {
  if (rest_.size() < kControlHeaderSize) return finish(ControlDefect::kNone);
  length_ = at<Length>(0);
  if (length_ < kControlHeaderSize) finish(ControlDefect::kLengthBelowHeader);
}

inline ControlMessage ControlMessages::Iterator::operator*() const noexcept {
  return {.level = at<int>(offsetof(cmsghdr, cmsg_level)),
          .type = at<int>(offsetof(cmsghdr, cmsg_type)),
          .data = rest_.first(std::min(length_, rest_.size())).subspan(kControlHeaderSize),
          .truncated = truncated()};
}

inline ControlMessages::Iterator& ControlMessages::Iterator::operator++() noexcept {
  // Behind a message of unknown length the next one cannot be found, so nothing is read there. And nothing is
  // added to the length before it is known to lie inside: it may be 2^64 - 1.
  if (truncated()) {
    finish(ControlDefect::kLengthPastEnd);
    return *this;
  }
  const std::size_t padding = (kControlAlignment - length_ % kControlAlignment) % kControlAlignment;
  rest_ = rest_.subspan(length_);
  rest_ = rest_.subspan(std::min(padding, rest_.size()));
  parse();
  return *this;
}

static_assert(std::forward_iterator<ControlMessages::Iterator>);
static_assert(std::sentinel_for<std::default_sentinel_t, ControlMessages::Iterator>);

}  // namespace recvinto
