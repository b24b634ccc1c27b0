// Buffers that cannot be written: EFAULT, and what is left of data and descriptors.

#include <sys/socket.h>

#include <cerrno>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::inaccessible;
using kit::room;

CLAIM(InaccessibleBuffer, InaccessibleBufferFailsWithEfault, cites("inaccessible-memory-is-efault"),
      on(kit::kEveryKind), needs(kInaccessibleBuffers)) {
  send("abcdefgh");
  expect(receive({.buffers = {inaccessible(8)}}), {.failure = os_error(EFAULT)});
}

CLAIM(InaccessibleBuffer, InaccessibleSecondBufferFailsWithEfault, cites("inaccessible-memory-is-efault"),
      on(kit::kEveryKind), needs(kScatter, kInaccessibleBuffers)) {
  send("abcdefgh");
  const Answer answer = receive({.buffers = {room(4), inaccessible(4)}});
  // The system may have stored the beginning before it came upon the bad buffer.
  expect(answer, {.data = "abcdefgh", .any_outcome = true});
  expect_equal("errno", EFAULT, answer.seen.error ? answer.seen.error->number.value_or(0) : 0);
}

CLAIM(InaccessibleBuffer, UnreachedInaccessibleBufferIsIgnored, cites("inaccessible-memory-unreached-is-harmless"),
      on(kit::kEveryKind), needs(kScatter, kInaccessibleBuffers)) {
  send("abcd");
  expect(receive({.buffers = {room(4), inaccessible(4)}}), {.data = "abcd"});
  send("abc");
  expect(receive({.buffers = {room(4), inaccessible(4)}}), {.data = "abc"});
}

CLAIM(InaccessibleBuffer, EfaultOnAStreamLosesNoData, cites("efault-keeps-a-stream"), on(kit::kStreamKinds),
      needs(kInaccessibleBuffers)) {
  send("abcdefgh");
  expect(receive({.buffers = {inaccessible(8)}}), {.failure = os_error(EFAULT)});
  expect(receive({.buffers = kit::rooms(2, 4)}), {.data = "abcdefgh"});
}

CLAIM(InaccessibleBuffer, EfaultOnAMessageSocketLosesTheMessage, cites("efault-keeps-a-stream"), on(kit::kMessageKinds),
      needs(kInaccessibleBuffers)) {
  send("abcdefgh");
  send("next");
  expect(receive({.buffers = {inaccessible(8)}}), {.failure = os_error(EFAULT)});
  expect(receive({.buffers = kit::rooms(2, 4)}), {.data = "next"});
}

// Counted from outside: a descriptor that came with the data and was not reported is a stray one.
CLAIM(InaccessibleBuffer, EfaultLeaksNoDescriptors, cites("efault-leaves-no-descriptor-open"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kInaccessibleBuffers)) {
  for (int i = 0; i < 3; ++i) {
    if (i == 0 || kind().keeps_messages()) send("abcd", /*files=*/3);
    expect(receive({.buffers = {inaccessible(4)}, .ancbufsize = plenty()}), {.failure = os_error(EFAULT)});
  }
}

CLAIM(InaccessibleBuffer, EfaultOnAStreamKeepsDescriptorsQueued,
      cites({"efault-keeps-a-stream", "efault-leaves-no-descriptor-open"}), on(kit::kUnixStream),
      needs(kAncillary, kRights, kInaccessibleBuffers)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = {inaccessible(4)}, .ancbufsize = plenty()}), {.failure = os_error(EFAULT)});
  expect(receive({.buffers = {room(4)}, .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0, 1}});
}

}  // namespace
}  // namespace recvinto::conformance
