// The credentials of the sender (SO_PASSCRED, SCM_CREDENTIALS; unix(7)): whose they are, when they come, and where they
// end a receive. Also the order of items, and the security label that comes where a security module gives one.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "kit/values/unix_options.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::room;
using kit::rooms;

kit::AncillaryItem item_of(const ucred& credentials) {
  return item(SOL_SOCKET, SCM_CREDENTIALS, credentials);
}

/// Of this process, or of a child of it.
kit::AncillaryItem credentials_of(pid_t process) {
  return item_of({.pid = process, .uid = getuid(), .gid = getgid()});
}

/// The id that stands for those that have none here (user_namespaces(7)).
std::uint32_t overflow_id(const char* file) {
  std::uint32_t id = 65534;
  std::ifstream(std::string("/proc/sys/kernel/") + file) >> id;
  return id;
}

kit::AncillaryItem nobodys_credentials() {
  return item_of({.pid = 0, .uid = overflow_id("overflowuid"), .gid = overflow_id("overflowgid")});
}

void ask_for_credentials(kit::Stage& stage) {
  stage.require_shared_ids();
  stage.set_option(SOL_SOCKET, SO_PASSCRED, 1);
}

/// Level, type and size of each item.
std::vector<std::vector<std::size_t>> kinds_of(const Answer& answer) {
  std::vector<std::vector<std::size_t>> kinds;
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    kinds.push_back({static_cast<std::size_t>(item.level), static_cast<std::size_t>(item.type), item.data.size()});
  }
  return kinds;
}

CLAIM(Credentials, CredentialsArriveWithEveryMessage,
      cites({"credentials-of-the-sender", "ancdata-items-are-complete"}), on(kit::kUnixKinds),
      needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  for (int i = 0; i < 2; ++i) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .msg_flags = 0, .ancdata = Items{credentials_of(getpid())}});
  }
}

CLAIM(Credentials, CredentialsAreThoseOfTheSender, cites({"credentials-of-the-sender", "ancdata-is-fresh"}),
      on(kit::kUnixKinds), needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  send("mine");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty()}),
         {.data = "mine", .msg_flags = 0, .ancdata = Items{credentials_of(getpid())}});
  const pid_t child = stage().send_from_a_child("child's");
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty()}),
         {.data = "child's", .msg_flags = 0, .ancdata = Items{credentials_of(child)}});
}

CLAIM(Credentials, UserAndGroupChosenByThePrivilegedAreReceived, cites("credentials-as-the-privileged-say"),
      on(kit::kUnixKinds), needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  stage().send_with("abcd", {kit::sent::Credentials{.uid = 5, .gid = 7}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{item_of({.pid = getpid(), .uid = 5, .gid = 7})}});
}

// Needs CAP_SYS_ADMIN: process 1 always exists.
CLAIM(Credentials, ProcessIdChosenByThePrivilegedIsReceived, cites("credentials-as-the-privileged-say"),
      on(kit::kUnixKinds), needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  stage().send_with("abcd", {kit::sent::Credentials{.pid = 1, .uid = 5, .gid = 7}});
  expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
         {.data = "abcd", .msg_flags = 0, .ancdata = Items{item_of({.pid = 1, .uid = 5, .gid = 7})}});
}

CLAIM(Credentials, CredentialsWithoutPasscredAreNotDelivered,
      cites({"credentials-only-on-request", "ctrunc-only-when-cut"}), on(kit::kUnixKinds),
      needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"credentials"})) {
  for (const std::int64_t size : {std::int64_t{0}, cmsg_space(sizeof(ucred))}) {
    stage().send_with("abcd", {kit::sent::Credentials{}});
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.data = "abcd", .msg_flags = 0, .ancdata = Items{}});
  }
}

CLAIM(Credentials, PasscredOnTheSenderAloneDeliversNoCredentials,
      cites({"credentials-only-on-request", "ctrunc-only-when-cut"}), on(kit::kUnixKinds),
      needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"credentials"})) {
  stage().set_sender_option(SOL_SOCKET, SO_PASSCRED, 1);
  for (const std::int64_t size : {std::int64_t{0}, cmsg_space(sizeof(ucred))}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}), {.data = "abcd", .msg_flags = 0, .ancdata = Items{}});
  }
}

// A sender that asks for credentials itself is given a name, for others to answer to.
CLAIM(Credentials, SenderWithPasscredIsAutobound, cites("address-of-the-autobound"), on(kit::kUnixDatagram),
      needs(kAddress)) {
  stage().add_sender();
  stage().set_sender_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2)});
  expect(answer, {.data = "abcd", .address = stage().address_now_of(0)});
  expect_equal("bytes in the name", std::size_t{6}, answer.seen.address.value_or(kit::Address{}).path.size());
}

// On a stream the two are not merged either, though one call has room for both.
CLAIM(Credentials, MessageSentBeforePasscredHasOverflowCredentials,
      cites({"credentials-of-before-the-option", "credentials-of-the-sender"}), on(kit::kUnixKinds),
      needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  send("before");
  ask_for_credentials(stage());
  send("after");
  expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
         {.data = "before", .msg_flags = 0, .ancdata = Items{nobodys_credentials()}});
  expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
         {.data = "after", .msg_flags = 0, .ancdata = Items{credentials_of(getpid())}});
}

CLAIM(Credentials, ChangeOfCredentialsEndsAStreamReceive,
      cites({"credentials-end-a-receive", "stream-ignores-boundaries"}), on(kit::kUnixStream),
      needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  const pid_t child = stage().send_from_a_child("AA");
  send("BB");
  send("CC");
  expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
         {.data = "AA", .msg_flags = 0, .ancdata = Items{credentials_of(child)}});
  expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
         {.data = "BBCC", .msg_flags = 0, .ancdata = Items{credentials_of(getpid())}});
}

