// The address item of the result: who sent it.

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "conformance/addresses.h"
#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::BoundName;
using kit::room;

/// What an unnamed sender is reported as, by the implementation's own declaration.
std::optional<kit::Address> unnamed(const kit::Handshake& handshake) {
  if (!handshake.unnamed_address_is_empty) return std::nullopt;
  kit::Address address;
  address.family = AF_UNIX;
  return address;
}

CLAIM(Address, Ipv4SenderIsReported, cites("address-of-the-sender"), on(kit::kUdp4), needs(kAddress)) {
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

CLAIM(Address, Ipv6SenderIsReportedWithFourFields, cites({"address-of-the-sender", "address-ipv6-has-four-parts"}),
      on(kit::kUdp6), needs(kAddress)) {
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

CLAIM(Address, AlternatingSendersAreReportedPerMessage, cites("address-of-the-sender"), on(kit::kDatagramKinds),
      needs(kAddress)) {
  const bool named = kind().is_unix();
  const std::size_t first = stage().add_sender({named ? BoundName::Kind::kPathname : BoundName::Kind::kUnnamed});
  const std::size_t second = stage().add_sender({named ? BoundName::Kind::kAutobound : BoundName::Kind::kUnnamed});
  for (const std::size_t sender : {first, second, second, first}) stage().send("abc", 0, sender);
  for (const std::size_t sender : {first, second, second, first}) {
    expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(sender)});
  }
}

CLAIM(Address, TruncatedMessageReportsItsSender, cites("address-of-the-sender"), on(kit::kUdpKinds), needs(kAddress)) {
  send("abcdefgh");
  expect(receive({.buffers = {room(2)}}), {.data = "ab", .address = stage().address_of(0)});
}

CLAIM(Address, TcpPeerIsNone, cites("address-of-tcp-is-none"), on(kit::kTcpKinds), needs(kAddress)) {
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = kNoAddress});
}

CLAIM(Address, SocketpairPeerIsNone, cites("address-of-the-unnamed-is-none"), on(kit::kUnixKinds), needs(kAddress)) {
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = unnamed(handshake())});
}

CLAIM(Address, UnnamedUnixSenderIsNone, cites("address-of-the-unnamed-is-none"), on(kit::kUnixDatagram),
      needs(kAddress)) {
  stage().add_sender({BoundName::Kind::kUnnamed});
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = unnamed(handshake())});
}

CLAIM(Address, UnnamedSenderAfterNamedSenderIsNone, cites({"address-of-the-unnamed-is-none", "address-of-the-sender"}),
      on(kit::kUnixDatagram), needs(kAddress)) {
  stage().add_sender({BoundName::Kind::kPathname});
  stage().add_sender({BoundName::Kind::kUnnamed});
  stage().send("named", 0, 0);
  stage().send("unnamed", 0, 1);
  expect(receive({.buffers = {room(8)}}), {.data = "named", .address = stage().address_of(0)});
  expect(receive({.buffers = {room(8)}}), {.data = "unnamed", .address = unnamed(handshake())});
}

