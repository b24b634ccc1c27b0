// Ancillary data and the room for it: what arrives, what is cut, and what msg_flags says of it (MSG_CTRUNC).
// Small domains are swept whole: every ancbufsize from 0 to more than enough.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "conformance/descriptors.h"
#include "conformance/framework/check.h"
#include "conformance/items.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

/// What Linux leaves of items of fixed size in so much room (cmsg(3)): whole items, then one cut in its data, then
/// none.
Items cut_to(const Items& items, std::int64_t ancbufsize, const kit::Abi& abi) {
  Items cut;
  auto left = static_cast<std::size_t>(ancbufsize);
  for (const kit::AncillaryItem& item : items) {
    if (left < abi.header()) break;
    cut.push_back({item.level, item.type, item.data.substr(0, left - abi.header())});
    left -= std::min(left, abi.cmsg_space(item.data.size()));
  }
  return cut;
}

/// Room from which on nothing is cut: all items but the last with padding.
std::int64_t room_for(const Items& items, const kit::Abi& abi) {
  std::size_t size = 0;
  for (std::size_t i = 0; i + 1 < items.size(); ++i) size += abi.cmsg_space(items[i].data.size());
  return static_cast<std::int64_t>(items.empty() ? 0 : size + abi.cmsg_len(items.back().data.size()));
}

/// Two options of UDP that add an item each: where the packet went to, and how far it came.
void ask_for_two_items(kit::Stage& stage) {
  if (stage.kind().family == AF_INET) {
    stage.set_option(IPPROTO_IP, IP_PKTINFO, 1);
    stage.set_option(IPPROTO_IP, IP_RECVTTL, 1);
  } else {
    stage.set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    stage.set_option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  }
}

CLAIM(AncillaryData, PlainMessageHasNoAncillaryData, cites({"ancdata-is-empty-without-items", "ctrunc-only-when-cut"}),
      on(kit::kEveryKind), needs(kAncillary, kMsgFlags)) {
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(AncillaryData, PlainMessageWithLargeControlBufferHasNoItems,
      cites({"ancdata-is-empty-without-items", "ancbufsize-may-be-large"}), on(kit::kEveryKind),
      needs(kAncillary, kMsgFlags, kAncbufsize)) {
  send("abc");
  expect(receive({.buffers = {room(8)}, .ancbufsize = 65'536}), {.data = "abc", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(AncillaryData, DescriptorsArriveInTheOrderSent, cites("ancdata-rights-in-order"), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  send("abcd", /*files=*/4);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0, 1, 2, 3}});
}

CLAIM(AncillaryData, ExactCmsgSpaceHoldsAllDescriptors,
      cites({"ancdata-rights-in-order", "cmsg-space-is-enough", "ancdata-items-are-complete"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/4);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_space(4 * sizeof(int))}),
         {.data = "abcd", .msg_flags = 0, .files = Files{0, 1, 2, 3}});
}

CLAIM(AncillaryData, DescriptorsAreNotRepeatedWithTheNextMessage, cites("ancdata-is-fresh"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kMsgFlags)) {
  send("first", /*files=*/1);
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}), {.data = "first", .msg_flags = 0, .files = Files{0}});
  send("second");
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}),
         {.data = "second", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryData, TwoItemsInExactSpaceAreCompleteAndInOrder,
      cites({"ancdata-items-are-complete", "cmsg-space-is-enough"}), on(kit::kUdpKinds),
      needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"ip_pktinfo", "ip_ttl", "ipv6_pktinfo", "ipv6_hoplimit"})) {
  const bool v4 = kind().family == AF_INET;
  const std::size_t where_to = v4 ? sizeof(in_pktinfo) : sizeof(in6_pktinfo);
  ask_for_two_items(stage());
  send("abc");
  const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = cmsg_space(where_to) + cmsg_space(sizeof(int))});
  expect(answer, {.data = "abc", .msg_flags = 0});
  // What is in them depends on the host (interfaces, hop limit): level, type and size do not.
  std::vector<std::vector<std::size_t>> items;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    items.push_back({static_cast<std::size_t>(item.level), static_cast<std::size_t>(item.type), item.data.size()});
  }
  const auto expected =
      v4 ? std::vector<std::vector<std::size_t>>{{IPPROTO_IP, IP_PKTINFO, where_to}, {IPPROTO_IP, IP_TTL, sizeof(int)}}
         : std::vector<std::vector<std::size_t>>{{IPPROTO_IPV6, IPV6_PKTINFO, where_to},
                                                 {IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(int)}};
  expect_equal("level, type and size of each item", expected, items);
}

