// Descriptors of the sending process (SO_PASSPIDFD, SCM_PIDFD; since Linux 6.5). They are opened for the receiver as
// those of SCM_RIGHTS are, and no less are they to be reported or closed.

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "conformance/descriptors.h"
#include "conformance/framework/check.h"
#include "kit/values/unix_options.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;
using kit::rooms;

void ask_for_pidfds(kit::Stage& stage) {
  require_descriptor_facts(stage);
  stage.require_shared_ids();
  stage.set_option(SOL_SOCKET, kit::kSoPassPidfd, 1);
}

/// The processes that received pidfds are of; 0 for what is none.
std::vector<pid_t> processes_of(const Answer& answer) {
  std::vector<pid_t> processes;
  for (const kit::ReceivedPidfd& pidfd : answer.seen.pidfds) processes.push_back(pidfd.process.value_or(0));
  return processes;
}

std::size_t number_of_items(const Answer& answer) {
  return answer.seen.ancdata.value_or(Items{}).size();
}

CLAIM(Pidfd, PidfdIsOfTheSender, cites({"pidfd-of-the-sender", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kAncillary, kMsgFlags), reporting({"pidfd"})) {
  ask_for_pidfds(stage());
  send("mine");
  const Answer mine = receive({.buffers = rooms(2, 4), .ancbufsize = plenty()});
  expect(mine, {.data = "mine", .msg_flags = 0});
  expect_equal("processes of the pidfds", std::vector{getpid()}, processes_of(mine));
  expect_equal("number of items", std::size_t{1}, number_of_items(mine));
  const pid_t child = stage().send_from_a_child("child's");
  const Answer childs = receive({.buffers = rooms(2, 4), .ancbufsize = plenty()});
  expect(childs, {.data = "child's", .msg_flags = 0});
  expect_equal("processes of the pidfds", std::vector{child}, processes_of(childs));
}

CLAIM(Pidfd, PidfdIsAlwaysCloseOnExec, cites("pidfd-is-close-on-exec"), on(kit::kUnixKinds), needs(kAncillary),
      reporting({"pidfd"})) {
  ask_for_pidfds(stage());
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = plenty()});
  expect(answer, {.data = "abcd"});
  const bool whole = answer.seen.pidfds.size() == 1 && answer.seen.pidfds[0].close_on_exec;
  expect_that("the pidfd", "close-on-exec", whole ? "close-on-exec" : "not so", whole);
}

CLAIM(Pidfd, PidfdIsNotOpenedWithoutSpace,
      cites({"pidfd-needs-room", "ctrunc-is-reported", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kAncillary, kAncbufsize, kMsgFlags), reporting({"pidfd"})) {
  ask_for_pidfds(stage());
  for (const std::int64_t size : {std::int64_t{0}, cmsg_len(0) - 1, cmsg_len(0), cmsg_len(sizeof(int)) - 1}) {
    send("abcd");
    expect(receive({.buffers = rooms(2, 2), .ancbufsize = size}),
           {.data = "abcd", .msg_flags = MSG_CTRUNC, .ancdata = Items{}});
  }
  send("abcd");
  const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = cmsg_len(sizeof(int))});
  expect(answer, {.data = "abcd", .msg_flags = 0});
  expect_equal("processes of the pidfds", std::vector{getpid()}, processes_of(answer));
}

CLAIM(Pidfd, PidfdIsNotOpenedIfDescriptorsFillTheBuffer,
      cites({"pidfd-needs-room", "ctrunc-is-reported", "descriptors-none-left-open"}), on(kit::kUnixKinds),
      needs(kAncillary, kRights, kAncbufsize, kMsgFlags), reporting({"pidfd"})) {
  ask_for_pidfds(stage());
  const std::int64_t for_one = cmsg_space(sizeof(int));
  for (std::size_t sent = 0; sent < 3; ++sent) {
    send("abcd", /*files=*/1);
    const std::int64_t more = std::vector<std::int64_t>{0, cmsg_len(0), cmsg_len(sizeof(int)) - 1}[sent];
    const Answer answer = receive({.buffers = rooms(2, 2), .ancbufsize = for_one + more});
    expect(answer, {.data = "abcd", .msg_flags = MSG_CTRUNC, .files = Files{sent}});
    expect_equal("number of items", std::size_t{1}, number_of_items(answer));
  }
}

CLAIM(Pidfd, MessageSentBeforePasspidfdHasNoPidfd, cites("pidfd-of-before-the-option"), on(kit::kUnixKinds),
      needs(kAncillary, kMsgFlags), reporting({"pidfd"})) {
  send("before");
  ask_for_pidfds(stage());
  expect(receive({.buffers = rooms(2, 4), .ancbufsize = plenty()}),
         {.data = "before", .msg_flags = 0, .ancdata = Items{}});
}

}  // namespace
}  // namespace recvinto::conformance
