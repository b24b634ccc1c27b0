// Two receives at a time, on threads of their own: the first waits while the second is made.

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/waiting.h"
#include "kit/host/process_facts.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

kit::Call concurrent(kit::Call call) {
  call.concurrent = true;
  return call;
}

CLAIM(Concurrency, CallReturnsWhileAnotherOneWaits, cites("concurrent-calls-are-independent"), on(kit::kEveryKind),
      needs(kConcurrent)) {
  start(concurrent({.buffers = rooms(3, 3)}));
  expect_sleep();
  second().send("efghijkl");
  start_second(concurrent({.buffers = {room(9), room(2)}}));
  expect(finish_second(), {.data = "efghijkl"});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(Concurrency, EachOfTwoWaitingCallsGetsItsData, cites("concurrent-calls-are-independent"), on(kit::kEveryKind),
      needs(kConcurrent)) {
  start(concurrent({.buffers = rooms(2, 3)}));
  expect_sleep();
  start_second(concurrent({.buffers = {room(1), room(8)}}));
  second().send("efghijkl");
  expect(finish_second(), {.data = "efghijkl"});
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

// Lengths of buffers that another call has handed over meanwhile.
CLAIM(Concurrency, BuffersOfEachCallAreItsOwn, cites({"concurrent-calls-are-independent", "fill-in-order"}),
      on(kit::kEveryKind), needs(kScatter, kConcurrent)) {
  start(concurrent({.buffers = {room(1), room(5), room(2)}}));
  expect_sleep();
  second().send("ijkl");
  start_second(concurrent({.buffers = rooms(4, 1)}));
  expect(finish_second(), {.data = "ijkl"});
  send("abcdefgh");
  expect(finish(), {.data = "abcdefgh"});
}

CLAIM(Concurrency, AddressOfEachCallIsItsOwn, cites("concurrent-calls-are-independent"), on(kit::kUdpKinds),
      needs(kAddress, kConcurrent)) {
  const std::size_t sender = stage().add_sender();
  const std::size_t other = second().add_sender();
  start(concurrent({.buffers = {room(8)}}));
  expect_sleep();
  second().send("efgh", 0, other);
  start_second(concurrent({.buffers = {room(8)}}));
  expect(finish_second(), {.data = "efgh", .address = second().address_of(other)});
  stage().send("abcd", 0, sender);
  expect(finish(), {.data = "abcd", .address = stage().address_of(sender)});
}

CLAIM(Concurrency, RoomForAncillaryDataOfEachCallIsItsOwn, cites("concurrent-calls-are-independent"),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags, kConcurrent)) {
  start(concurrent({.buffers = {room(8)}, .ancbufsize = plenty()}));
  expect_sleep();
  second().send("efgh", /*files=*/1);
  start_second(concurrent({.buffers = {room(8)}, .ancbufsize = 0}));
  expect(finish_second(), {.data = "efgh", .msg_flags = MSG_CTRUNC, .ancdata = Items{}, .files = Files{}});
  send("abcd", /*files=*/2);
  expect(finish(), {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
}

CLAIM(Concurrency, FlagsOfEachCallAreItsOwn, cites("concurrent-calls-are-independent"), on(kit::kEveryKind),
      needs(kFlags, kConcurrent)) {
  start(concurrent({.buffers = {room(8)}}));
  expect_sleep();
  second().send("efgh");
  start_second(concurrent({.buffers = {room(8)}, .flags = MSG_PEEK}));
  expect(finish_second(), {.data = "efgh"});
  send("abcd");
  expect(finish(), {.data = "abcd"});
  expect_queue({});
}

CLAIM(Concurrency, ErrorOfOneCallIsNotTheOthers, cites("concurrent-calls-are-independent"), on(kit::kEveryKind),
      needs(kNonblocking, kConcurrent)) {
  start(concurrent({.buffers = rooms(2, 3)}));
  expect_sleep();
  start_second(concurrent({.buffers = {room(8)}, .timeout = kNoWait}));
  expect(finish_second(), {.failure = would_block()});
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(Concurrency, TimeoutOfOneCallIsNotTheOthers, cites({"concurrent-calls-are-independent", "timeout-ends-the-wait"}),
      on(kit::kOneOfEachSort), needs(kTimeout, kConcurrent)) {
  start(concurrent({.buffers = rooms(2, 3), .timeout = kLong}));
  expect_sleep();
  start_second(concurrent({.buffers = {room(8)}, .timeout = milliseconds(10)}));
  expect(finish_second(), {.failure = timed_out()});
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

CLAIM(Concurrency, TwoCallsOnOneSocketReceiveOneMessageEach,
      cites({"concurrent-calls-share-a-socket", "message-is-read-whole"}), on(kit::kMessageKinds), needs(kConcurrent)) {
  let_second_share_the_socket();
  start(concurrent({.buffers = rooms(2, 3)}));
  expect_sleep();
  start_second(concurrent({.buffers = rooms(2, 3)}));
  send("abcd");
  const bool is_first = stage().is_first_answered();
  send("efgh");
  expect(is_first ? finish() : finish_second(), {.data = "abcd"});
  expect(is_first ? finish_second() : finish(), {.data = "efgh"});
}

CLAIM(Concurrency, TwoCallsOnOneSocketHaveRoomOfTheirOwn,
      cites({"concurrent-calls-share-a-socket", "message-is-read-whole"}), on(kit::kMessageKinds), needs(kConcurrent)) {
  let_second_share_the_socket();
  start(concurrent({.buffers = rooms(2, 2)}));
  expect_sleep();
  start_second(concurrent({.buffers = rooms(4, 8)}));
  send("abcdefgh");
  send("ijklmnop");
  const Answer narrow = finish();
  const Answer wide = finish_second();
  const bool is_front = !narrow.seen.storages.empty() && narrow.seen.storages[0].starts_with('a');
  expect(narrow, {.data = is_front ? "abcd" : "ijkl"});
  expect(wide, {.data = is_front ? "ijklmnop" : "abcdefgh"});
}

// Unlike a message, what one call leaves of a stream is the other one's.
CLAIM(Concurrency, TwoCallsOnOneStreamShareItsData,
      cites({"concurrent-calls-share-a-socket", "stream-discards-nothing"}), on(kit::kStreamKinds),
      needs(kConcurrent)) {
  let_second_share_the_socket();
  start(concurrent({.buffers = {room(4)}}));
  expect_sleep();
  start_second(concurrent({.buffers = {room(4)}}));
  send("abcdefgh");
  const bool is_first = stage().is_first_answered();
  const Answer one = is_first ? finish() : finish_second();
  const Answer other = is_first ? finish_second() : finish();
  const bool is_front = !one.seen.storages.empty() && one.seen.storages[0] == "abcd";
  expect(one, {.data = is_front ? "abcd" : "efgh"});
  expect(other, {.data = is_front ? "efgh" : "abcd"});
}

/// How many descriptors a process opens until one has that number, if it is free.
std::size_t opened_until(int number, pid_t process) {
  const std::vector<kit::OpenDescriptor> open = kit::open_descriptors(process);
  const auto is_below = [number](const kit::OpenDescriptor& one) { return one.number < number; };
  return static_cast<std::size_t>(number + 1 - std::ranges::count_if(open, is_below));
}

// Where a timeout, or a signal, has the number looked up again, no document says whose it may be by then: runtimes that
// send signals to themselves do not declare kSignals.
CLAIM(Concurrency, DescriptorIsReplacedWhileTheCallWaits, cites("closed-number-keeps-the-wait"), on(kit::kUnixKinds),
      needs(kSystemWait, kSignals, kAncillary, kRights, kAncbufsize, kConcurrent)) {
  start(concurrent({.buffers = rooms(3, 5)}));
  expect_sleep();
  stage().close_receiver();
  // The number is that of the last descriptor which the second call receives: its sender's socket, which has data.
  const std::size_t opened = opened_until(stage().receiver_there(), implementation_pid());
  constexpr std::size_t kMostDescriptors = 253;  // of a message: unix(7), SCM_RIGHTS
  if (opened > kMostDescriptors) throw kit::EnvironmentLacks("too many numbers are free for one message");
  second().send_backwards("not ours");
  second().send_with("efgh", {kit::sent::Rights{.files = opened - 1}, kit::sent::OwnSocket{}});
  start_second(concurrent({.buffers = {room(8)}, .ancbufsize = cmsg_space(opened * sizeof(int))}));
  const Answer other = finish_second();
  expect(other, {.data = "efgh"});
  if (other.seen.descriptors.empty() || other.seen.descriptors.back().number != stage().receiver_there())
    throw kit::EnvironmentLacks("the implementation's process opens descriptors of its own");
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
  second().send_backwards("!");
  expect_equal("left for the other socket", kit::Bytes(kind().is_stream() ? "not ours!" : "not ours"),
               second().peer_reads());
}

}  // namespace
}  // namespace recvinto::conformance
