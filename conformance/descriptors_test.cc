// Descriptors received by SCM_RIGHTS (unix(7)): which open files they are, whether they outlive an exec, and that
// nothing else is left open. How many fit into which room is in descriptor_room_test.cc.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "conformance/descriptors.h"
#include "conformance/framework/check.h"
#include "kit/values/unix_options.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using kit::sent::OwnSocket;
using kit::sent::Rights;

std::vector<std::size_t> sizes_of(const Answer& answer) {
  std::vector<std::size_t> sizes;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) sizes.push_back(item.data.size());
  return sizes;
}

std::vector<bool> close_on_exec_of(const Answer& answer) {
  std::vector<bool> flags;
  for (const kit::ReceivedDescriptor& descriptor : answer.seen.descriptors) flags.push_back(descriptor.close_on_exec);
  return flags;
}

CLAIM(Descriptors, ReceivedDescriptorsShareTheSentOpenFiles,
      cites({"rights-share-the-open-file", "ancdata-rights-in-order"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/3);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .files = files_from(0, 3)});
  const bool shared = std::ranges::all_of(answer.seen.descriptors, &kit::ReceivedDescriptor::shares_offset);
  expect_that("offsets", "those of the sender's descriptors", shared ? "the same" : "others", shared);
}

CLAIM(Descriptors, SeveralRightsItemsArriveAsOne,
      cites({"rights-of-a-message-are-one-item", "ancdata-rights-in-order"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  stage().send_with("abcd", {Rights{.files = 1}, Rights{.files = 2}, Rights{.files = 1}});
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .files = files_from(0, 4)});
  expect_equal("bytes of each item", std::vector{4 * sizeof(int)}, sizes_of(answer));
}

CLAIM(Descriptors, RightsWithoutAWholeDescriptorMakeNoItem, cites("ancdata-is-empty-without-items"),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  for (const char* fraction : {"", "abc"}) {
    stage().send_with("abcd", {Rights{.files = 0, .more = fraction}});
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = 8192}),
           {.data = "abcd", .msg_flags = 0, .ancdata = Items{}, .files = Files{}});
  }
}

CLAIM(Descriptors, RightsWithATrailingFractionKeepWholeDescriptors, cites("rights-of-a-message-are-one-item"),
      on(kit::kUnixKinds), needs(kAncillary, kRights)) {
  stage().send_with("abcd", {Rights{.files = 2, .more = "abc"}});
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .files = files_from(0, 2)});
  expect_equal("bytes of each item", std::vector{2 * sizeof(int)}, sizes_of(answer));
}

CLAIM(Descriptors, ScmMaxFdDescriptorsArriveTogether,
      cites({"rights-as-many-as-the-system-sends", "ancdata-rights-in-order", "ctrunc-only-when-cut"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  constexpr std::size_t kScmMaxFd = 253;
  send("abcd", kScmMaxFd);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_space(kScmMaxFd * sizeof(int))}),
         {.data = "abcd", .msg_flags = 0, .files = files_from(0, kScmMaxFd)});
}

CLAIM(Descriptors, MsgCmsgCloexecSetsCloseOnExec, cites("rights-close-on-exec-on-request"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kFlags)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/3);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_CMSG_CLOEXEC});
  expect(answer, {.data = "abcd", .files = files_from(0, 3)});
  expect_equal("close-on-exec", std::vector<bool>(3, true), close_on_exec_of(answer));
}

CLAIM(Descriptors, MsgCmsgCloexecAppliesToPeekedRights,
      cites({"rights-close-on-exec-on-request", "peek-duplicates-descriptors"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kFlags)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/2);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_CMSG_CLOEXEC | MSG_PEEK});
  expect(answer, {.data = "abcd", .files = files_from(0, 2)});
  expect_equal("close-on-exec", std::vector<bool>(2, true), close_on_exec_of(answer));
}

CLAIM(Descriptors, MsgCmsgCloexecAppliesToTruncatedRights,
      cites({"rights-close-on-exec-on-request", "ctrunc-is-reported", "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kFlags, kMsgFlags)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/3);
  const Answer answer =
      receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_len(2 * sizeof(int)), .flags = MSG_CMSG_CLOEXEC});
  expect(answer, {.data = "abcd", .msg_flags = MSG_CTRUNC, .files = files_from(0, 2)});
  expect_equal("close-on-exec", std::vector<bool>(2, true), close_on_exec_of(answer));
}

// No document says what an implementation adds of its own: the system's answer is none, and GLib's is all.
CLAIM(Descriptors, CloseOnExecIsUniformWithoutMsgCmsgCloexec, cites("rights-alike-across-exec"), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/3);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .files = files_from(0, 3)});
  const auto close_on_exec = std::ranges::count(close_on_exec_of(answer), true);
  expect_that("close-on-exec", "all of them or none", std::to_string(close_on_exec) + " of 3",
              close_on_exec == 0 || close_on_exec == 3);
}

CLAIM(Descriptors, ReceivedDescriptorsOutliveTheSender,
      cites({"rights-outlive-the-sender", "rights-share-the-open-file"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/2);
  stage().close_files();
  stage().peer_closes();
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .files = files_from(0, 2)});
  const bool shared = std::ranges::all_of(answer.seen.descriptors, &kit::ReceivedDescriptor::shares_offset);
  expect_that("offsets", "those of the sender's descriptors", shared ? "the same" : "others", shared);
  if (kind() == kit::kUnixDatagram) return;
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "", .files = Files{}});
}

