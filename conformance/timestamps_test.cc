// The times that a system stamps packets with, at their arrival and at their leaving.

#include <ctime>  // before <linux/errqueue.h>, which wants timespec

#include <fmt/format.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "conformance/framework/check.h"
#include "conformance/items.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

// By their numbers: the names without a suffix are macros that choose one of these.
constexpr int kTimestamp = 29;
constexpr int kTimestampInNanoseconds = 35;
constexpr int kTimestamping = 37;
constexpr int kTimestampNew = 63;
constexpr int kTimestampInNanosecondsNew = 64;

/// The `index`th number of `size` bytes in an item's data; -1 if the data is too short.
std::int64_t number_in(const kit::Bytes& data, std::size_t index, std::size_t size) {
  if (data.size() < (index + 1) * size) return -1;
  std::int64_t wide = 0;
  std::int32_t narrow = 0;
  if (size == sizeof wide) {
    std::memcpy(&wide, data.data() + index * size, size);
  } else {
    std::memcpy(&narrow, data.data() + index * size, sizeof narrow);
    wide = narrow;
  }
  return wide;
}

/// What the first item of an answer says of the time: two numbers of `size` bytes each, the second one a fraction of
/// which a second has `in_a_second`.
std::string time_told(const Answer& answer, std::size_t size, std::int64_t in_a_second) {
  constexpr std::int64_t kAMinute = 60;  // for a clock that is set meanwhile, and for the slowest of machines
  const Items items = answer.seen.ancdata.value_or(Items{});
  if (items.empty()) return "none";
  const std::int64_t seconds = number_in(items[0].data, 0, size);
  const std::int64_t fraction = number_in(items[0].data, 1, size);
  const bool just_now = std::abs(seconds - static_cast<std::int64_t>(std::time(nullptr))) <= kAMinute;
  if (just_now && 0 <= fraction && fraction < in_a_second) return "just now";
  return fmt::format("{} seconds and {}/{}", seconds, fraction, in_a_second);
}
constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

