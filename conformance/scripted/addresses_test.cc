// Addresses of every length, and of families that do not match.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "conformance/addresses.h"
#include "conformance/framework/check.h"
#include "conformance/items.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using enum kit::Oddity;
using kit::Bytes;
using kit::gives;
using kit::room;

/// sockaddr_un of that family and path, without a terminating zero.
Bytes unix_name(std::string_view path) {
  const sa_family_t family = AF_UNIX;
  Bytes bytes(sizeof family, '\0');
  std::memcpy(bytes.data(), &family, sizeof family);
  return bytes.append(path);
}

Bytes inet4_name() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(4660);
  address.sin_addr.s_addr = htonl(0x0a010203);
  return bytes_of(address);
}

Bytes inet6_name(std::uint32_t flowinfo = 0, const char* host = "fe80::12") {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(4660);
  address.sin6_flowinfo = htonl(flowinfo);
  inet_pton(AF_INET6, host, &address.sin6_addr);
  address.sin6_scope_id = 0xfffffffe;
  return bytes_of(address);
}

/// The sockaddr_in or sockaddr_in6 with that host and port.
Bytes name_of(const kit::Address& wanted) {
  if (wanted.family == AF_INET6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<std::uint16_t>(wanted.port));
    inet_pton(AF_INET6, wanted.host.c_str(), &address.sin6_addr);
    return bytes_of(address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(wanted.port));
  inet_pton(AF_INET, wanted.host.c_str(), &address.sin_addr);
  return bytes_of(address);
}

const kit::Address kInet4{.family = AF_INET, .path = {}, .host = "10.1.2.3", .port = 4660, .raw = {}};
const kit::Address kInet6{
    .family = AF_INET6, .path = {}, .host = "fe80::12", .port = 4660, .scope_id = 0xfffffffe, .raw = {}};

kit::Address unix_address(Bytes path) {
  return {.family = AF_UNIX, .path = std::move(path), .host = {}, .raw = {}};
}

CLAIM(ScriptedAddress, AddressOfLengthZeroIsNone, cites("address-of-length-zero-is-none"), on(kit::kOneOfEachSort),
      scripted(kOdd), needs(kAddress)) {
  const Bytes name = kind().is_unix()           ? unix_name("/tmp/stale")
                     : kind().family == AF_INET ? inet4_name()
                                                : inet6_name();
  expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = name, .msg_namelen = 0})}),
         {.data = "abcd", .address = kNoAddress, .receives = 1});
}

CLAIM(ScriptedAddress, Ipv6AddressHasItsScopeId, cites("address-ipv6-scope"), on(kit::kUdp6), scripted(kOdd),
      needs(kAddress)) {
  expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = inet6_name()})}),
         {.data = "abcd", .address = kInet6, .receives = 1});
}

CLAIM(ScriptedAddress, Ipv6AddressOfAnyHostHasItsScopeId, cites("address-ipv6-scope"), on(kit::kUdp6), scripted(kOdd),
      needs(kAddress)) {
  for (const char* host : {"fe80::12", "fec0::12", "ff02::12", "2001:db8::12", "::1", "::"}) {
    kit::Address expected = kInet6;
    expected.host = host;
    expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = inet6_name(0, host)})}),
           {.data = "abcd", .address = expected, .receives = 1});
  }
}

CLAIM(ScriptedAddress, AddressOfZerosIsReported, cites("address-of-zeros-is-an-address"), on(kit::kUdpKinds),
      scripted(kOdd), needs(kAddress)) {
  for (const char* host : {"0.0.0.0", "127.0.0.1", "255.255.255.255"}) {
    for (const std::uint32_t port : {0U, 1U, 32'768U, 65'535U}) {
      kit::Address expected{.family = kind().family, .path = {}, .host = host, .port = port, .raw = {}};
      if (kind().family == AF_INET6) expected.host = std::string_view(host) == "0.0.0.0" ? "::" : "2001:db8::1";
      expect(receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = name_of(expected)})}),
             {.data = "abcd", .address = expected, .receives = 1});
    }
  }
}

CLAIM(ScriptedAddress, Ipv6AddressHasItsFlowinfo, cites("address-ipv6-flowinfo"), on(kit::kUdp6), scripted(kOdd),
      needs(kAddress)) {
  constexpr std::uint32_t kFlow = 0x0a0bcdef;
  const Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = inet6_name(kFlow)})});
  expect(answer, {.data = "abcd", .receives = 1});
  expect_equal("flow information", kFlow, answer.seen.address.value_or(kit::Address{}).flowinfo);
}

// The same host and port with another flow and another scope is another address.
CLAIM(ScriptedAddress, FlowinfoMayChangeWithEachDatagram, cites("address-ipv6-flowinfo"), on(kit::kUdp6),
      scripted(kOdd), needs(kAddress)) {
  for (const std::uint32_t flow : {0U, 0x0a0bcdefU, 1U, 0U}) {
    kit::Address expected = kInet6;
    expected.flowinfo = flow;
    expect(receive({.buffers = kit::rooms(4, 1)}, {gives({.data = "abcd", .address = inet6_name(flow)})}),
           {.data = "abcd", .address = expected, .receives = 1});
  }
}

CLAIM(ScriptedAddress, UnterminatedPathEndsAtItsLength, cites("address-ends-at-its-length"), on(kit::kUnixKinds),
      scripted(kOdd), needs(kAddress)) {
  for (const std::string_view path : {"/", "/abcdef", "/a/much/longer/path"}) {
    const Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = unix_name(path)})});
    expect(answer,
           {.data = "abcd", .address = or_none(unix_address(Bytes(path)), answer, kind(), handshake()), .receives = 1});
  }
}