// IP_TOS is an item of one byte: the next item is found only by who rounds up to the alignment.
CLAIM(AncillaryData, ItemAfterOneByteItemIsFound, cites("items-begin-aligned"), on(kit::kUdp4),
      needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"ip_tos", "ip_origdstaddr"})) {
  stage().set_option(IPPROTO_IP, IP_RECVTOS, 1);
  stage().set_option(IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
  send("abc");
  const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  std::vector<std::size_t> sizes;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) sizes.push_back(item.data.size());
  expect_equal("bytes of data of each item", std::vector<std::size_t>{1, sizeof(sockaddr_in)}, sizes);
}

// Others may have a default of their own.
CLAIM(AncillaryData, TimedCallReportsItsItems, cites("ancdata-items-are-complete"), on(kit::kUdpKinds),
      needs(kAncillary, kAllItems, kAncbufsize, kTimeout)) {
  ask_for_two_items(stage());
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = std::chrono::seconds(30)});
  expect(answer, {.data = "abc"});
  expect_equal("number of items", std::size_t{2}, answer.seen.ancdata.value_or(Items{}).size());
}

CLAIM(AncillaryTruncation, DefaultAncbufsizeReportsCtrunc,
      cites({"ctrunc-is-reported", "ancbufsize-defaults-to-none", "ctrunc-costs-no-data"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  require_no_room_by_default();
  send("abcd", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2)}),
         {.data = "abcd", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryTruncation, ZeroAncbufsizeReportsCtrunc, cites({"ctrunc-is-reported", "ancbufsize-defaults-to-none"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/1);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 0}),
         {.data = "abcd", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
}

CLAIM(AncillaryTruncation, CredentialsWithoutControlBufferReportCtrunc, cites("ctrunc-for-an-enabled-option"),
      on(kit::kUnixKinds), needs(kAncillary, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abc");
  expect(receive({.buffers = {room(8)}, .ancbufsize = 0}),
         {.data = "abc", .msg_flags = MSG_CTRUNC, .ancdata = Items{}});
}

CLAIM(AncillaryTruncation, PktinfoWithoutControlBufferReportsCtrunc, cites("ctrunc-for-an-enabled-option"),
      on(kit::kUdpKinds), needs(kAncillary, kAncbufsize, kMsgFlags)) {
  ask_for_two_items(stage());
  send("abc");
  expect(receive({.buffers = {room(8)}, .ancbufsize = 0}),
         {.data = "abc", .msg_flags = MSG_CTRUNC, .ancdata = Items{}});
}

CLAIM(AncillaryTruncation, CmsgSpacePaddingHoldsAnotherDescriptor, cites("ctrunc-keeps-whole-descriptors"),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  const std::int64_t space_for_one = cmsg_space(sizeof(int));
  const std::size_t fitting = descriptors_that_fit(space_for_one, abi());
  send("abc", fitting);
  expect(receive({.buffers = {room(8)}, .ancbufsize = space_for_one}),
         {.data = "abc", .msg_flags = 0, .files = files_from(0, fitting)});
}

CLAIM(AncillaryTruncation, ExactCmsgLenHoldsAllDescriptors, cites("cmsg-len-is-enough"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  std::size_t sent = 0;
  for (const std::size_t count : {1U, 2U, 3U, 4U}) {
    send("abc", count);
    expect(receive({.buffers = {room(8)}, .ancbufsize = cmsg_len(count * sizeof(int))}),
           {.data = "abc", .msg_flags = 0, .files = files_from(sent, count)});
    sent += count;
  }
}

CLAIM(AncillaryTruncation, ExactCmsgLenBehindCredentialsIsEnough, cites("cmsg-len-is-enough"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  std::size_t sent = 0;
  for (const std::size_t count : {1U, 2U, 3U, 4U}) {
    send("abc", count);
    expect(receive({.buffers = {room(8)}, .ancbufsize = cmsg_space(sizeof(ucred)) + cmsg_len(count * sizeof(int))}),
           {.data = "abc", .msg_flags = 0, .files = files_from(sent, count)});
    sent += count;
  }
}

CLAIM(AncillaryTruncation, TwoUdpItemsAreCutWhereTheBufferEnds,
      cites({"ctrunc-cuts-an-item", "ctrunc-short-of-a-header", "ctrunc-is-reported", "ctrunc-only-when-cut"}),
      on(kit::kUdpKinds), needs(kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  ask_for_two_items(stage());
  send("abc");
  const Answer whole = receive({.buffers = {room(8)}, .ancbufsize = kPlenty});
  expect(whole, {.data = "abc", .msg_flags = 0});
  const Items items = whole.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{2}, items.size());
  if (items.size() != 2) return;
  const std::int64_t whole_room = room_for(items, abi());
  for (std::int64_t size = 0; size <= whole_room + 16; ++size) {
    send("abc");
    expect(receive({.buffers = {room(8)}, .ancbufsize = size}),
           {.data = "abc", .msg_flags = size < whole_room ? MSG_CTRUNC : 0, .ancdata = cut_to(items, size, abi())});
  }
}

/// The items that a datagram over IPv4 can bring without privileges, in the order in which Linux puts them.
void ask_for_five_items(kit::Stage& stage) {
  stage.set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  for (const int option : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR}) {
    stage.set_option(IPPROTO_IP, option, 1);
  }
}

CLAIM(AncillaryData, FiveItemsAreCompleteAndInOrder, cites({"ancdata-items-are-complete", "items-begin-aligned"}),
      on(kit::kUdp4), needs(kAncillary, kAncbufsize, kMsgFlags),
      reporting({"timestamp", "ip_pktinfo", "ip_ttl", "ip_tos", "ip_origdstaddr"})) {
  ask_for_five_items(stage());
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  expect_equal("items",
               ItemShapes{{SOL_SOCKET, SCM_TIMESTAMP, 2 * abi().word},
                          {IPPROTO_IP, IP_PKTINFO, sizeof(in_pktinfo)},
                          {IPPROTO_IP, IP_TTL, sizeof(int)},
                          {IPPROTO_IP, IP_TOS, 1},
                          {IPPROTO_IP, IP_ORIGDSTADDR, sizeof(sockaddr_in)}},
               shapes_of(answer));
}

// Each step of the stairs, up to more room than there is to fill. One message is peeked at, for its time stays the
// same.
CLAIM(AncillaryTruncation, OneOfFiveItemsIsCutAndLaterOnesAreDropped,
      cites({"ctrunc-cuts-an-item", "ctrunc-short-of-a-header", "ctrunc-is-reported", "ctrunc-only-when-cut"}),
      on(kit::kUdp4), needs(kFlags, kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  ask_for_five_items(stage());
  send("abc");
  const Answer whole = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty, .flags = MSG_PEEK});
  expect(whole, {.data = "abc", .msg_flags = 0});
  const Items items = whole.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{5}, items.size());
  if (items.size() != 5) return;
  const std::int64_t whole_room = room_for(items, abi());
  for (std::int64_t size = 0; size <= whole_room + 32; ++size) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size, .flags = MSG_PEEK}),
           {.data = "abc", .msg_flags = size < whole_room ? MSG_CTRUNC : 0, .ancdata = cut_to(items, size, abi())});
  }
}

