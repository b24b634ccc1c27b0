// Timeout mode: what is received with a timeout is as complete as without one, whether it was waited for or not.

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "conformance/descriptors.h"
#include "conformance/framework/check.h"
#include "conformance/waiting.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;
using std::chrono::milliseconds;

CLAIM(TimedReceive, TruncatedMessageReportsTrunc, cites({"trunc-is-reported", "timeout-data-ends-the-wait"}),
      on(kit::kMessageKinds), needs(kMsgFlags, kTimeout)) {
  send("abcdefgh");
  expect(receive({.buffers = rooms(2, 2), .timeout = kLong}), {.data = "abcd", .msg_flags = MSG_TRUNC});
}

CLAIM(TimedReceive, TruncatedItemsReportCtrunc, cites({"ctrunc-is-reported", "timeout-data-ends-the-wait"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags, kTimeout)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_len(sizeof(int)), .timeout = kLong}),
         {.data = "abcd", .msg_flags = MSG_CTRUNC, .files = Files{0}});
}

CLAIM(TimedReceive, CloseOnExecIsSetInTimeoutMode,
      cites({"rights-close-on-exec-on-request", "timeout-data-ends-the-wait"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kFlags, kTimeout)) {
  require_descriptor_facts(stage());
  send("abcd", /*files=*/2);
  const Answer answer =
      receive({.buffers = rooms(2, 2), .ancbufsize = plenty(), .flags = MSG_CMSG_CLOEXEC, .timeout = kLong});
  expect(answer, {.data = "abcd", .files = Files{0, 1}});
  expect_equal("close-on-exec", std::string("every one"), close_on_exec_of(answer));
}

// Who waits by a first receive that finds nothing makes a second one: with room for the items, too.
CLAIM(TimedReceive, DescriptorsAreReceivedAfterAWait, cites({"ancdata-rights-in-order", "timeout-data-ends-the-wait"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kMsgFlags, kTimeout)) {
  start({.buffers = rooms(2, 2), .ancbufsize = plenty(), .timeout = kLong});
  expect_sleep();
  send("abcd", /*files=*/2);
  expect(finish(), {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
}

CLAIM(TimedReceive, PeekWaitsForData, cites({"timeout-data-ends-the-wait", "peek-leaves-the-data"}),
      on(kit::kEveryKind), needs(kFlags, kTimeout)) {
  start({.buffers = rooms(2, 2), .flags = MSG_PEEK, .timeout = kLong});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
  expect_queue({{"abcd", 0}});
}

CLAIM(TimedReceive, ReceiveWithoutBuffersWaits, cites({"no-buffers-find-nothing", "timeout-data-ends-the-wait"}),
      on(kit::kMessageKinds), needs(kNoBuffers, kTimeout)) {
  start({.buffers = {}, .timeout = kLong});
  expect_sleep();
  send("abcd");
  expect(finish(), {.nbytes = 0});
  expect_queue({});
}

CLAIM(TimedReceive, EndOfStreamComesAfterTheData, cites({"eof-comes-after-the-data", "eof-is-zero"}),
      on(kit::kConnectedKinds), needs(kTimeout)) {
  send("abcd");
  stage().peer_closes();
  expect(receive({.buffers = rooms(2, 2), .timeout = kLong}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 2), .timeout = kLong}), {.data = ""});
}

// What an implementation did to the socket for the sake of the timeout is undone when it has passed.
CLAIM(TimedReceive, BlockingCallAfterATimeoutWaits, cites({"timeout-loses-nothing", "stream-returns-what-is-there"}),
      on(kit::kEveryKind), needs(kTimeout)) {
  expect(receive({.buffers = rooms(2, 2), .timeout = milliseconds(1)}), {.failure = timed_out()});
  start({.buffers = rooms(2, 2)});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd"});
}

}  // namespace
}  // namespace recvinto::conformance
