// Netlink sockets: messages of the kernel, which is a sender like others and has an address (netlink(7)).

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

#include "conformance/framework/check.h"
#include "conformance/items.h"
#include "conformance/peeked.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::Bytes;
using kit::room;
using kit::rooms;

/// sockaddr_nl behind its family: two bytes of padding, port 0, and the groups.
kit::Address of_the_kernel(std::uint32_t groups) {
  return {.family = AF_NETLINK, .path = {}, .host = {}, .raw = Bytes(6, '\0') + bytes_of(groups)};
}

void listen_to_the_group(kit::Stage& stage) {
  stage.enter_private_network();
  stage.set_option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK);
}

/// The message at the head of the queue.
/// Two buffers that the message fits into.
std::vector<kit::Buffer> room_for(const Bytes& message) {
  return rooms(2, message.size() / 2 + 1);
}

CLAIM(Netlink, KernelMessageIsFromNetlinkPortZero, cites({"address-of-netlink", "fill-in-order"}),
      on(kit::kNetlinkRoute), needs(kMsgFlags, kAddress)) {
  stage().ask_for_interfaces();
  const Bytes message = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = room_for(message)}), {.data = message, .msg_flags = 0, .address = of_the_kernel(0)});
}

CLAIM(Netlink, NetlinkGroupMessageAddressHasTheGroup, cites("address-of-netlink"), on(kit::kNetlinkRoute),
      needs(kMsgFlags, kAddress)) {
  listen_to_the_group(stage());
  stage().change_interface();
  const Bytes message = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = room_for(message)}),
         {.data = message, .msg_flags = 0, .address = of_the_kernel(1U << (RTNLGRP_LINK - 1))});
}

CLAIM(Netlink, NetlinkHeaderAndBodyFillSeparateBuffers, cites("fill-in-order"), on(kit::kNetlinkRoute),
      needs(kScatter, kMsgFlags)) {
  stage().ask_for_interfaces();
  const Bytes message = data_of(by_recvmsg(kPeek));
  const Answer answer = receive({.buffers = {room(sizeof(nlmsghdr)), room(message.size())}});
  expect(answer, {.data = message, .msg_flags = 0});
  nlmsghdr header{};
  if (!answer.seen.error) std::memcpy(&header, answer.seen.storages[0].data(), sizeof header);
  expect_equal("nlmsg_type", int{RTM_NEWLINK}, int{header.nlmsg_type});
  expect_that("nlmsg_len", "at most nbytes", std::to_string(header.nlmsg_len), header.nlmsg_len <= answer.seen.nbytes);
}

CLAIM(Netlink, PeekMeasuresTheNetlinkMessage, cites({"trunc-with-peek-measures", "trunc-asked-tells-the-length"}),
      on(kit::kNetlinkRoute), needs(kNoBuffers, kFlags, kMsgFlags)) {
  stage().ask_for_interfaces();
  const Bytes message = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = {}, .flags = MSG_PEEK | MSG_TRUNC}),
         {.data = "", .nbytes = static_cast<std::int64_t>(message.size()), .msg_flags = MSG_TRUNC});
  expect(receive({.buffers = {room(message.size())}}), {.data = message, .msg_flags = 0});
}

CLAIM(Netlink, TruncatedNetlinkMessageReturnsItsLength, cites("trunc-asked-tells-the-length"), on(kit::kNetlinkRoute),
      needs(kFlags, kMsgFlags)) {
  stage().ask_for_interfaces();
  const Bytes message = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = rooms(2, 8), .flags = MSG_TRUNC}),
         {.data = message.substr(0, 16), .nbytes = static_cast<std::int64_t>(message.size()), .msg_flags = MSG_TRUNC});
}

CLAIM(Netlink, NetlinkPktinfoHasTheGroup, cites("netlink-packet-info"), on(kit::kNetlinkRoute), needs(kAncillary),
      reporting({"netlink_pktinfo"})) {
  const auto group = [](unsigned number) {
    return Items{item(SOL_NETLINK, NETLINK_PKTINFO, nl_pktinfo{.group = number})};
  };
  listen_to_the_group(stage());
  stage().set_option(SOL_NETLINK, NETLINK_PKTINFO, 1);
  stage().ask_for_interfaces();
  expect(receive({.buffers = {room(32)}, .ancbufsize = plenty()}), {.ancdata = group(0)});
  stage().drain();
  stage().change_interface();
  expect(receive({.buffers = {room(32)}, .ancbufsize = plenty()}), {.ancdata = group(RTNLGRP_LINK)});
}

// Where user 0 of the system has no id in this user namespace, it is shown as the overflow user (user_namespaces(7)).
CLAIM(Netlink, KernelMessageHasKernelCredentials, cites("netlink-credentials-of-the-kernel"), on(kit::kNetlinkRoute),
      needs(kAncillary), reporting({"credentials"})) {
  constexpr unsigned kOverflowUser = 65'534;
  stage().set_option(SOL_SOCKET, SO_PASSCRED, 1);
  stage().ask_for_interfaces();
  const Answer answer = receive({.buffers = {room(32)}, .ancbufsize = plenty()});
  expect(answer, {});
  ucred credentials{.pid = -1, .uid = 1, .gid = 1};
  const Items items = answer.seen.ancdata.value_or(Items{});
  if (items.size() == 1 && items[0].data.size() == sizeof credentials) {
    std::memcpy(&credentials, items[0].data.data(), sizeof credentials);
  }
  if (credentials.uid == kOverflowUser && credentials.gid == kOverflowUser) credentials.uid = credentials.gid = 0;
  expect_equal("process, user and group", std::vector<unsigned>{0, 0, 0},
               {static_cast<unsigned>(credentials.pid), credentials.uid, credentials.gid});
}

CLAIM(Netlink, NetlinkOverrunReportsEnobufsOnce, cites("netlink-overrun"), on(kit::kNetlinkRoute), needs()) {
  listen_to_the_group(stage());
  stage().set_option(SOL_SOCKET, SO_RCVBUF, 1);  // the least that there is
  stage().overrun_receiver();
  expect(receive({.buffers = rooms(2, 32)}), {.failure = os_error(ENOBUFS)});
  const Bytes message = data_of(by_recvmsg(kPeek));
  expect(receive({.buffers = room_for(message)}), {.data = message});
}

}  // namespace
}  // namespace recvinto::conformance
