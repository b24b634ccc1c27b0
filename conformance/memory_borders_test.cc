// Buffers of which only the beginning can be written, and buffers that lie in two mappings.

#include <sys/socket.h>

#include <cerrno>

#include "conformance/distinct_bytes.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::in_two_mappings;
using kit::inaccessible_from;
using kit::room;

/// Bytes of what is sent where the border moves through a message.
constexpr std::size_t kLength = 8;

int number_of(const Answer& answer) {
  return answer.seen.error ? answer.seen.error->number.value_or(0) : 0;
}

CLAIM(InaccessibleTail, TailBehindTheDataIsIgnored, cites("inaccessible-memory-unreached-is-harmless"),
      on(kit::kEveryKind), needs(kInaccessibleTails)) {
  for (std::size_t border = 1; border <= kLength; ++border) {
    for (std::size_t length = 1; length <= border; ++length) {
      const kit::Bytes message = distinct_bytes(length);
      send(message);
      expect(receive({.buffers = {inaccessible_from(border, 16)}}), {.data = message});
    }
  }
}

CLAIM(InaccessibleTail, TailOfALaterBufferIsIgnoredWhereTheDataEnd,
      cites({"inaccessible-memory-unreached-is-harmless", "fill-in-order"}), on(kit::kEveryKind),
      needs(kScatter, kInaccessibleTails)) {
  send("abcdef");
  expect(receive({.buffers = {room(3), inaccessible_from(3, 8), room(2)}}), {.data = "abcdef"});
  send("abcd");
  expect(receive({.buffers = {inaccessible_from(4, 4), inaccessible_from(1, 8)}}), {.data = "abcd"});
}

// The system may have stored the beginning before it came upon the border.
CLAIM(InaccessibleTail, DataForATailFailWithEfault, cites("inaccessible-memory-is-efault"), on(kit::kEveryKind),
      needs(kInaccessibleTails)) {
  for (std::size_t border = 1; border < kLength; ++border) {
    const kit::Bytes message = distinct_bytes(kLength);
    send(message);
    const Answer answer = receive({.buffers = {inaccessible_from(border, 16)}});
    expect(answer, {.data = message, .any_outcome = true});
    expect_equal("errno", EFAULT, number_of(answer));
    stage().drain();  // of a stream, whose data are still there
  }
}

// Buffers are filled in order: what does not fit before the border has no place behind it.
CLAIM(InaccessibleTail, TailIsNotPassedOver, cites({"inaccessible-memory-is-efault", "fill-in-order"}),
      on(kit::kEveryKind), needs(kScatter, kInaccessibleTails)) {
  send("abcdefgh");
  const Answer answer = receive({.buffers = {room(2), inaccessible_from(2, 4), room(4)}});
  expect(answer, {.data = "abcdefgh", .any_outcome = true});
  expect_equal("errno", EFAULT, number_of(answer));
}

CLAIM(InaccessibleTail, TailReachedOnAStreamLosesNoData, cites("efault-keeps-a-stream"), on(kit::kStreamKinds),
      needs(kInaccessibleTails)) {
  send("abcdefgh");
  expect_equal("errno", EFAULT, number_of(receive({.buffers = {inaccessible_from(5, 8)}})));
  expect(receive({.buffers = {room(8)}}), {.data = "abcdefgh"});
}

// What one send left may be stored before the data of the next one reach the border: then that is the result.
CLAIM(InaccessibleTail, TailReachedByALaterSendLosesNoData, cites("efault-keeps-a-stream"), on(kit::kStreamKinds),
      needs(kInaccessibleTails)) {
  send("abcd");
  send("efgh");
  const Answer answer = receive({.buffers = {inaccessible_from(5, 8)}});
  expect(answer, {.data = "abcdefgh", .any_outcome = true});
  const auto received = static_cast<std::size_t>(answer.seen.error ? 0 : answer.seen.nbytes);
  expect_that("result", "EFAULT, or the data of a whole send",
              answer.seen.error ? kit::describe(*answer.seen.error) : std::to_string(received),
              answer.seen.error ? number_of(answer) == EFAULT : received == 4);
  expect(receive({.buffers = {room(8)}}), {.data = kit::Bytes("abcdefgh").substr(received)});
}

