#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

#include "fuzz/planted_bugs/bug.h"
#include "fuzz/planted_bugs/sizes.h"
#include "recvinto/control_message.h"

namespace recvinto::fuzz::planted {

using recvinto::ControlDefect;
using recvinto::ControlMessage;

/// The walk, as one finds it in many programs: a place and what is left, both moved by hand.
class ControlMessages {
 public:
  class Iterator {
   public:
    explicit Iterator(std::span<const std::byte> bytes) : at_(bytes.data()), left_(bytes.size()) { read(); }

    ControlMessage operator*() const {
      std::size_t size = length_ - kControlHeaderSize;
      if (is_planted(Bug::kNoProgressOnZero) && length_ == 0) size = 0;
      if (!is_planted(Bug::kTruncatedReadsOn) && too_long()) size = left_ - kControlHeaderSize;
      if (is_planted(Bug::kPaddingIsData)) size = std::min(aligned(length_), left_) - kControlHeaderSize;
      return {.level = is_planted(Bug::kLevelsMasked) ? level_ & 0xff : level_,
              .type = type_,
              .data = {at_ + kControlHeaderSize, size},
              .truncated = too_long() && !is_planted(Bug::kTruncationNotTold)};
    }

    Iterator& operator++() {
      const bool wraps = aligned(length_) < length_;
      if (too_long() && !(wraps && is_planted(Bug::kAlignmentWraps))) {
        left_ = 0;
        defect_ = ControlDefect::kLengthPastEnd;
        return *this;
      }
      std::size_t step = is_planted(Bug::kAdvanceNotAligned) ? length_ : aligned(length_);
      if (!is_planted(Bug::kUnpaddedTailUnderflows)) step = std::min(step, left_);
      at_ += step;
      left_ -= step;
      read();
      return *this;
    }

    [[nodiscard]] ControlDefect defect() const { return defect_; }

    friend bool operator==(const Iterator& one, std::default_sentinel_t) { return one.left_ == 0; }

   private:
    static std::size_t aligned(std::size_t length) {
      const std::size_t alignment = is_planted(Bug::kAlignedTo4) ? 4 : kControlAlignment;
      return (length + alignment - 1) & ~(alignment - 1);
    }

    [[nodiscard]] bool too_long() const {
      if (is_planted(Bug::kLengthAs32Bits)) return static_cast<std::uint32_t>(length_) > left_;
      if (is_planted(Bug::kOneByteTooLong)) return length_ > left_ + 1;
      return length_ > left_;
    }

    void read() {
      if (left_ < (is_planted(Bug::kShortHeaderRead) ? sizeof(cmsghdr::cmsg_len) : kControlHeaderSize)) {
        left_ = 0;
        return;
      }
      cmsghdr header;
      std::memcpy(&header, at_, sizeof header);
      length_ = header.cmsg_len;
      level_ = header.cmsg_level;
      type_ = header.cmsg_type;
      if (is_planted(Bug::kNoLowerBound)) return;
      if (is_planted(Bug::kNoProgressOnZero) && length_ == 0) return;
      if (length_ < kControlHeaderSize + (is_planted(Bug::kEmptyMessageRefused) ? 1 : 0)) {
        left_ = 0;
        defect_ = is_planted(Bug::kDefectNotTold) ? ControlDefect::kNone : ControlDefect::kLengthBelowHeader;
      }
    }

    const std::byte* at_;
    std::size_t left_;
    std::size_t length_ = 0;
    int level_ = 0;
    int type_ = 0;
    ControlDefect defect_ = ControlDefect::kNone;
  };

  explicit ControlMessages(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] Iterator begin() const { return Iterator(bytes_); }
  [[nodiscard]] std::default_sentinel_t end() const { return std::default_sentinel; }

  [[nodiscard]] ControlDefect defect() const {
    Iterator message = begin();
    while (message != end()) ++message;
    return message.defect();
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace recvinto::fuzz::planted