CLAIM(Credentials, ChangeOfCredentialsWithoutControlBufferEndsAReceive,
      cites({"credentials-end-a-receive", "ctrunc-for-an-enabled-option"}), on(kit::kUnixStream),
      needs(kAncillary, kAncbufsize, kMsgFlags)) {
  ask_for_credentials(stage());
  stage().send_from_a_child("AA");
  send("BB");
  send("CC");
  for (const char* data : {"AA", "BBCC"}) {
    expect(receive({.buffers = rooms(2, 8), .ancbufsize = 0}),
           {.data = data, .msg_flags = MSG_CTRUNC, .ancdata = Items{}});
  }
}

CLAIM(Credentials, ChangeOfSenderWithoutPasscredEndsNoReceive,
      cites({"credentials-only-on-request", "stream-ignores-boundaries"}), on(kit::kUnixStream),
      needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  stage().send_from_a_child("AA");
  send("BB");
  expect(receive({.buffers = rooms(2, 8), .ancbufsize = plenty()}),
         {.data = "AABB", .msg_flags = 0, .ancdata = Items{}});
}

CLAIM(Credentials, CredentialsArriveWithEveryPartOfAStreamSend,
      cites({"credentials-with-every-part", "stream-discards-nothing"}), on(kit::kUnixStream),
      needs(kAncillary, kMsgFlags), reporting({"credentials"})) {
  ask_for_credentials(stage());
  send("abcdefghij");
  for (const char* part : {"abcd", "efgh", "ij"}) {
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = part, .msg_flags = 0, .ancdata = Items{credentials_of(getpid())}});
  }
}

// Linux brings an item of process 0 with the end of a stream, and no manual says so: it is not root's.
CLAIM(Credentials, CredentialsAtEndOfStreamMatchRecvmsg,
      cites({"credentials-at-the-end-of-a-stream", "agrees-with-recvmsg"}), on(kit::kUnixConnectedKinds),
      needs(kAncillary, kAllItems, kAncbufsize, kMsgFlags)) {
  ask_for_credentials(stage());
  stage().peer_shuts_down_writing();
  for (const std::int64_t size : {cmsg_space(sizeof(ucred)), cmsg_len(0), std::int64_t{0}}) {
    const kit::Call call{.buffers = rooms(2, 2), .ancbufsize = size};
    const kit::Observation bare = by_recvmsg(call);
    for (int i = 0; i < 2; ++i) {
      expect(receive(call), {.data = "", .msg_flags = bare.msg_flags, .ancdata = bare.ancdata});
    }
  }
}

CLAIM(UnixItems, CredentialsPrecedeDescriptors, cites({"unix-items-in-order", "ancdata-items-are-complete"}),
      on(kit::kUnixKinds), needs(kAncillary, kRights, kMsgFlags), reporting({"credentials"})) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  send("abcd", /*files=*/2);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
  const std::vector<std::vector<std::size_t>> expected{{SOL_SOCKET, SCM_CREDENTIALS, sizeof(ucred)},
                                                       {SOL_SOCKET, SCM_RIGHTS, 2 * sizeof(int)}};
  expect_equal("level, type and size of each item", expected, kinds_of(answer));
}

// An implementation that decodes items knows some kinds only: one of another kind costs neither data nor descriptors.
CLAIM(UnixItems, ItemOfAnotherKindCostsNoDescriptors,
      cites({"ancdata-rights-in-order", "descriptors-none-left-open", "unix-items-in-order"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights)) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    send("abcd", /*files=*/2);
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = plenty()}),
           {.data = "abcd", .files = Files{2 * i, 2 * i + 1}});
  }
}

CLAIM(UnixItems, PidfdFollowsCredentialsAndDescriptors, cites("unix-items-in-order"), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kMsgFlags), reporting({"credentials", "pidfd"})) {
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  stage().set_option(SOL_SOCKET, kit::kSoPassPidfd, 1);
  send("abcd", /*files=*/2);
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd", .msg_flags = 0, .files = Files{0, 1}});
  const std::vector<std::vector<std::size_t>> expected{{SOL_SOCKET, SCM_CREDENTIALS, sizeof(ucred)},
                                                       {SOL_SOCKET, SCM_RIGHTS, 2 * sizeof(int)},
                                                       {SOL_SOCKET, kit::kScmPidfd, sizeof(int)}};
  expect_equal("level, type and size of each item", expected, kinds_of(answer));
}

// Only a security module such as SELinux gives labels; what it says is its own business.
CLAIM(UnixItems, SecurityLabelIsReported, cites({"ancdata-items-are-complete", "agrees-with-recvmsg"}),
      on(kit::kUnixKinds), needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"security"})) {
  stage().set_option(SOL_SOCKET, SO_PASSSEC, 1);
  const kit::Call call{.buffers = rooms(2, 2), .ancbufsize = 1024};
  send("abcd");
  const kit::Observation bare = by_recvmsg(call);
  const Items items = bare.ancdata.value_or(Items{});
  if (!std::ranges::any_of(items, [](const kit::AncillaryItem& item) { return item.type == kit::kScmSecurity; })) {
    throw kit::EnvironmentLacks("no security module labels what unix sockets send (SCM_SECURITY)");
  }
  send("abcd");
  expect(receive(call), {.data = "abcd", .msg_flags = bare.msg_flags, .ancdata = items});
}

}  // namespace
}  // namespace recvinto::conformance
