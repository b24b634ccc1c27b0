// The result as a whole, and that it is recvmsg's.

#include <netinet/in.h>
#include <sys/socket.h>

#include "conformance/framework/check.h"
#include "kit/subjects/receiver.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(Result, OrdinaryMessageHasNoFlagsAndNoItems,
      cites({"msg-flags-of-an-ordinary-message", "ancdata-is-empty-without-items", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kAncillary, kMsgFlags, kAddress)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(3), room(10)}}),
         {.data = "abcdefgh", .msg_flags = 0, .ancdata = Items{}, .address = stage().address_of(0)});
}

const std::vector<std::string> kNoWarnings;

CLAIM(Result, OrdinaryMessageIssuesNoWarning, cites("warnings-are-of-malformed-data"), on(kit::kEveryKind),
      needs(kScatter, kWarnings)) {
  for (const std::size_t space : {3U, 8U, 9U}) {
    send("abcdefgh");
    expect(receive({.buffers = {room(1), room(space - 1)}, .ancbufsize = plenty()}), {.warnings = kNoWarnings});
    stage().drain();
  }
}

CLAIM(Result, ResultIsIndependentOfThePreviousCall, cites({"ancdata-is-fresh", "msg-flags-are-independent"}),
      on(kit::kUnixMessageKinds), needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcdefgh", /*files=*/3);
  send("ij");
  expect(receive({.buffers = {room(1), room(1)}, .ancbufsize = cmsg_space(sizeof(int))}),
         {.data = "ab", .msg_flags = MSG_TRUNC | MSG_CTRUNC});
  expect(receive({.buffers = {room(1), room(3)}, .ancbufsize = cmsg_space(sizeof(int))}),
         {.data = "ij", .msg_flags = 0, .ancdata = Items{}});
}

// The same message twice, once received by the system call with the same arguments.
CLAIM(Result, ResultMatchesRecvmsg, cites("agrees-with-recvmsg"), on(kit::kEveryKind), needs(kMsgFlags)) {
  for (const std::size_t space : {2U, 4U, 9U}) {
    const kit::Call call{.buffers = {room(space / 2), room(space - space / 2)}};
    send("abcd");
    const Answer expected{call, by_recvmsg(call)};
    stage().drain();
    send("abcd");
    const Answer actual = receive(call);
    stage().drain();
    expect(actual,
           {.storages = expected.seen.storages, .nbytes = expected.seen.nbytes, .msg_flags = expected.seen.msg_flags});
  }
}

CLAIM(Result, AncillaryResultMatchesRecvmsg, cites("agrees-with-recvmsg"), on(kit::kUdpKinds),
      needs(kAncillary, kAllItems, kAncbufsize, kMsgFlags, kAddress)) {
  const bool v4 = kind().family == AF_INET;
  stage().set_option(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  stage().set_option(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
  for (const std::int64_t ancbufsize : {0, 16, 24, 40, 64, 256}) {
    const kit::Call call{.buffers = rooms(2, 3), .ancbufsize = ancbufsize};
    send("abcd");
    const Answer expected{call, by_recvmsg(call)};
    send("abcd");
    expect(receive(call), {.storages = expected.seen.storages,
                           .nbytes = expected.seen.nbytes,
                           .msg_flags = expected.seen.msg_flags,
                           .ancdata = expected.seen.ancdata,
                           .address = expected.seen.address});
  }
}

}  // namespace
}  // namespace recvinto::conformance