CLAIM(Timestamps, SoTimestampIsTheTimeOfArrival, cites({"timestamp-in-microseconds", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestamp"})) {
  stage().set_option(SOL_SOCKET, kTimestamp, 1);
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  expect_equal("items", ItemShapes{{SOL_SOCKET, kTimestamp, 2 * abi().word}}, shapes_of(answer));
  expect_equal<std::string>("timestamp", "just now", time_told(answer, abi().word, kMicroseconds));
}

CLAIM(Timestamps, SoTimestampnsIsTheTimeOfArrival, cites({"timestamp-in-nanoseconds", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestampns"})) {
  stage().set_option(SOL_SOCKET, kTimestampInNanoseconds, 1);
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  expect_equal("items", ItemShapes{{SOL_SOCKET, kTimestampInNanoseconds, 2 * abi().word}}, shapes_of(answer));
  expect_equal<std::string>("timestamp", "just now", time_told(answer, abi().word, kNanoseconds));
}

// The suite peeks at each message: the time is the message's, and not the call's.
CLAIM(Timestamps, EachMessageHasItsOwnTime,
      cites({"timestamp-in-microseconds", "timestamp-in-nanoseconds", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kAncillary, kAllItems, kAncbufsize)) {
  const bool is_v4 = kind().family == AF_INET;
  stage().set_option(is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  for (const int type : {kTimestamp, kTimestampInNanoseconds}) {
    stage().set_option(SOL_SOCKET, type, 1);
    for (const char* data : {"abc", "def", "ghi"}) {
      send(data);
      const kit::Observation peeked =
          by_recvmsg({.buffers = {room(8)}, .ancbufsize = kPlenty, .flags = MSG_PEEK | MSG_DONTWAIT});
      expect(receive({.buffers = {room(8)}, .ancbufsize = kPlenty}), {.data = data, .ancdata = peeked.ancdata});
    }
  }
}

CLAIM(Timestamps, LastTimestampOptionDecidesTheUnit, cites({"timestamp-in-microseconds", "timestamp-in-nanoseconds"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestamp", "timestampns"})) {
  for (const int last : {kTimestampInNanoseconds, kTimestamp, kTimestampInNanoseconds}) {
    stage().set_option(SOL_SOCKET, last, 1);
    send("abc");
    const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = kPlenty});
    expect(answer, {.data = "abc", .msg_flags = 0});
    expect_equal("items", ItemShapes{{SOL_SOCKET, last, 2 * abi().word}}, shapes_of(answer));
  }
}

CLAIM(Timestamps, SoTimestampingHasThreeTimes, cites({"timestamps-of-packets", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestamping"})) {
  stage().set_option(SOL_SOCKET, kTimestamping, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
  stage().await_stamps();
  send("abc");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  expect_equal("items", ItemShapes{{SOL_SOCKET, kTimestamping, 6 * abi().word}}, shapes_of(answer));
  expect_equal<std::string>("timestamp", "just now", time_told(answer, abi().word, kNanoseconds));
}

CLAIM(Timestamps, TimestampsOf64BitsHaveTheirOwnTypes, cites({"timestamps-of-64-bits", "ancdata-items-are-complete"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAllItems, kAncbufsize)) {
  for (const int type : {kTimestampNew, kTimestampInNanosecondsNew}) {
    stage().set_option(SOL_SOCKET, type, 1);
    send("abc");
    const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
    expect(answer, {.data = "abc", .msg_flags = 0});
    expect_equal("items", ItemShapes{{SOL_SOCKET, type, 2 * sizeof(std::int64_t)}}, shapes_of(answer));
    expect_equal<std::string>(
        "timestamp", "just now",
        time_told(answer, sizeof(std::int64_t), type == kTimestampNew ? kMicroseconds : kNanoseconds));
  }
}

CLAIM(Timestamps, ZeroLengthDatagramHasATimestamp, cites({"zero-length-message", "timestamp-in-microseconds"}),
      on(kit::kUdpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestamp"})) {
  stage().set_option(SOL_SOCKET, kTimestamp, 1);
  send("");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty});
  expect(answer, {.data = "", .msg_flags = 0});
  expect_equal("items", ItemShapes{{SOL_SOCKET, kTimestamp, 2 * abi().word}}, shapes_of(answer));
}

CLAIM(Timestamps, TimestampWithoutControlBufferReportsCtrunc,
      cites({"ctrunc-for-an-enabled-option", "ctrunc-costs-no-data"}), on(kit::kUdpKinds),
      needs(kMsgFlags, kAncillary, kAncbufsize)) {
  stage().set_option(SOL_SOCKET, kTimestamp, 1);
  send("abc");
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = 0}),
         {.data = "abc", .msg_flags = MSG_CTRUNC, .ancdata = Items{}});
}

CLAIM(Timestamps, TransmitTimestampArrivesInTheErrorQueue, cites("timestamp-of-a-transmission"), on(kit::kUdpKinds),
      needs(kFlags, kMsgFlags, kAncillary, kAllItems, kAncbufsize)) {
  stage().set_option(SOL_SOCKET, kTimestamping,
                     SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY);
  if (const std::error_code error = stage().send_backwards("abc")) throw std::system_error(error, "sendto");
  stage().await_error();
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty, .flags = MSG_ERRQUEUE});
  expect(answer, {.data = "", .msg_flags = MSG_ERRQUEUE});
  const bool v4 = kind().family == AF_INET;
  const std::size_t error_size = sizeof(sock_extended_err) + (v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  expect_equal("items",
               ItemShapes{{SOL_SOCKET, kTimestamping, 6 * abi().word},
                          {v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, error_size}},
               shapes_of(answer));
  expect_equal<std::string>("timestamp", "just now", time_told(answer, abi().word, kNanoseconds));
  const Items items = answer.seen.ancdata.value_or(Items{});
  if (items.size() != 2) return;
  sock_extended_err error{};
  error.ee_errno = ENOMSG;
  error.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  error.ee_info = SCM_TSTAMP_SND;
  expect_equal("extended error", kit::readable(bytes_of(error)), kit::readable(items[1].data.substr(0, sizeof error)));
}

CLAIM(TcpInq, TcpInqArrivesWithEveryReceive, cites("tcp-inq-tells-what-is-left"), on(kit::kTcpKinds),
      needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"tcp_cm_inq"})) {
  stage().set_option(IPPROTO_TCP, TCP_INQ, 1);
  send("abcdefgh");
  for (int left : {5, 2, 0}) {
    const std::string data = left == 5 ? "abc" : left == 2 ? "def" : "gh";
    expect(receive({.buffers = {room(2), room(1)}, .ancbufsize = kPlenty}),
           {.data = data, .msg_flags = 0, .ancdata = Items{{IPPROTO_TCP, TCP_CM_INQ, bytes_of(left)}}});
  }
}

CLAIM(TcpInq, TcpInqIsOneAtEndOfStream, cites({"tcp-inq-tells-what-is-left", "eof-is-zero"}), on(kit::kTcpKinds),
      needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"tcp_cm_inq"})) {
  stage().set_option(IPPROTO_TCP, TCP_INQ, 1);
  stage().peer_closes();
  for (int i = 0; i < 2; ++i) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = kPlenty}),
           {.data = "", .msg_flags = 0, .ancdata = Items{{IPPROTO_TCP, TCP_CM_INQ, bytes_of(int{1})}}});
  }
}

CLAIM(TcpInq, TcpInqFollowsTheTimestamp, cites({"tcp-inq-tells-what-is-left", "ancdata-items-are-complete"}),
      on(kit::kTcpKinds), needs(kMsgFlags, kAncillary, kAncbufsize), reporting({"timestamp", "tcp_cm_inq"})) {
  stage().set_option(SOL_SOCKET, kTimestamp, 1);
  stage().set_option(IPPROTO_TCP, TCP_INQ, 1);
  stage().await_stamps();
  send("abcdefgh");
  const Answer answer = receive({.buffers = {room(2), room(1)}, .ancbufsize = kPlenty});
  expect(answer, {.data = "abc", .msg_flags = 0});
  expect_equal("items", ItemShapes{{SOL_SOCKET, kTimestamp, 2 * abi().word}, {IPPROTO_TCP, TCP_CM_INQ, sizeof(int)}},
               shapes_of(answer));
  expect_equal<std::string>("timestamp", "just now", time_told(answer, abi().word, kMicroseconds));
  const Items items = answer.seen.ancdata.value_or(Items{});
  if (items.size() == 2) expect_equal("bytes left", kit::readable(bytes_of(int{5})), kit::readable(items[1].data));
}

}  // namespace
}  // namespace recvinto::conformance
