// What unix sockets make of flags and options that one thinks of with TCP and UDP: urgent data, the error queue,
// timestamps, what is left in the queue.

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

// <asm-generic/socket.h> has them since Linux 6.17.
constexpr int kSoInq = 84;
constexpr int kScmInq = kSoInq;

void send_urgent(kit::Stage& stage, const kit::Bytes& data) {
  try {
    stage.send(data, /*files=*/0, /*sender=*/0, MSG_OOB);
  } catch (const std::system_error& error) {
    if (error.code().value() != EOPNOTSUPP) throw;
    throw kit::EnvironmentLacks("its unix streams have no urgent data (MSG_OOB)");
  }
}

CLAIM(UnixUrgentData, IsReceivedApart, cites("unix-urgent-byte"), on(kit::kUnixStream),
      needs(kScatter, kFlags, kMsgFlags)) {
  send_urgent(stage(), "hello");
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_OOB}), {.data = "o", .msg_flags = MSG_OOB});
  expect(receive({.buffers = rooms(2, 3)}), {.data = "hell", .msg_flags = 0});
}

CLAIM(UnixUrgentData, EndsAnOrdinaryReceive, cites("unix-urgent-byte"), on(kit::kUnixStream),
      needs(kScatter, kFlags, kMsgFlags)) {
  send_urgent(stage(), "hello");
  expect(receive({.buffers = rooms(2, 3)}), {.data = "hell", .msg_flags = 0});
  expect(receive({.buffers = rooms(2, 3), .flags = MSG_OOB}), {.data = "o", .msg_flags = MSG_OOB});
}

CLAIM(UnixErrorQueue, DoesNotExist, cites("unix-has-no-error-queue"), on(kit::kUnixKinds),
      needs(kScatter, kFlags, kMsgFlags)) {
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .flags = MSG_ERRQUEUE}), {.data = "abcd", .msg_flags = 0});
  expect_queue({});
}

CLAIM(UnixErrorQueue, DoesNotKeepACallWithATimeoutFromTheData, cites("unix-has-no-error-queue"), on(kit::kUnixKinds),
      needs(kScatter, kFlags, kMsgFlags, kTimeout)) {
  start({.buffers = rooms(2, 2), .flags = MSG_ERRQUEUE, .timeout = std::chrono::seconds(2)});
  expect_sleep();
  send("abcd");
  expect(finish(), {.data = "abcd", .msg_flags = 0});
}

CLAIM(UnixTimestamp, ComesWithEachMessage, cites({"unix-timestamps-of-messages", "ancdata-items-are-complete"}),
      on(kit::kUnixMessageKinds), needs(kScatter, kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  for (int i = 0; i < 2; ++i) {
    send("abcd");
    const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = 512});
    expect(answer, {.data = "abcd", .msg_flags = 0});
    const Items items = answer.seen.ancdata.value_or(Items{});
    expect_equal("number of items", std::size_t{1}, items.size());
    if (items.size() != 1) return;
    expect_equal("level", SOL_SOCKET, items[0].level);
    expect_equal("type", int{SCM_TIMESTAMP}, items[0].type);
    // struct timeval: two words.
    expect_equal("bytes of data", 2 * abi().word, items[0].data.size());
  }
}

CLAIM(UnixTimestamp, DoesNotComeWithAStream, cites({"unix-timestamps-of-messages", "ancdata-is-empty-without-items"}),
      on(kit::kUnixStream), needs(kScatter, kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  stage().set_option(SOL_SOCKET, SO_TIMESTAMP, 1);
  send("abcd");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 512}), {.data = "abcd", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(UnixInq, TellsWhatIsLeftInTheQueue, cites({"unix-inq-tells-what-is-left", "ancdata-items-are-complete"}),
      on(kit::kUnixStream), needs(kScatter, kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  try {
    stage().set_option(SOL_SOCKET, kSoInq, 1);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOPROTOOPT) throw;
    throw kit::EnvironmentLacks("its unix streams have no SO_INQ");
  }
  send("abcdef");
  for (const int left : {4, 2, 0}) {
    kit::Bytes number(sizeof left, '\0');
    std::memcpy(number.data(), &left, sizeof left);
    expect(receive({.buffers = rooms(2, 1), .ancbufsize = 64}),
           {.nbytes = 2, .msg_flags = 0, .ancdata = Items{{SOL_SOCKET, kScmInq, number}}});
  }
}

}  // namespace
}  // namespace recvinto::conformance
