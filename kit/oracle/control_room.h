#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/observation.h"

namespace recvinto::kit {

/// The model of how Linux fits ancillary items into msg_controllen bytes (cmsg(3); recvmsg(2), MSG_CTRUNC).
class ControlRoom {
 public:
  ControlRoom(const Abi& abi, std::size_t size) : abi_(abi), left_(size) {}

  /// An item of fixed size: whole, cut in its data, or, where not even its header fits, not at all.
  void put(int level, int type, std::string_view data);
  /// SCM_RIGHTS: as many whole descriptors as fit, padding included; at least one or no item. Returns how many. Their
  /// numbers cannot be known: each byte of them is 0xff.
  std::size_t put_rights(std::size_t descriptors);

  /// SCM_PIDFD, of a sender that is known: whole or not at all. Its number is 0xff bytes likewise.
  void put_pidfd(bool is_known);

  /// Whether anything found no room: MSG_CTRUNC.
  [[nodiscard]] bool was_cut() const { return was_cut_; }
  std::vector<AncillaryItem> take_items() { return std::exchange(items_, {}); }

 private:
  void use(std::size_t data);

  Abi abi_;
  std::size_t left_;
  bool was_cut_ = false;
  std::vector<AncillaryItem> items_;
};

}  // namespace recvinto::kit
