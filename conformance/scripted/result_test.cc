// Counts and flags that real kernels rarely give.

#include <sys/socket.h>

#include <climits>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::gives;
using kit::room;
using kit::rooms;

CLAIM(ScriptedResult, EveryMsgFlagsBitIsReturned, cites("msg-flags-bit-for-bit"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kMsgFlags)) {
  for (int bit = 1; bit > 0 && bit < MSG_CMSG_CLOEXEC; bit <<= 1) {
    expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .msg_flags = bit})}),
           {.data = "abcd", .msg_flags = bit, .receives = 1});
  }
  constexpr int kAll = INT_MAX & ~MSG_CMSG_CLOEXEC;  // that one is not compared
  expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .msg_flags = kAll})}),
         {.data = "abcd", .msg_flags = kAll, .receives = 1});
}

CLAIM(ScriptedResult, MsgFlagsSignBitIsReturned, cites("msg-flags-sign-bit"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kMsgFlags)) {
  expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .msg_flags = INT_MIN})}),
         {.data = "abcd", .msg_flags = INT_MIN, .receives = 1});
}

CLAIM(ScriptedResult, MsgTruncAndMsgCtruncAreIndependent, cites({"msg-flags-are-independent", "msg-flags-bit-for-bit"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kMsgFlags)) {
  for (const int flags : {0, int{MSG_TRUNC}, int{MSG_CTRUNC}, MSG_TRUNC | MSG_CTRUNC}) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}, {gives({.data = "abcd", .msg_flags = flags})}),
           {.data = "abcd", .msg_flags = flags, .receives = 1});
  }
}

// As MSG_TRUNC in flags makes datagram sockets count: here of a message larger than any memory.
CLAIM(ScriptedResult, NbytesMayExceedTheBuffers, cites("nbytes-is-the-total"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kFlags, kMsgFlags)) {
  for (const std::int64_t count : {5, 1000, 65'536, INT_MAX - 1}) {
    expect(receive({.buffers = rooms(2, 2), .flags = MSG_TRUNC},
                   {gives({.data = "abcd", .msg_flags = MSG_TRUNC, .returned = count})}),
           {.storages = Storages{"ab", "cd"}, .nbytes = count, .msg_flags = MSG_TRUNC, .receives = 1});
  }
}

CLAIM(ScriptedResult, AncillaryDataWithoutDataIsReturned, cites({"ancdata-items-are-complete", "nbytes-is-the-total"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kAncillary, kAllItems)) {
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()},
                 {gives({.control = {{.level = 50, .type = 1, .data = "item"}}})}),
         {.data = "", .ancdata = Items{{50, 1, "item"}}, .receives = 1});
}

}  // namespace
}  // namespace recvinto::conformance
