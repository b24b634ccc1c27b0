// What lies in the room beyond the lengths that the kernel gave was never sent. The scripted kernel has filled it, with
// control messages that look right among others (kit/scripted_kernel/unfilled.h): nothing of that is reported.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "conformance/addresses.h"
#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/scripted/messages.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::Bytes;
using kit::gives;
using kit::room;
using kit::ScriptedMessage;

/// Passed on to the kernel itself.
const kit::Script kPassed{.steps = {kit::pass()}, .readable = false};

CLAIM(NeverSent, RoomBeyondControlDataHasNoItems, cites("control-data-ends-at-its-length"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary, kAllItems)) {
  std::vector<ScriptedMessage> messages;
  for (std::size_t length = 0; length <= 9; ++length) {
    for (const bool is_padded : {true, false}) {
      expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                     {gives({.data = "abcd", .control = messages, .pad_the_last = is_padded})}),
             {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
    }
    messages.push_back({.level = 50, .type = 7, .data = Bytes(length, 'x')});
  }
}

CLAIM(NeverSent, RoomBeyondControlDataHasNoDescriptors, cites("control-data-ends-at-its-length"),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kAncillary, kRights)) {
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives("abcd")}),
         {.data = "abcd", .files = Files{}, .receives = 1});
  std::size_t first = 0;
  for (const std::size_t count : {1U, 2U, 3U}) {
    Files files;
    for (std::size_t i = 0; i < count; ++i) files.push_back(first++);
    expect(
        receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd", .control = {rights(count)}})}),
        {.data = "abcd", .files = files, .receives = 1});
  }
}

CLAIM(NeverSent, ShortItemsAreNotCompleted, cites("cut-item-is-not-completed"), on(kit::kScriptedKinds), scripted(kOdd),
      needs(kAncillary, kAllItems)) {
  for (const int type : {int{SCM_CREDENTIALS}, int{SO_TIMESTAMP}, int{SO_TIMESTAMPNS}}) {
    for (std::size_t length = 0; length < sizeof(ucred); ++length) {
      const std::vector<ScriptedMessage> messages{{.type = type, .data = Bytes(length, 'x')}};
      expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                     {gives({.data = "abcd", .control = messages, .pad_the_last = false, .msg_flags = MSG_CTRUNC})}),
             {.data = "abcd", .ancdata = items_of(messages), .receives = 1});
    }
  }
}

// For implementations that decode them: whatever they make of what there is.
CLAIM(NeverSent, ShortCredentialsAreNotCompleted, cites("cut-item-is-not-completed"), on(kit::kScriptedKinds),
      scripted(kOdd), needs(kAncillary)) {
  for (const std::size_t length : {0U, 4U, 8U}) {
    const ScriptedMessage credentials{.type = SCM_CREDENTIALS, .data = Bytes(length, '\x01')};
    for (const std::vector<ScriptedMessage>& messages : {std::vector{credentials}, {credentials, {.level = 50}}}) {
      expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                     {gives({.data = "abcd", .control = messages, .msg_flags = MSG_CTRUNC})}),
             {.data = "abcd", .any_outcome = true, .receives = 1});
    }
  }
}

CLAIM(NeverSent, AbstractNameEndsAtItsLength, cites("address-has-nothing-stale"), on(kit::kUnixKinds), scripted(kOdd),
      needs(kAddress)) {
  for (const std::string_view name : {"a", "abc", "a much longer name", "ab"}) {
    const Bytes path = Bytes(1, '\0').append(name);
    const Answer answer =
        receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = bytes_of(sa_family_t{AF_UNIX}) + path})});
    expect(answer, {.data = "abcd",
                    .address = or_none(kit::Address{.family = AF_UNIX, .path = path, .host = {}, .raw = {}}, answer,
                                       kind(), handshake()),
                    .receives = 1});
  }
}

CLAIM(NeverSent, RoomBeyondAnIpv4AddressIsIgnored, cites("address-has-nothing-stale"), on(kit::kOneOfEachSort),
      scripted(kOdd), needs(kAddress)) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(4660);
  name.sin_addr.s_addr = htonl(0x0a010203);
  const Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = bytes_of(name)})});
  const kit::Address expected{.family = AF_INET, .path = {}, .host = "10.1.2.3", .port = 4660, .raw = {}};
  expect(answer, {.data = "abcd", .address = or_none(expected, answer, kind(), handshake()), .receives = 1});
}

CLAIM(NeverSent, PaddingThatTheKernelLeavesIsNoDescriptor, cites("padding-is-no-data"), on(kit::kUnixKinds),
      scripted(kOrdinary), needs(kAncillary, kRights)) {
  std::size_t first = 0;
  for (const std::size_t count : {1U, 2U, 3U}) {
    Files files;
    for (std::size_t i = 0; i < count; ++i) files.push_back(first++);
    send("abcd", count);
    expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()}, kPassed),
           {.data = "abcd", .files = files, .receives = 1});
  }
}

}  // namespace
}  // namespace recvinto::conformance
