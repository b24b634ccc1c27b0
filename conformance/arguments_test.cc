// ancbufsize and flags: their defaults, and what is refused before any system call.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

CLAIM(Arguments, OmittedAncbufsizeAndFlagsMeanZero, cites({"ancbufsize-defaults-to-none", "flags-default-to-none"}),
      on(kit::kEveryKind), needs(kAncillary, kAncbufsize, kFlags, kMsgFlags)) {
  for (int i = 0; i < 2; ++i) send("abcd");
  const std::vector<kit::Buffer> buffers = rooms(2, 2);
  const Expected expected{.data = "abcd", .msg_flags = 0, .ancdata = Items{}};
  expect(receive({.buffers = buffers}), expected);
  expect(receive({.buffers = buffers, .ancbufsize = 0, .flags = 0}), expected);
}

CLAIM(Arguments, NegativeAncbufsizeIsRejected,
      cites({"ancbufsize-impossible-is-refused", "refused-calls-consume-nothing"}), on(kit::kEveryKind),
      needs(kAncbufsize, kArguments)) {
  for (const std::int64_t size : {std::int64_t{-1}, std::int64_t{-4096}, std::numeric_limits<std::int64_t>::min()}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.failure = refused_argument()});
    expect_queue({{"abcd", 0}});
  }
}

// The limit of Python's own argument, a C int.
CLAIM(Arguments, AncbufsizeBeyondIntMaxIsRejected,
      cites({"ancbufsize-impossible-is-refused", "refused-calls-consume-nothing"}), on(kit::kEveryKind),
      needs(kAncbufsize, kArguments, kPythonForms)) {
  // The second and third look small to an implementation that keeps 32 bits of them.
  for (const std::int64_t size : {std::int64_t{1} << 31, std::int64_t{1} << 32, (std::int64_t{1} << 32) + 64}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.failure = refused_argument()});
    expect_queue({{"abcd", 0}});
  }
}

/// Of an implementation's own, or an error of the system that speaks of sizes.
bool refuses_a_size(const kit::Error& error) {
  constexpr std::array kOfSizes{EINVAL, ENOMEM, ENOBUFS, EMSGSIZE, E2BIG, EOVERFLOW, ERANGE, EFAULT};
  return !error.number || std::ranges::find(kOfSizes, *error.number) != kOfSizes.end();
}

// Elsewhere the platform can express it, and less room may do; but to take its low 32 bits for it is to lose what
// arrives.
CLAIM(Arguments, AncbufsizeBeyondMemoryIsRejectedOrSufficient,
      cites({"ancbufsize-impossible-is-refused", "refused-calls-consume-nothing", "ancbufsize-may-be-large"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kAncbufsize, kArguments, kMsgFlags)) {
  require_words_of_64_bits();
  std::size_t sent = 0;
  for (const std::int64_t size : {std::int64_t{1} << 48, (std::int64_t{1} << 48) + 1, std::int64_t{1} << 62}) {
    send("abcd", /*files=*/1);
    const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = size});
    if (answer.seen.error) {
      expect(answer, {.data = "", .any_outcome = true});
      expect_that("error", "a refusal, or out of memory", kit::describe(*answer.seen.error),
                  refuses_a_size(*answer.seen.error));
      expect_queue({{"abcd", 1}});
    } else {
      expect(answer, {.data = "abcd", .msg_flags = 0, .files = Files{sent}});
    }
    ++sent;
  }
}

CLAIM(Arguments, FlagsBeyondIntAreRejected, cites({"flags-impossible-are-refused", "refused-calls-consume-nothing"}),
      on(kit::kEveryKind), needs(kFlags, kArguments)) {
  // To an implementation that keeps 32 bits of them, most look like none at all.
  constexpr std::int64_t kBeyondInt = std::int64_t{1} << 31;
  for (const std::int64_t flags : {kBeyondInt, std::int64_t{1} << 32, (std::int64_t{1} << 32) + MSG_PEEK,
                                   std::int64_t{1} << 40, -kBeyondInt - 1}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .flags = flags}), {.failure = refused_argument()});
    expect_queue({{"abcd", 0}});
  }
}

CLAIM(Arguments, RejectedArgumentsLeaveDescriptorsQueued,
      cites({"refused-calls-consume-nothing", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kArguments)) {
  send("abcd", /*files=*/2);
  expect(receive({.buffers = {room(8)}, .ancbufsize = -1}), {.failure = refused_argument()});
  expect(receive({.buffers = {room(8)}, .ancbufsize = 64}), {.data = "abcd", .files = Files{0, 1}});
}

CLAIM(Arguments, LargeAncbufsizeIsAccepted, cites("ancbufsize-may-be-large"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags)) {
  send("abcd", /*files=*/1);
  expect(receive({.buffers = {room(8)}, .ancbufsize = 16 * 1024 * 1024}),
         {.data = "abcd", .msg_flags = 0, .files = Files{0}});
}

CLAIM(Arguments, FlagsReachTheSystemCall, cites("peek-leaves-the-data"), on(kit::kEveryKind), needs(kFlags)) {
  send("abcd");
  for (int i = 0; i < 3; ++i) expect(receive({.buffers = rooms(2, 2), .flags = MSG_PEEK}), {.data = "abcd"});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd"});
  expect_queue({});
}

CLAIM(Arguments, FlagsApplyToOneCallOnly, cites({"flags-default-to-none", "peek-leaves-the-data"}), on(kit::kEveryKind),
      needs(kFlags)) {
  send("abcd");
  expect(receive({.buffers = {room(1)}, .flags = MSG_PEEK}), {.data = "a"});
  expect(receive({.buffers = rooms(2, 2)}), {.data = "abcd"});
  expect_queue({});
}

}  // namespace
}  // namespace recvinto::conformance