CLAIM(AncillaryTruncation, CredentialsAreCutWhereTheBufferEnds, cites({"ctrunc-cuts-an-item", "ctrunc-is-reported"}),
      on(kit::kUnixKinds), needs(kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abc");
  const Answer whole = receive({.buffers = {room(8)}, .ancbufsize = kPlenty});
  expect(whole, {.data = "abc", .msg_flags = 0});
  const Items items = whole.seen.ancdata.value_or(Items{});
  expect_equal("number of items", std::size_t{1}, items.size());
  if (items.size() != 1) return;
  const std::int64_t whole_room = room_for(items, abi());
  for (std::int64_t size = cmsg_len(0); size <= whole_room; ++size) {
    send("abc");
    expect(receive({.buffers = {room(8)}, .ancbufsize = size}),
           {.data = "abc", .msg_flags = size < whole_room ? MSG_CTRUNC : 0, .ancdata = cut_to(items, size, abi())});
  }
}

// The system cuts an item and its length: it does not extend beyond the room, which alone is worth a warning.
CLAIM(AncillaryTruncation, CutCredentialsIssueNoWarning, cites("warnings-are-of-malformed-data"), on(kit::kUnixKinds),
      needs(kAncillary, kAllItems, kAncbufsize, kWarnings)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  for (std::int64_t size = 0; size <= cmsg_space(sizeof(ucred)); ++size) {
    send("abc");
    expect(receive({.buffers = {room(8)}, .ancbufsize = size}),
           {.data = "abc", .warnings = std::vector<std::string>{}});
  }
}

CLAIM(AncillaryTruncation, CutDescriptorsIssueNoWarning, cites("warnings-are-of-malformed-data"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kWarnings)) {
  for (std::int64_t size = 0; size <= cmsg_space(3 * sizeof(int)); ++size) {
    send("abc", /*files=*/3);
    expect(receive({.buffers = {room(2)}, .ancbufsize = size}), {.data = "ab", .warnings = std::vector<std::string>{}});
    stage().drain();
  }
}

CLAIM(AncillaryTruncation, MsgCtruncAsInputFlagIsIgnored, cites("ctrunc-as-input-does-nothing"), on(kit::kEveryKind),
      needs(kFlags, kMsgFlags)) {
  send("abc");
  expect(receive({.buffers = {room(8)}, .flags = MSG_CTRUNC}), {.data = "abc", .msg_flags = 0});
}

CLAIM(AncillaryTruncation, MsgCtruncAsInputFlagKeepsDescriptors, cites("ctrunc-as-input-does-nothing"),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kFlags, kMsgFlags)) {
  send("abc", /*files=*/2);
  expect(receive({.buffers = {room(8)}, .ancbufsize = kPlenty, .flags = MSG_CTRUNC}),
         {.data = "abc", .msg_flags = 0, .files = Files{0, 1}});
}

