#pragma once

#include <bit>
#include <string_view>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/observation.h"

namespace recvinto::kit {

/// How control messages lie in memory: the program's, or one of another machine.
struct ControlLayout {
  Abi abi = {};
  std::endian byte_order = std::endian::native;

  friend bool operator==(const ControlLayout&, const ControlLayout&) = default;
};

/// What is in a control buffer.
struct ControlItems {
  std::vector<AncillaryItem> items;
  bool malformed = false;  ///< a length in it cannot be right

  friend bool operator==(const ControlItems&, const ControlItems&) = default;
};

/// The model of a reader of control messages: what Python's documentation, cmsg(3) and RFC 3542 (20.3) say is in the
/// bytes that the kernel left, msg_controllen of them, in any layout. Written apart from the reference, and to be read
/// rather than to be fast.
ControlItems model_of_control(std::string_view control, const ControlLayout& layout);

}  // namespace recvinto::kit
