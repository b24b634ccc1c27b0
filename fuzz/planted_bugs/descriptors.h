#pragma once

#include <sys/socket.h>

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "fuzz/planted_bugs/bug.h"
#include "fuzz/planted_bugs/walk.h"
#include "recvinto/unique_fd.h"

namespace recvinto::fuzz::planted {

using recvinto::UniqueFd;

/// The owner of what arrives: unlike the reference's it copies the numbers, message by message, into a queue.
class ControlBuffer {
 public:
  explicit ControlBuffer(std::span<std::byte> room) : room_(room) {}
  ControlBuffer(const ControlBuffer&) = delete;
  ControlBuffer& operator=(const ControlBuffer&) = delete;
  ~ControlBuffer() { close_descriptors(); }

  [[nodiscard]] std::span<std::byte> room() const { return room_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {room_.data(), length_}; }
  [[nodiscard]] ControlMessages messages() const { return ControlMessages(bytes()); }
  [[nodiscard]] bool malformed() const { return malformed_; }
  [[nodiscard]] bool aligned() const {
    return room_.empty() || std::bit_cast<std::uintptr_t>(room_.data()) % alignof(cmsghdr) == 0;
  }

  void adopt(std::size_t length) {
    clear();
    length_ = is_planted(Bug::kClaimBeyondRoom) ? length : std::min(length, room_.size());
    malformed_ = messages().defect() != ControlDefect::kNone;
    if (is_planted(Bug::kLostWhereMalformed) && malformed_) return;
    bool credentials_seen = false;
    for (const ControlMessage& message : messages()) {
      if (carries_descriptors(message)) queue(message, credentials_seen);
      credentials_seen = credentials_seen || (message.level == SOL_SOCKET && message.type == SCM_CREDENTIALS);
    }
  }

  void clear() {
    if (!is_planted(Bug::kLostOnNextReceipt)) close_descriptors();
    first_ = last_ = length_ = 0;
    malformed_ = false;
  }

  [[nodiscard]] UniqueFd take_descriptor() { return UniqueFd(first_ == last_ ? -1 : queue_[first_++]); }

  [[nodiscard]] std::vector<UniqueFd> release_descriptors() {
    const std::size_t first = first_;
    std::vector<UniqueFd> descriptors;
    while (UniqueFd descriptor = take_descriptor()) descriptors.push_back(std::move(descriptor));
    if (is_planted(Bug::kOwnedTwice)) first_ = first;
    return descriptors;
  }

  std::size_t close_descriptors() {
    std::size_t closed = 0;
    while (take_descriptor()) ++closed;
    return closed;
  }

 private:
  static constexpr std::size_t kSlots = 28;

  static bool carries_descriptors(const ControlMessage& message) {
    constexpr int kScmPidfd = 4;
    if (message.type == kScmPidfd && is_planted(Bug::kPidfdForgotten)) return false;
    if (message.level != SOL_SOCKET && !is_planted(Bug::kAnyLevelIsRights)) return false;
    return message.type == SCM_RIGHTS || message.type == kScmPidfd;
  }

  static std::size_t count_of(const ControlMessage& message, bool credentials_seen) {
    std::size_t size = message.data.size();
    if (is_planted(Bug::kCountFromClaim) && message.truncated) size += sizeof(int);
    if (is_planted(Bug::kPartialRoundedUp) && credentials_seen) size += sizeof(int) - 1;
    return size / sizeof(int);
  }

  // Through slots of a fixed size.
  void queue(const ControlMessage& message, bool credentials_seen) {
    if (is_planted(Bug::kSecondOverwritesFirst)) last_ = 0;
    std::size_t left = count_of(message, credentials_seen);
    const std::byte* at = message.data.data();
    while (left != 0) {
      std::array<int, kSlots> slots;
      const std::size_t count = is_planted(Bug::kSlotsNotClamped) ? left : std::min(left, kSlots);
      std::memcpy(slots.data(), at, count * sizeof(int));
      for (std::size_t i = 0; i < count; ++i) {
        if (slots[i] > 0 || (slots[i] == 0 && !is_planted(Bug::kZeroIsNone))) queue_[last_++] = slots[i];
      }
      at += count * sizeof(int);
      left -= count;
    }
  }

  std::span<std::byte> room_;
  std::size_t length_ = 0;
  std::size_t first_ = 0;  // of those in the queue: the next to be given out
  std::size_t last_ = 0;
  bool malformed_ = false;
  std::array<int, 2048> queue_;
};

}  // namespace recvinto::fuzz::planted
