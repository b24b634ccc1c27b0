// "The operating system may set a limit (sysconf() value SC_IOV_MAX) on the number of buffers that can be used."

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

std::size_t iov_max() {
  const long limit = sysconf(_SC_IOV_MAX);
  if (limit <= 0) throw kit::EnvironmentLacks("sysconf(_SC_IOV_MAX) tells no limit");
  return static_cast<std::size_t>(limit);
}

/// A different letter for each buffer.
kit::Bytes letters(std::size_t count) {
  kit::Bytes message(count, '\0');
  for (std::size_t i = 0; i < count; ++i) message[i] = static_cast<char>('a' + i % 26);
  return message;
}

CLAIM(IovMax, IovMaxBuffersAreAllFilled, cites("iov-max-buffers-work"), on(kit::kEveryKind), needs(kScatter)) {
  const kit::Bytes message = letters(iov_max());
  send(message);
  expect(receive({.buffers = rooms(iov_max(), 1)}), {.data = message});
}

CLAIM(IovMax, IovMaxBuffersMayBePartlyFilled, cites({"iov-max-buffers-work", "fill-leaves-the-rest"}),
      on(kit::kOneOfEachSort), needs(kScatter)) {
  send("abc");
  expect(receive({.buffers = rooms(iov_max(), 2)}), {.data = "abc"});
}

CLAIM(IovMax, MoreThanIovMaxBuffersLeaveTheMessageQueued,
      cites({"iov-max-exceeded-is-an-error", "refused-calls-consume-nothing"}), on(kit::kEveryKind), needs(kScatter)) {
  const kit::Bytes message = letters(iov_max() + 1);
  send(message);
  expect(receive({.buffers = rooms(iov_max() + 1, 1)}), {.failure = os_error(EMSGSIZE)});
  expect_queue({{message, 0}});
}

CLAIM(IovMax, MoreThanIovMaxBuffersLeaveDescriptorsQueued,
      cites({"refused-calls-consume-nothing", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kScatter, kAncillary, kRights)) {
  send("x", /*files=*/2);
  expect(receive({.buffers = rooms(iov_max() + 1, 1)}), {.failure = os_error(EMSGSIZE)});
  expect_queue({{"x", 2}});
}

CLAIM(IovMax, CallAfterMoreThanIovMaxBuffersSucceeds, cites({"refused-calls-consume-nothing"}), on(kit::kOneOfEachSort),
      needs(kScatter)) {
  send("abc");
  expect(receive({.buffers = rooms(iov_max() + 1, 1)}), {.failure = os_error(EMSGSIZE)});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abc"});
}

CLAIM(IovMax, FourTimesIovMaxBuffersFailWithEmsgsize, cites("iov-max-exceeded-is-an-error"), on(kit::kUnixStream),
      needs(kScatter)) {
  send("abc");
  expect(receive({.buffers = rooms(4 * iov_max(), 1)}), {.failure = os_error(EMSGSIZE)});
  expect_queue({{"abc", 0}});
}

CLAIM(IovMax, EmptyBuffersCountTowardsIovMax, cites("iov-max-counts-empty-buffers"), on(kit::kOneOfEachSort),
      needs(kScatter, kEmptyBuffers)) {
  std::vector<kit::Buffer> buffers = rooms(iov_max(), 0);
  buffers.push_back(room(10));
  send("abc");
  expect(receive({.buffers = buffers}), {.failure = os_error(EMSGSIZE)});
  expect_queue({{"abc", 0}});
}

CLAIM(IovMax, MoreThanIovMaxBuffersOnEmptySocketFailWithEmsgsize, cites("iov-max-exceeded-is-an-error"),
      on(kit::kOneOfEachSort), needs(kScatter, kNonblocking)) {
  expect(receive({.buffers = rooms(iov_max() + 1, 1), .timeout = std::chrono::milliseconds(0)}),
         {.failure = os_error(EMSGSIZE)});
}

}  // namespace
}  // namespace recvinto::conformance
