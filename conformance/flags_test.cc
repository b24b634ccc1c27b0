// Every flag that recv(2) or send(2) documents, on every kind of socket and in every mode: what the suite's own
// recvmsg(2) makes of it on the same traffic.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

/// Those that recv(2) knows.
constexpr std::array kReceiveFlags{MSG_CMSG_CLOEXEC, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB,
                                   MSG_PEEK,         MSG_TRUNC,    MSG_WAITALL};
/// Those of send(2), and one that only recvmmsg(2) reads.
constexpr std::array kForeignFlags{MSG_CONFIRM,  MSG_DONTROUTE, MSG_EOR,       MSG_MORE,
                                   MSG_NOSIGNAL, MSG_FASTOPEN,  MSG_WAITFORONE};

std::vector<int> every_flag() {
  std::vector<int> flags(kReceiveFlags.begin(), kReceiveFlags.end());
  flags.insert(flags.end(), kForeignFlags.begin(), kForeignFlags.end());
  for (const int pair : {MSG_PEEK | MSG_TRUNC, MSG_PEEK | MSG_WAITALL, MSG_WAITALL | MSG_DONTWAIT}) {
    flags.push_back(pair);
  }
  return flags;
}

/// What is expected of a call where recvmsg(2) did this.
Expected same_as(const kit::Observation& system, bool has_timeout) {
  if (!system.error) {
    // Linux echoes MSG_CMSG_CLOEXEC, and no comparison looks at it.
    return {.storages = system.storages,
            .nbytes = system.nbytes,
            .msg_flags = system.msg_flags.value_or(0) & ~int{MSG_CMSG_CLOEXEC}};
  }
  // What is there is not what was asked for: only the time ends that.
  if (has_timeout && system.error->number == EAGAIN) return {.failure = timed_out()};
  return {.failure = os_error(system.error->number.value_or(0))};
}

/// So that no flag makes a call wait for more.
void send_more_than_fits(kit::Stage& stage) {
  for (const char* data : {"abcdef", "gh"}) stage.send(data);
}

CLAIM(Flags, EveryFlagInBlockingModeMatchesRecvmsg, cites({"agrees-with-recvmsg", "ignored-flags-change-nothing"}),
      on(kit::kEveryKind), needs(kFlags, kMsgFlags, kSystemWait)) {
  for (const int flags : every_flag()) {
    const kit::Call call{.buffers = {room(1), room(2)}, .flags = flags};
    send_more_than_fits(stage());
    const kit::Observation system = by_recvmsg(call);
    const std::vector<kit::QueuedMessage> left = stage().drain();
    send_more_than_fits(stage());
    expect(receive(call), same_as(system, false));
    expect_queue(left);
    if (HasFailure()) return;  // what was done ends with the flags that went wrong
  }
}

CLAIM(Flags, EveryFlagInNonBlockingModeMatchesRecvmsg, cites({"agrees-with-recvmsg", "ignored-flags-change-nothing"}),
      on(kit::kEveryKind), needs(kFlags, kMsgFlags, kNonblocking)) {
  for (const int flags : every_flag()) {
    const kit::Call call{.buffers = {room(1), room(2)}, .flags = flags, .timeout = milliseconds(0)};
    send_more_than_fits(stage());
    const kit::Observation system = by_recvmsg(call);
    const std::vector<kit::QueuedMessage> left = stage().drain();
    send_more_than_fits(stage());
    expect(receive(call), same_as(system, false));
    expect_queue(left);
    if (HasFailure()) return;  // what was done ends with the flags that went wrong
  }
}

CLAIM(Flags, EveryFlagInTimeoutModeMatchesRecvmsg, cites({"agrees-with-recvmsg", "ignored-flags-change-nothing"}),
      on(kit::kEveryKind), needs(kFlags, kMsgFlags, kTimeout)) {
  for (const int flags : every_flag()) {
    kit::Call call{.buffers = {room(1), room(2)}, .flags = flags, .timeout = milliseconds(30'000)};
    send_more_than_fits(stage());
    const kit::Observation system = by_recvmsg(call);
    const std::vector<kit::QueuedMessage> left = stage().drain();
    send_more_than_fits(stage());
    const Expected expected = same_as(system, true);
    if (expected.failure) call.timeout = milliseconds(5);
    expect(receive(call), expected);
    expect_queue(left);
    if (HasFailure()) return;  // what was done ends with the flags that went wrong
  }
}

// Without data: with most flags it is nothing that is found, with some nothing that can be asked for.
CLAIM(Flags, EveryFlagOnAnEmptySocketMatchesRecvmsg, cites({"agrees-with-recvmsg", "nonblocking-returns-at-once"}),
      on(kit::kEveryKind), needs(kFlags, kMsgFlags, kNonblocking)) {
  for (const int flags : every_flag()) {
    const kit::Call call{.buffers = {room(1), room(2)}, .flags = flags, .timeout = milliseconds(0)};
    expect(receive(call), same_as(by_recvmsg(call), false));
    if (HasFailure()) return;
  }
}

CLAIM(Flags, SendFlagsAreIgnored, cites("ignored-flags-change-nothing"), on(kit::kEveryKind),
      needs(kFlags, kMsgFlags)) {
  int all = 0;
  for (const int flags : kForeignFlags) all |= flags;
  for (const int flags : {int{MSG_EOR}, int{MSG_DONTROUTE}, int{MSG_NOSIGNAL}, int{MSG_MORE}, all}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .flags = flags}), {.data = "abcd", .msg_flags = 0});
  }
}

// Linux sets it in msg_flags, whatever came; no document asks for that.
CLAIM(Flags, MsgCmsgCloexecDoesNotAffectData, cites("cmsg-cloexec-is-for-descriptors"), on(kit::kEveryKind),
      needs(kFlags, kMsgFlags)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_CMSG_CLOEXEC}), {.data = "abcd", .msg_flags = 0});
  send("abcdef");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_CMSG_CLOEXEC}),
         {.data = "abcd", .msg_flags = kind().is_stream() ? 0 : int{MSG_TRUNC}});
}

// The highest bit says that a 32-bit program called a 64-bit kernel: only the kernel itself can know.
CLAIM(Flags, KernelOnlyFlagsFailWithEinval, cites({"impossible-flags-are-einval", "refused-calls-write-nothing"}),
      on(kit::kEveryKind), needs(kFlags, kRecvmsg)) {
  require_words_of_64_bits();
  send("abcd");
  for (const std::int64_t flags : {std::int64_t{INT_MIN}, std::int64_t{INT_MIN} | MSG_PEEK, std::int64_t{-1}}) {
    expect(receive({.buffers = rooms(2, 2), .flags = flags}), {.failure = os_error(EINVAL)});
  }
  expect_queue({{"abcd", 0}});
}

CLAIM(Flags, MsgEorOfTheSenderMatchesRecvmsg, cites("end-of-record-as-the-system-says"), on(kit::kEveryKind),
      needs(kMsgFlags)) {
  const kit::Call call{.buffers = rooms(2, 2)};
  const auto send_record = [this] { stage().send("abcd", /*files=*/0, /*sender=*/0, MSG_EOR); };
  send_record();
  const kit::Observation system = by_recvmsg(call);
  send_record();
  expect(receive(call), {.data = "abcd", .msg_flags = system.msg_flags});
}

}  // namespace
}  // namespace recvinto::conformance