CLAIM(ScriptedAddress, BytesAfterTheAddressLengthAreIgnored, cites("address-has-nothing-stale"), on(kit::kUnixKinds),
      scripted(kOdd), needs(kAddress)) {
  const Answer answer = receive(
      {.buffers = {room(8)}}, {gives({.data = "abcd", .address = unix_name("/abcdefSTALE BYTES"), .msg_namelen = 9})});
  expect(answer,
         {.data = "abcd", .address = or_none(unix_address("/abcdef"), answer, kind(), handshake()), .receives = 1});
}

CLAIM(ScriptedAddress, AddressLengthBeyondTheBufferIsCut, cites("address-beyond-the-room-is-cut"), on(kit::kUnixKinds),
      scripted(kOdd), needs(kAddress)) {
  require_lengths_may_lie();
  for (const std::uint32_t length : {111U, 129U, 300U, 65'536U}) {
    const Answer answer = receive(
        {.buffers = {room(8)}},
        {gives({.data = "abcd", .address = unix_name(std::string_view("/tmp/x\0", 7)), .msg_namelen = length})});
    expect(answer,
           {.data = "abcd", .address = or_none(unix_address("/tmp/x"), answer, kind(), handshake()), .receives = 1});
  }
}

CLAIM(ScriptedAddress, UnixFamilyWithoutPathIsUnnamed, cites("address-of-the-family-only"), on(kit::kUnixKinds),
      scripted(kOdd), needs(kAddress)) {
  const Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = unix_name("")})});
  expect(answer, {.data = "abcd", .receives = 1});
  const bool no_name = !answer.seen.address || (*answer.seen.address == unix_address(""));
  expect_that("address", "none, or an empty path", answer.seen.address ? describe(*answer.seen.address) : "none",
              no_name);
}

CLAIM(ScriptedAddress, AddressTooShortForItsFamilyIsHandledSafely, cites("address-too-short-is-survived"),
      on(kit::kOneOfEachSort), scripted(kOdd), needs(kAddress)) {
  for (const Bytes& name : {unix_name(""), inet4_name(), inet6_name()}) {
    for (std::uint32_t length = 1; length < name.size(); ++length) {
      const Answer answer = receive(
          {.buffers = {room(8)}}, {gives({.data = "abcd", .address = name.substr(0, length), .msg_namelen = length})});
      expect(answer, {.data = "abcd", .any_outcome = true, .receives = 1});
      const bool ours = !answer.seen.error || answer.seen.error->number;
      expect_that("error", "none, or one with a number", answer.seen.error ? describe(*answer.seen.error) : "none",
                  ours);
    }
  }
  expect(receive({.buffers = {room(8)}}, {gives("abcd")}), {.data = "abcd", .receives = 1});
}

// On sockets whose addresses are large enough for those of the other families.
CLAIM(ScriptedAddress, AddressOfAnotherFamilyIsParsedByItsFamily, cites("address-has-its-own-family"),
      on(kit::kScriptedKinds), scripted(kOdd), needs(kAddress)) {
  Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = inet4_name()})});
  expect(answer, {.data = "abcd", .address = or_none(kInet4, answer, kind(), handshake()), .receives = 1});
  answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = inet6_name()})});
  expect(answer, {.data = "abcd", .address = or_none(kInet6, answer, kind(), handshake()), .receives = 1});
  answer =
      receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = unix_name(std::string_view("/tmp/x\0", 7))})});
  expect(answer,
         {.data = "abcd", .address = or_none(unix_address("/tmp/x"), answer, kind(), handshake()), .receives = 1});
}

CLAIM(ScriptedAddress, UnknownAddressFamilyIsNumberAndBytes, cites("address-of-an-unknown-family"),
      on(kit::kOneOfEachSort), scripted(kOdd), needs(kAddress)) {
  sockaddr address{};
  address.sa_family = 99;
  std::memcpy(address.sa_data, "abcdefghijklmn", sizeof address.sa_data);
  const kit::Address expected{.family = 99, .path = {}, .host = {}, .raw = "abcdefghijklmn"};
  const Answer answer = receive({.buffers = {room(8)}}, {gives({.data = "abcd", .address = bytes_of(address)})});
  expect(answer, {.data = "abcd", .address = or_none(expected, answer, kind(), handshake()), .receives = 1});
}

// Whatever an implementation makes of a name of one byte: if it is an error, the descriptors are not to be lost by it.
CLAIM(ScriptedAddress, UnreadableAddressLosesNoDescriptors, cites("exception-closes-descriptors"), on(kit::kUnixKinds),
      scripted(kOdd), needs(kAddress, kAncillary, kRights)) {
  for (const std::uint32_t length : {1U, 2U, 3U}) {
    expect(
        receive({.buffers = {room(8)}, .ancbufsize = plenty()}, {gives({.data = "abcd",
                                                                        .control = {{.type = SCM_RIGHTS, .files = 3}},
                                                                        .address = Bytes("\x01\0\xff", 3),
                                                                        .msg_namelen = length})}),
        {.data = "abcd", .any_outcome = true, .receives = 1});
  }
  expect(receive({.buffers = {room(8)}, .ancbufsize = plenty()},
                 {gives({.data = "abcd", .control = {{.type = SCM_RIGHTS, .files = 1}}})}),
         {.data = "abcd", .files = Files{9}, .receives = 1});
}

}  // namespace
}  // namespace recvinto::conformance