CLAIM(Descriptors, SocketCanReceiveItsOwnDescriptor, cites("rights-of-a-socket-over-itself"), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  stage().send_with("abcd", {OwnSocket{}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0}});
  send("after");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty()}), {.data = "after", .files = Files{}});
}

/// An implementation may need a descriptor of its own for a call (a duplicate of the socket): then it fails before it
/// receives.
bool lacks_a_descriptor_itself(const Answer& answer) {
  return answer.seen.error && answer.seen.error->number == EMFILE;
}

CLAIM(Descriptors, DescriptorsBeyondTheRlimitAreClosed,
      cites({"rights-up-to-the-descriptor-limit", "ctrunc-is-reported", "ctrunc-only-when-cut",
             "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kMsgFlags)) {
  constexpr std::size_t kSent = 3;
  std::size_t its_own = 0;
  for (std::size_t free = 0; free <= kSent; ++free) {
    send("abcd", kSent);
    stage().limit_descriptors(free);
    const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
    if (free == 0 && lacks_a_descriptor_itself(answer)) {
      expect_queue({{"abcd", kSent}});
      its_own = 1;
      continue;
    }
    const std::size_t fitting = free - its_own;
    expect(answer,
           {.data = "abcd", .msg_flags = fitting < kSent ? MSG_CTRUNC : 0, .files = files_from(free * kSent, fitting)});
  }
}

// Who takes an item that came for a sign that all came is deceived.
CLAIM(Descriptors, DescriptorsBeyondTheRlimitKeepEarlierItems,
      cites({"rights-up-to-the-descriptor-limit", "ctrunc-is-reported", "descriptors-none-left-open"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kMsgFlags), reporting({"credentials"})) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd", /*files=*/1);
  stage().limit_descriptors(0);
  const kit::Call call{.buffers = rooms(2, 2), .ancbufsize = plenty()};
  Answer answer = receive(call);
  if (lacks_a_descriptor_itself(answer)) {
    stage().limit_descriptors(1);
    answer = receive(call);
  }
  expect(answer, {.data = "abcd", .msg_flags = MSG_CTRUNC, .files = Files{}});
  expect_equal("bytes of each item", std::vector{sizeof(ucred)}, sizes_of(answer));
}

CLAIM(Descriptors, QueuedDescriptorsSurviveShutdownRead,
      cites({"shut-down-reader-gets-the-queue", "ancdata-rights-in-order"}), on(kit::kUnixConnectedKinds),
      needs(kAncillary, kRights)) {
  send("abcd", /*files=*/2);
  stage().shut_down(SHUT_RD);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}), {.data = "abcd", .files = files_from(0, 2)});
}

CLAIM(Descriptors, QueuedDescriptorsSurviveDisabledPassrights, cites("rights-queued-before-they-were-forbidden"),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kMsgFlags)) {
  send("abcd", /*files=*/2);
  stage().set_option(SOL_SOCKET, kit::kSoPassRights, 0);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .files = files_from(0, 2)});
}

// --- a census of the process's descriptors, of whatever kind ---------------------------------------------------------

constexpr int kCalls = 24;

/// Runtimes open descriptors of their own, once: what counts is whether it goes on, call by call.
template <typename Call>
std::size_t growth_over_calls(kit::Stage& stage, Call call) {
  for (int i = 0; i < 8; ++i) call(i);
  const std::size_t before = stage.count_descriptors();
  for (int i = 0; i < kCalls; ++i) call(i);
  const std::size_t after = stage.count_descriptors();
  return after < before ? 0 : after - before;
}

std::string growth_told(std::size_t growth) {
  return std::to_string(growth) + " more in " + std::to_string(kCalls) + " calls";
}

CLAIM(DescriptorLeaks, SuccessfulCallsLeakNoDescriptors, cites("calls-leave-no-descriptors"), on(kit::kOneOfEachSort),
      needs()) {
  const std::size_t growth = growth_over_calls(stage(), [this](int) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd"});
  });
  expect_that("open descriptors", "no more with each call", growth_told(growth), growth < kCalls / 2);
}

CLAIM(DescriptorLeaks, FailingCallsLeakNoDescriptors, cites("calls-leave-no-descriptors"), on(kit::kOneOfEachSort),
      needs(kNonblocking)) {
  const std::size_t growth = growth_over_calls(stage(), [this](int) {
    expect(receive({.buffers = rooms(2, 2), .timeout = std::chrono::milliseconds(0)}), {.failure = would_block()});
  });
  expect_that("open descriptors", "no more with each call", growth_told(growth), growth < kCalls / 2);
}

CLAIM(DescriptorLeaks, TruncatedRightsLeakNoDescriptors,
      cites({"calls-leave-no-descriptors", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize)) {
  const std::size_t growth = growth_over_calls(stage(), [this](int i) {
    send("abcd", /*files=*/2);
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = i % cmsg_len(2 * sizeof(int))}), {.data = "abcd"});
  });
  expect_that("open descriptors", "no more with each call", growth_told(growth), growth < kCalls / 2);
}

}  // namespace
}  // namespace recvinto::conformance
