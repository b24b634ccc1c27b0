// Sweeps over the room for control data: every ancbufsize from 0 to more than enough, for one to three descriptors,
// alone and behind credentials. What arrives, what msg_flags says, and what is left open: nothing that was not
// reported.

#include <sys/socket.h>

#include <algorithm>

#include "conformance/descriptors.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;

constexpr std::size_t kMostSent = 3;
constexpr std::int64_t kBeyond = 8;  // bytes more than enough

/// What came of the credentials: how many bytes of them, or nothing where there is no such item.
std::optional<std::size_t> bytes_of_credentials(const Answer& answer) {
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    if (item.level == SOL_SOCKET && item.type == SCM_CREDENTIALS) return item.data.size();
  }
  return std::nullopt;
}

CLAIM(DescriptorRoom, ControlBufferOfAnySizeHoldsWholeDescriptors,
      cites({"ctrunc-keeps-whole-descriptors", "ctrunc-is-reported", "ctrunc-only-when-cut", "ctrunc-costs-no-data",
             "ctrunc-short-of-a-header", "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  std::size_t sent_before = 0;
  for (std::size_t sent = 1; sent <= kMostSent; ++sent) {
    for (std::int64_t size = 0; size <= cmsg_space(sent * sizeof(int)) + kBeyond; ++size) {
      send("abcde", sent);
      const std::size_t arriving = std::min(sent, descriptors_that_fit(size, abi()));
      const Answer answer = receive({.buffers = {room(2), room(8)}, .ancbufsize = size});
      expect(
          answer,
          {.data = "abcde", .msg_flags = arriving < sent ? MSG_CTRUNC : 0, .files = files_from(sent_before, arriving)});
      expect_equal("number of items", std::size_t{arriving == 0 ? 0U : 1U},
                   answer.seen.ancdata.value_or(Items{}).size());
      sent_before += sent;
    }
  }
}

CLAIM(DescriptorRoom, SpaceAfterCredentialsHoldsWholeDescriptors,
      cites({"ctrunc-keeps-whole-descriptors", "ctrunc-cuts-an-item", "ctrunc-is-reported", "ctrunc-only-when-cut",
             "ctrunc-costs-no-data", "ctrunc-short-of-a-header", "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAllItems, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  const std::int64_t for_credentials = cmsg_space(sizeof(ucred));
  std::size_t sent_before = 0;
  for (std::size_t sent = 1; sent <= kMostSent; ++sent) {
    // Room that is too small for the credentials is the same however many descriptors follow.
    const std::int64_t most = for_credentials + cmsg_space(sent * sizeof(int)) + kBeyond;
    for (std::int64_t size = sent == kMostSent ? 0 : for_credentials; size <= most; ++size) {
      send("abcde", sent);
      const std::size_t arriving = std::min(sent, descriptors_that_fit(size - for_credentials, abi()));
      const Answer answer = receive({.buffers = {room(2), room(8)}, .ancbufsize = size});
      expect(
          answer,
          {.data = "abcde", .msg_flags = arriving < sent ? MSG_CTRUNC : 0, .files = files_from(sent_before, arriving)});
      const std::optional<std::size_t> credentials =
          size < cmsg_len(0) ? std::nullopt
                             : std::optional(std::min(sizeof(ucred), static_cast<std::size_t>(size - cmsg_len(0))));
      expect_equal("bytes of credentials", credentials, bytes_of_credentials(answer));
      expect_equal("number of items", std::size_t{credentials ? 1U : 0U} + std::size_t{arriving == 0 ? 0U : 1U},
                   answer.seen.ancdata.value_or(Items{}).size());
      sent_before += sent;
    }
  }
}

}  // namespace
}  // namespace recvinto::conformance
