#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>

#include "fuzz/planted_bugs/oracles.h"
#include "fuzz/support/check.h"
#include "fuzz/support/model_walk.h"
#include "fuzz/support/step_budget.h"
#include "fuzz/support/subject.h"
#include "fuzz/support/uncounted.h"

namespace recvinto::fuzz {

/// Reads the first and the last byte, for AddressSanitizer to see.
inline void touch(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  [[maybe_unused]] static volatile std::byte seen;
  seen = bytes.front();
  seen = bytes.back();
}

inline subject::ControlDefect defect_of(WalkEnd end) {
  switch (end) {
    case WalkEnd::kLengthBelowHeader:
      return subject::ControlDefect::kLengthBelowHeader;
    case WalkEnd::kLengthPastEnd:
      return subject::ControlDefect::kLengthPastEnd;
    case WalkEnd::kAtTheEnd:
      break;
  }
  return subject::ControlDefect::kNone;
}

namespace detail {

/// What a walk gave, in static storage as ModelWalk's items are.
struct Found {
  std::array<subject::ControlMessage, ModelWalk::kMost> messages;
  std::size_t count = 0;

  static Found& storage() {
    static Found found;
    return found;
  }
};

FUZZ_UNCOUNTED_BEGIN

// Apart from the walk, so that the engine counts the walk's edges and not these.
__attribute__((noinline)) inline void compare(std::span<const std::byte> bytes, const Found& found,
                                              const ModelWalk& model) {
  for (std::size_t i = 0; i < found.count; ++i) {
    FUZZ_CHECK(i < model.count, "a control message that is not in the buffer");
    const subject::ControlMessage& message = found.messages[i];
    const ModelWalk::Item& item = model.items[i];
    FUZZ_CHECK(message.level == item.level && message.type == item.type, "another level or type than the header has");
    FUZZ_CHECK(message.data.data() == bytes.data() + item.offset, "data that begin elsewhere than behind the header");
    FUZZ_CHECK(message.data.size() == item.size, "data of another length than there is");
    FUZZ_CHECK(message.truncated == item.truncated, "not reported, or reported wrongly, that a message is cut short");
  }
  FUZZ_CHECK(found.count == model.count, "a control message is not found");
}

FUZZ_UNCOUNTED_END

}  // namespace detail

/// The whole walk over `bytes`: it ends, within them, and as the model says. Never inlined, so that the engine counts
/// its edges whether it counts those of the caller or not.
__attribute__((noinline)) inline void check_walk(std::span<const std::byte> bytes, const ModelWalk& model) {
  StepBudget budget(bytes.size() / (sizeof(std::size_t) + 8) + 1);
  detail::Found& found = detail::Found::storage();
  found.count = 0;
  const subject::ControlMessages messages(bytes);
  auto message = messages.begin();
  for (; message != messages.end(); ++message) {
    budget.spend();
    found.messages[found.count++] = *message;
  }
  if (!oracles().model) {
    for (std::size_t i = 0; i < found.count; ++i) touch(found.messages[i].data);
    return;
  }
  detail::compare(bytes, found, model);
  FUZZ_CHECK(message.defect() == defect_of(model.end), "another end of the walk than the lengths make");
}

/// The C library finds the same. Only for bytes in which each message is whole and padded, at an aligned address: on
/// others its macros differ from version to version.
FUZZ_UNCOUNTED_BEGIN
__attribute__((noinline)) inline void check_against_macros(std::span<const std::byte> bytes, const ModelWalk& model) {
  if (!oracles().model || model.end != WalkEnd::kAtTheEnd || bytes.empty()) return;
  msghdr header = {};
  header.msg_control = const_cast<std::byte*>(bytes.data());
  header.msg_controllen = static_cast<decltype(header.msg_controllen)>(bytes.size());
  const subject::ControlMessages messages(bytes);
  auto message = messages.begin();
  for (cmsghdr* found = CMSG_FIRSTHDR(&header); found != nullptr; found = CMSG_NXTHDR(&header, found), ++message) {
    FUZZ_CHECK(message != messages.end(), "CMSG_NXTHDR finds a message more");
    const subject::ControlMessage ours = *message;
    FUZZ_CHECK(ours.level == found->cmsg_level && ours.type == found->cmsg_type, "CMSG_NXTHDR finds another message");
    FUZZ_CHECK(ours.data.data() == reinterpret_cast<const std::byte*>(CMSG_DATA(found)), "CMSG_DATA is elsewhere");
    FUZZ_CHECK(CMSG_LEN(ours.data.size()) == found->cmsg_len, "CMSG_LEN of the data is not cmsg_len");
  }
  FUZZ_CHECK(message == messages.end(), "CMSG_NXTHDR finds a message less");
}
FUZZ_UNCOUNTED_END

}  // namespace recvinto::fuzz
