// What reaches the kernel: seen in the msghdr of each call.

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <climits>
#include <vector>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::gives;
using kit::room;

/// The lengths in msg_iov of the one receive.
std::vector<std::uint64_t> lengths_of(const Answer& answer) {
  std::vector<std::uint64_t> lengths;
  if (answer.seen.kernel->calls.empty()) return lengths;
  for (const kit::SeenCall::Extent& buffer : answer.seen.kernel->calls[0].buffers) lengths.push_back(buffer.length);
  return lengths;
}

std::uint64_t sum(const std::vector<std::uint64_t>& lengths) {
  std::uint64_t total = 0;
  for (const std::uint64_t length : lengths) total += length;
  return total;
}

/// Of the one receive; a receive that never came has failed already.
kit::SeenCall first_call(const Answer& answer) {
  return answer.seen.kernel->calls.empty() ? kit::SeenCall{} : answer.seen.kernel->calls[0];
}

/// Linux's MSG_CMSG_CLOEXEC may be added: Python does without, others close descriptors on exec (PEP 446).
int flags_of(const Answer& answer, std::int64_t given) {
  return first_call(answer).flags & ~(MSG_CMSG_CLOEXEC & ~static_cast<int>(given));
}

CLAIM(ScriptedArguments, FlagsReachTheKernelUnchanged, cites("flags-reach-the-system"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kFlags)) {
  for (const std::int64_t flags : {MSG_PEEK | MSG_TRUNC, MSG_WAITALL | MSG_CMSG_CLOEXEC, int{MSG_ERRQUEUE}, INT_MAX}) {
    const Answer answer = receive({.buffers = {room(8)}, .flags = flags}, {gives("abcd")});
    expect(answer, {.data = "abcd", .receives = 1});
    expect_equal("flags", static_cast<int>(flags), flags_of(answer, flags));
  }
}

CLAIM(ScriptedArguments, OmittedFlagsReachTheKernelAsZero, cites({"flags-default-to-none", "flags-reach-the-system"}),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kSystemWait)) {
  const Answer answer = receive({.buffers = {room(8)}}, {gives("abcd")});
  expect(answer, {.data = "abcd", .receives = 1});
  expect_equal("flags", 0, flags_of(answer, 0));
}

/// Bytes of control data that the items of an answer take.
std::size_t room_of_items(const Answer& answer, const kit::Abi& abi) {
  std::size_t room = 0;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) room += abi.cmsg_len(item.data.size());
  return room;
}

// Every size has to arrive as it is: rounded up it would let items through that the caller has excluded. An emulator,
// whose guest has another layout, may ask for more, and then cuts what is too much itself.
CLAIM(ScriptedArguments, AncbufsizeReachesTheKernel, cites("ancbufsize-reaches-the-system"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kAncillary, kAncbufsize)) {
  for (const std::int64_t size : {0, 1, 7, 16, 17, 24, 64, 4096, 65'537}) {
    const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = size}, {gives("abcd")});
    expect(answer, {.data = "abcd", .receives = 1});
    const kit::SeenCall call = first_call(answer);
    const std::uint64_t room_asked_for = call.control == 0 ? 0 : call.controllen;
    const auto wanted = static_cast<std::uint64_t>(size);
    expect_that("room for control data", fmt::format("{}, or more and cut afterwards", wanted),
                fmt::format("{}", room_asked_for), room_asked_for >= wanted);
    if (room_asked_for <= wanted || room_asked_for < abi().header()) continue;
    const kit::Bytes fills_it(room_asked_for - abi().header(), 'x');
    const Answer full = receive({.buffers = {room(8)}, .ancbufsize = size},
                                {gives({.data = "abcd", .control = {{.level = 50, .type = 1, .data = fills_it}}})});
    expect(full, {.data = "abcd", .receives = 1});
    expect_that("control data reported", fmt::format("at most {} bytes", wanted),
                fmt::format("{} bytes", room_of_items(full, abi())), room_of_items(full, abi()) <= wanted);
  }
}

// Others may have a default of their own.
CLAIM(ScriptedArguments, OmittedAncbufsizeGivesNoControlBuffer,
      cites({"ancbufsize-defaults-to-none", "ancbufsize-reaches-the-system"}), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kAncillary, kAncbufsize)) {
  require_no_room_by_default();
  const Answer answer = receive({.buffers = {room(8)}}, {gives("abcd")});
  expect(answer, {.data = "abcd", .receives = 1});
  const kit::SeenCall call = first_call(answer);
  expect_equal("room for control data", std::uint64_t{0}, call.control == 0 ? 0 : call.controllen);
}