CLAIM(Address, PathnameSenderIsReported, cites("address-of-a-pathname"), on(kit::kUnixDatagram), needs(kAddress)) {
  stage().add_sender({BoundName::Kind::kPathname});
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

// 107 bytes leave room for a terminating zero in sun_path; 108 do not.
CLAIM(Address, PathnameOf107BytesIsComplete, cites("address-of-a-pathname"), on(kit::kUnixDatagram), needs(kAddress)) {
  stage().add_sender({.kind = BoundName::Kind::kPathname, .length = 107});
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

CLAIM(Address, PathnameFillingSunPathIsExact, cites("address-of-a-pathname"), on(kit::kUnixDatagram), needs(kAddress)) {
  stage().add_sender({.kind = BoundName::Kind::kPathname, .length = 108});
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

// No byte of a longer name that was reported before.
CLAIM(Address, ShortPathnameAfterLongOneIsExact, cites({"address-of-a-pathname", "address-of-the-sender"}),
      on(kit::kUnixDatagram), needs(kAddress)) {
  stage().add_sender({.kind = BoundName::Kind::kPathname, .length = 108});
  stage().add_sender({.kind = BoundName::Kind::kPathname});
  stage().send("long", 0, 0);
  stage().send("short", 0, 1);
  expect(receive({.buffers = {room(8)}}), {.data = "long", .address = stage().address_of(0)});
  expect(receive({.buffers = {room(8)}}), {.data = "short", .address = stage().address_of(1)});
}

CLAIM(Address, AbstractNameIsExact, cites("address-abstract-is-exact"), on(kit::kUnixDatagram), needs(kAddress)) {
  using namespace std::string_literals;
  // The namespace is the host's: two runs at a time must not meet.
  const kit::Bytes mine = "\0recvinto-"s + std::to_string(getpid());
  std::vector<kit::Bytes> names{mine + "-a\0b\xff"s, mine + "-tail\0\0"s, mine};
  names.back().resize(108, 'n');  // all of sun_path
  for (std::size_t i = 0; i < names.size(); ++i) {
    stage().add_sender({.kind = BoundName::Kind::kAbstract, .name = names[i]});
    stage().send("abc", 0, i);
    expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(i)});
  }
}

CLAIM(Address, AbstractNameOfAnyLengthIsExact, cites("address-abstract-is-exact"), on(kit::kUnixDatagram),
      needs(kAddress)) {
  using namespace std::string_literals;
  const kit::Bytes mine = "\0recvinto-"s + std::to_string(getpid());
  for (const std::size_t length :
       {mine.size() + 1, std::size_t{30}, std::size_t{31}, std::size_t{64}, std::size_t{107}}) {
    kit::Bytes name = mine + kit::Bytes(length - mine.size(), '\xff');
    const std::size_t sender = stage().add_sender({.kind = BoundName::Kind::kAbstract, .name = std::move(name)});
    stage().send("abc", 0, sender);
    expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(sender)});
  }
}

// There is only one on the host: another run may have it for a moment, another process permanently.
CLAIM(Address, EmptyAbstractNameIsOneZeroByte, cites("address-abstract-is-exact"), on(kit::kUnixDatagram),
      needs(kAddress)) {
  stage().add_sender({.kind = BoundName::Kind::kAbstract, .name = kit::Bytes(1, '\0')});
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

CLAIM(Address, NonTextPathnameIsReportedAsBytes, cites({"address-path-is-bytes", "address-of-a-pathname"}),
      on(kit::kUnixDatagram), needs(kAddress)) {
  try {
    stage().add_sender({.kind = BoundName::Kind::kPathname, .name = "\xff\xfe\x80-\xc3\xa9\xc3"});
  } catch (const std::system_error& error) {
    if (error.code().value() != EILSEQ && error.code().value() != EINVAL) throw;
    throw kit::EnvironmentLacks("the file system takes only names that are text");
  }
  send("abc");
  expect(receive({.buffers = {room(8)}}), {.data = "abc", .address = stage().address_of(0)});
}

CLAIM(Address, AutoboundSenderHasKernelAssignedName, cites("address-of-the-autobound"), on(kit::kUnixDatagram),
      needs(kAddress)) {
  stage().add_sender({BoundName::Kind::kAutobound});
  send("abc");
  const Answer answer = receive({.buffers = {room(8)}});
  expect(answer, {.data = "abc", .address = stage().address_of(0)});
  expect_equal("bytes in the name", std::size_t{6}, answer.seen.address.value_or(kit::Address{}).path.size());
}

CLAIM(Address, ConnectedUnixPeerIsTheServerPathname, cites("address-of-a-unix-server"), on(kit::kUnixConnectedKinds),
      needs(kAddress)) {
  stage().connect_to_server({BoundName::Kind::kPathname});
  send("abc");
  const Answer answer = receive({.buffers = {room(8)}});
  expect(answer, {.data = "abc", .address = or_none(stage().address_of(0), answer, kind(), handshake())});
}

CLAIM(Address, ConnectedUnixPeerIsTheServerAbstractName, cites("address-of-a-unix-server"),
      on(kit::kUnixConnectedKinds), needs(kAddress)) {
  stage().connect_to_server({BoundName::Kind::kAutobound});
  send("abc");
  const Answer answer = receive({.buffers = {room(8)}});
  expect(answer, {.data = "abc", .address = or_none(stage().address_of(0), answer, kind(), handshake())});
}

CLAIM(Address, EndOfUnixConnectionAddressIsNone, cites("address-of-a-unix-server"), on(kit::kUnixConnectedKinds),
      needs(kAddress)) {
  stage().connect_to_server({BoundName::Kind::kPathname});
  stage().peer_closes();
  expect(receive({.buffers = {room(8)}}), {.data = "", .address = kNoAddress});
}

}  // namespace
}  // namespace recvinto::conformance