CLAIM(InaccessibleTail, TailReachedByAMessageLosesIt, cites("efault-keeps-a-stream"), on(kit::kMessageKinds),
      needs(kInaccessibleTails)) {
  send("abcdefgh");
  send("next");
  expect_equal("errno", EFAULT, number_of(receive({.buffers = {inaccessible_from(5, 8)}})));
  expect(receive({.buffers = {room(8)}}), {.data = "next"});
}

CLAIM(InaccessibleTail, PeekThatFailsWithEfaultTakesNothing,
      cites({"inaccessible-memory-is-efault", "peek-leaves-the-data"}), on(kit::kEveryKind),
      needs(kFlags, kInaccessibleTails)) {
  send("abcdefgh");
  expect_equal("errno", EFAULT, number_of(receive({.buffers = {inaccessible_from(5, 8)}, .flags = MSG_PEEK})));
  expect(receive({.buffers = {room(8)}}), {.data = "abcdefgh"});
}

// Counted from outside: a descriptor that came with the data and was not reported is a stray one.
CLAIM(InaccessibleTail, TailReachedLeaksNoDescriptors, cites("efault-leaves-no-descriptor-open"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kInaccessibleTails)) {
  for (int i = 0; i < 3; ++i) {
    if (i == 0 || kind().keeps_messages()) send("abcd", /*files=*/3);
    const Answer answer = receive({.buffers = {inaccessible_from(3, 4)}, .ancbufsize = plenty()});
    expect(answer, {.data = "abcd", .any_outcome = true});
    expect_equal("errno", EFAULT, number_of(answer));
  }
}

CLAIM(InaccessibleTail, TailReachedOnAStreamKeepsDescriptorsQueued,
      cites({"efault-keeps-a-stream", "efault-leaves-no-descriptor-open"}), on(kit::kUnixStream),
      needs(kAncillary, kRights, kInaccessibleTails)) {
  send("abcd", /*files=*/2);
  const Answer answer = receive({.buffers = {inaccessible_from(1, 4)}, .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .any_outcome = true});
  expect(receive({.buffers = {room(4)}, .ancbufsize = plenty()}), {.data = "abcd", .files = Files{0, 1}});
}

CLAIM(TwoMappings, BufferAcrossTheirBorderIsFilled, cites({"buffers-may-cross-mappings", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kTwoMappings)) {
  for (std::size_t border = 1; border <= kLength; ++border) {
    const kit::Bytes message = distinct_bytes(kLength);
    send(message);
    expect(receive({.buffers = {in_two_mappings(border, kLength)}}), {.data = message});
    expect_queue({});
  }
}

CLAIM(TwoMappings, BuffersAcrossBordersAreFilledInOrder, cites({"buffers-may-cross-mappings", "fill-in-order"}),
      on(kit::kEveryKind), needs(kScatter, kTwoMappings)) {
  send("abcdefghij");
  expect(receive({.buffers = {in_two_mappings(2, 4), room(1), in_two_mappings(1, 3), in_two_mappings(2, 2), room(4)}}),
         {.data = "abcdefghij"});
  expect_queue({});
}

CLAIM(TwoMappings, PartAcrossTheBorderLeavesTheRestUnchanged,
      cites({"buffers-may-cross-mappings", "nbytes-is-the-total"}), on(kit::kEveryKind), needs(kTwoMappings)) {
  send("abcdef");
  kit::Buffer part = in_two_mappings(6, 12);
  part.from = 2;
  part.to = 10;
  expect(receive({.buffers = {part}}), {.data = "abcdef"});
}

CLAIM(TwoMappings, PagesOnBothSidesAreFilled, cites({"buffers-may-cross-mappings", "nbytes-is-the-total"}),
      on(kit::kEveryKind), needs(kTwoMappings)) {
  const kit::Bytes message = distinct_bytes(9000);
  for (const std::size_t border : {std::size_t{4096}, std::size_t{4097}, std::size_t{8999}}) {
    send(message);
    expect(receive({.buffers = {in_two_mappings(border, message.size())}}), {.data = message});
    expect_queue({});
  }
}

}  // namespace
}  // namespace recvinto::conformance
