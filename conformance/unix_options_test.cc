// What unix sockets make of flags and options that one thinks of with TCP and UDP: urgent data, the error queue,
// timestamps, what is left in the queue.

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "kit/values/unix_options.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

void send_urgent(kit::Stage& stage, const kit::Bytes& data) {
  try {
    stage.send(data, /*files=*/0, /*sender=*/0, MSG_OOB);
  } catch (const std::system_error& error) {
    if (error.code().value() != EOPNOTSUPP) throw;
    throw kit::EnvironmentLacks("its unix streams have no urgent data (MSG_OOB)");
  }
}

CLAIM(UnixUrgentData, UnixUrgentByteIsReceivedSeparately, cites("unix-urgent-byte"), on(kit::kUnixStream),
      needs(kFlags, kMsgFlags)) {
  send_urgent(stage(), "hello");
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_OOB}), {.data = "o", .msg_flags = MSG_OOB});
  expect(receive({.buffers = rooms(2, 3)}), {.data = "hell", .msg_flags = 0});
}

CLAIM(UnixUrgentData, UnixUrgentByteEndsAnOrdinaryReceive, cites("unix-urgent-byte"), on(kit::kUnixStream),
      needs(kFlags, kMsgFlags)) {
  send_urgent(stage(), "hello");
  expect(receive({.buffers = rooms(2, 3)}), {.data = "hell", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_OOB}), {.data = "o", .msg_flags = MSG_OOB});
}

CLAIM(UnixErrorQueue, MsgErrqueueOnUnixIsIgnored, cites("unix-has-no-error-queue"), on(kit::kUnixKinds),
      needs(kFlags, kMsgFlags)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_ERRQUEUE}), {.data = "abcd", .msg_flags = 0});
  expect_queue({});
}

CLAIM(UnixErrorQueue, TimedMsgErrqueueOnUnixReturnsData, cites("unix-has-no-error-queue"), on(kit::kUnixKinds),
      needs(kFlags, kMsgFlags, kTimeout)) {
  start({.buffers = rooms(2, 2), .flags = MSG_ERRQUEUE, .timeout = std::chrono::seconds(2)});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .msg_flags = 0});
}

CLAIM(UnixTimestamp, UnixMessageHasATimestamp, cites({"unix-timestamps-of-messages", "ancdata-items-are-complete"}),
      on(kit::kUnixMessageKinds), needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"timestamp"})) {
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  for (int i = 0; i < 2; ++i) {
    send("abcd");
    const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
    expect(answer, {.data = "abcd", .msg_flags = 0});
    // struct timeval: two words.
    expect_equal("items", ItemShapes{{SOL_SOCKET, SCM_TIMESTAMP, 2 * abi().word}}, shapes_of(answer));
  }
}

CLAIM(UnixTimestamp, UnixStreamHasNoTimestamp, cites({"unix-timestamps-of-messages", "ancdata-is-empty-without-items"}),
      on(kit::kUnixStream), needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"timestamp"})) {
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(UnixInq, UnixInqIsTheNumberOfQueuedBytes, cites({"unix-inq-tells-what-is-left", "ancdata-items-are-complete"}),
      on(kit::kUnixStream), needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"inq"})) {
  stage().set_option(SOL_SOCKET, kit::kSoInq, 1);
  send("abcdef");
  for (const int left : {4, 2, 0}) {
    expect(receive({.buffers = rooms(2, 1), .ancbufsize = 64}),
           {.nbytes = 2, .msg_flags = 0, .ancdata = Items{item(SOL_SOCKET, kit::kScmInq, left)}});
  }
}

}  // namespace
}  // namespace recvinto::conformance