CLAIM(ScriptedArguments, ControlBufferIsAligned, cites("control-buffer-is-aligned"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kAncillary, kAncbufsize)) {
  const auto header = static_cast<std::int64_t>(abi().header());
  for (std::int64_t size = header; size <= 4 * header; ++size) {
    const Answer answer = receive({.buffers = {room(8)}, .ancbufsize = size}, {gives("abcd")});
    expect(answer, {.data = "abcd", .receives = 1});
    expect_equal("address of the control buffer, beyond a multiple of the alignment", std::uint64_t{0},
                 first_call(answer).control % abi().word);
  }
}

CLAIM(ScriptedArguments, IovecTotalEqualsTheBufferTotal, cites("room-is-the-buffers-together"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kScatter)) {
  for (const std::vector<kit::Buffer>& buffers :
       {std::vector{room(8)}, {room(3), room(1), room(7)}, {kit::slice(10, 2, 9), room(4)}, kit::rooms(100, 3)}) {
    const Answer answer = receive({.buffers = buffers}, {gives("abc")});
    expect(answer, {.data = "abc", .receives = 1});
    expect_equal("room for data", std::uint64_t{kit::capacity(buffers)}, sum(lengths_of(answer)));
  }
}

CLAIM(ScriptedArguments, EmptyBuffersGiveNoIovecSpace, cites("room-is-the-buffers-together"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kEmptyBuffers, kNoBuffers)) {
  for (const std::vector<kit::Buffer>& buffers : {std::vector<kit::Buffer>{}, kit::rooms(1, 0), kit::rooms(3, 0)}) {
    const Answer answer = receive({.buffers = buffers}, {gives("")});
    expect(answer, {.data = "", .receives = 1});
    expect_equal("room for data", std::uint64_t{0}, sum(lengths_of(answer)));
  }
}

CLAIM(ScriptedArguments, NoBuffersWithControlBufferGiveNoIovecSpace, cites("room-is-the-buffers-together"),
      on(kit::kScriptedKinds), scripted(kOrdinary), needs(kNoBuffers, kAncillary, kAncbufsize)) {
  const Answer answer = receive({.buffers = {}, .ancbufsize = 64}, {gives("")});
  expect(answer, {.data = "", .receives = 1});
  expect_equal("room for data", std::uint64_t{0}, sum(lengths_of(answer)));
}

CLAIM(ScriptedArguments, EachBufferIsOneIovec, cites("iovecs-mirror-the-buffers"), on(kit::kScriptedKinds),
      scripted(kOrdinary), needs(kScatter, kEmptyBuffers)) {
  const Answer answer =
      receive({.buffers = {room(3), room(0), room(7), room(1), kit::slice(9, 2, 8)}}, {gives("abcd")});
  expect(answer, {.data = "abcd", .receives = 1});
  expect_equal("lengths in msg_iov", std::vector<std::uint64_t>{3, 0, 7, 1, 6}, lengths_of(answer));
}

CLAIM(ScriptedArguments, AddressBufferFitsTheSocketFamily, cites("address-room-is-enough"), on(kit::kOneOfEachSort),
      scripted(kOrdinary), needs(kAddress)) {
  const Answer answer = receive({.buffers = {room(8)}}, {gives("abcd")});
  expect(answer, {.data = "abcd", .receives = 1});
  const std::size_t wanted = kind().is_unix()            ? sizeof(sockaddr_un)
                             : kind().family == AF_INET6 ? sizeof(sockaddr_in6)
                                                         : sizeof(sockaddr_in);
  const kit::SeenCall call = first_call(answer);
  expect_that("room for the address", ">= " + std::to_string(wanted), std::to_string(call.namelen),
              call.name != 0 && call.namelen >= wanted);
}

// What fills a part of the buffers is a whole answer, of a stream as of a datagram.
CLAIM(ScriptedArguments, PartialResultIsReturnedAfterOneReceive, cites("receive-is-one-system-call"),
      on(kit::kOneOfEachSort), scripted(kOrdinary), needs()) {
  expect(receive({.buffers = kit::rooms(3, 4)}, {gives("abcde"), gives("fgh")}),
         {.data = "abcde", .receives = 1, .unused_steps = 1});
}

CLAIM(ScriptedArguments, ZeroBytesAreReturnedAfterOneReceive, cites("receive-is-one-system-call"),
      on(kit::kOneOfEachSort), scripted(kOrdinary), needs()) {
  expect(receive({.buffers = kit::rooms(3, 4)}, {gives(""), gives("fgh")}),
         {.data = "", .receives = 1, .unused_steps = 1});
}

}  // namespace
}  // namespace recvinto::conformance