CLAIM(BothTruncations, TruncAndCtruncAreReportedTogether,
      cites({"msg-flags-are-independent", "trunc-is-reported", "ctrunc-is-reported", "descriptors-none-left-open"}),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abc", /*files=*/1);
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = 0}),
         {.data = "ab", .msg_flags = MSG_TRUNC | MSG_CTRUNC, .files = Files{}});
}

CLAIM(BothTruncations, TruncAndCtruncOfPktinfoAreReportedTogether, cites("msg-flags-are-independent"),
      on(kit::kUdpKinds), needs(kAncillary, kAncbufsize, kMsgFlags)) {
  ask_for_two_items(stage());
  send("abc");
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = 0}), {.data = "ab", .msg_flags = MSG_TRUNC | MSG_CTRUNC});
}

CLAIM(BothTruncations, TruncatedDataLeavesDescriptorsComplete, cites("msg-flags-are-independent"),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kMsgFlags)) {
  send("abc", /*files=*/2);
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = plenty()}),
         {.data = "ab", .msg_flags = MSG_TRUNC, .files = Files{0, 1}});
}

CLAIM(BothTruncations, TruncationFlagsAreClearedForTheNextCall, cites("msg-flags-are-independent"),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abc", /*files=*/1);
  send("de");
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = 0}),
         {.data = "ab", .msg_flags = MSG_TRUNC | MSG_CTRUNC, .files = Files{}});
  expect(receive({.buffers = rooms(2, 1), .ancbufsize = 0}), {.data = "de", .msg_flags = 0, .files = Files{}});
}

}  // namespace
}  // namespace recvinto::conformance
