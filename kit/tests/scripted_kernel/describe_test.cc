// Scripts and logs as sentences: what a report shows of them.

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "kit/tests/scripted_kernel/results.h"
#include "kit/values/call_log.h"
#include "kit/values/script.h"

namespace recvinto::kit {
namespace {

TEST(DescribedScript, NamesEachStepInOrder) {
  EXPECT_EQ(describe(Script{.steps = {fails(ENOMEM), gives("abc"), pass(), proxy(), hold()}}),
            "the kernel fails with ENOMEM, then gives \"abc\", then passes the call on, then receives in the "
            "implementation's place, then holds the call");
}

TEST(DescribedScript, CountsStepsThatAreAlike) {
  EXPECT_EQ(describe(Script{.steps = times(3, fails(EINTR), {gives("a"), fails(EINTR)})}),
            "the kernel fails with EINTR 3 times, then gives \"a\", then fails with EINTR");
}

TEST(DescribedScript, NamesItsWaitsInOrder) {
  EXPECT_EQ(
      describe(Script{.steps = {gives("a")},
                      .waits = {wait_is_interrupted(std::chrono::milliseconds(5)),
                                wait_is_interrupted(std::chrono::milliseconds(5)), wait_times_out(), wait_is_ready()}}),
      "the kernel gives \"a\"; to waits it after 5 ms ends the wait with EINTR 2 times, then says that the time is "
      "up, then says that the socket is ready");
}

TEST(DescribedScript, NamesAWaitWithItsTimeout) {
  EXPECT_EQ(describe(SeenWait{.system_call = "poll", .timeout = std::chrono::microseconds(12'500)}),
            "poll(12.5 ms) = passed on");
  EXPECT_EQ(describe(SeenWait{.system_call = "ppoll", .answer = ScriptedWait::Answer::kTimedOut}),
            "ppoll(no timeout) = timed out");
}

TEST(DescribedScript, SaysThatTheLastStepRepeats) {
  EXPECT_EQ(describe(Script{.steps = {fails(EAGAIN)}, .last_repeats = true}),
            "the kernel fails with EAGAIN, again and again");
}

TEST(DescribedStep, NamesTheSignal) {
  EXPECT_EQ(describe(interrupted_by(SIGUSR1)), "delivers SIGUSR1 and fails with EINTR");
}

TEST(DescribedStep, NamesEveryOverride) {
  answer::Result result = with_control("ab", {{.level = IPPROTO_IP, .type = IP_TTL, .data = "xyz"}});
  result.raw_control = "\x01";
  result.pad_the_last = false;
  result.address = "addr";
  result.msg_flags = MSG_TRUNC;
  result.returned = 9;
  result.msg_controllen = 8;
  result.msg_namelen = 7;
  EXPECT_EQ(describe(gives(result)),
            "gives \"ab\" and returns 9; control message IPPROTO_IP/IP_TTL \"xyz\"; control bytes 01 without padding; "
            "msg_controllen 8; address \"addr\"; msg_namelen 7; msg_flags MSG_TRUNC");
}

TEST(DescribedStep, ShowsWhatAFailureScribbles) {
  EXPECT_EQ(describe(fails(EINTR, with_control("ab", {}))), "fails with EINTR, having written: gives \"ab\"");
}

TEST(DescribedMessage, NamesItsLies) {
  EXPECT_EQ(describe(rights(2)), "control message SOL_SOCKET/SCM_RIGHTS \"\" with 2 descriptors");
  EXPECT_EQ(describe(ScriptedMessage{.level = 1, .type = 99, .data = "a", .claimed_data = 5, .claimed_length = 16}),
            "control message 1/99 \"a\" claiming 5 bytes of data with cmsg_len 0x10");
}

SeenCall with_outcome(SeenCall::Outcome outcome, std::int64_t result) {
  SeenCall call;
  call.outcome = outcome;
  call.result = result;
  return call;
}

TEST(DescribedCall, ShowsItsArgumentsAndItsAnswer) {
  SeenCall call = with_outcome(SeenCall::Outcome::kFailed, EINTR);
  call.flags = MSG_PEEK;
  call.buffers = {{100, 4}, {200, 7}, {300, 14}};
  call.name = 1;
  call.namelen = 110;
  call.control = 1;
  call.controllen = 64;
  EXPECT_EQ(describe(call), "recvmsg(flags MSG_PEEK, 3 buffers 4+7+14, name 110, control 64) = EINTR");
}

TEST(DescribedCall, SaysWhatWasNotOffered) {
  SeenCall call = with_outcome(SeenCall::Outcome::kReturned, 0);
  call.namelen = 110;
  call.controllen = 64;
  EXPECT_EQ(describe(call), "recvmsg(flags 0, 0 buffers, name none, control none) = 0");
}

TEST(DescribedCall, ShowsOnlyTheFirstOfManyBuffers) {
  SeenCall call = with_outcome(SeenCall::Outcome::kReturned, 1);
  call.buffers.assign(9, {100, 1});
  EXPECT_EQ(describe(call), "recvmsg(flags 0, 9 buffers 1+1+1+1+1+1+1+1+..., name none, control none) = 1");
}

TEST(DescribedCall, TellsTheOutcomesApart) {
  const auto end_of = [](SeenCall::Outcome outcome, std::int64_t result) {
    const std::string text = describe(with_outcome(outcome, result));
    return text.substr(text.find(") = ") + 4);
  };
  EXPECT_EQ(end_of(SeenCall::Outcome::kReturned, 22), "22");
  EXPECT_EQ(end_of(SeenCall::Outcome::kFailed, ENOMEM), "ENOMEM");
  EXPECT_EQ(end_of(SeenCall::Outcome::kRefused, EMSGSIZE), "EMSGSIZE, for its arguments");
  EXPECT_EQ(end_of(SeenCall::Outcome::kPassed, 0), "passed on");
  EXPECT_EQ(end_of(SeenCall::Outcome::kUnscripted, EBADMSG), "EBADMSG, one receive too many");
}

TEST(DescribedCall, NamesACallThatIsNoRecvmsg) {
  SeenCall call = with_outcome(SeenCall::Outcome::kPassed, 0);
  call.system_call = "readv";
  EXPECT_EQ(describe(call), "readv() = passed on");
}

TEST(Oddity, HasNames) {
  EXPECT_EQ(name(Oddity::kOrdinary), "K0");
  EXPECT_EQ(name(Oddity::kOdd), "K1");
  EXPECT_EQ(name(Oddity::kMalformed), "K2");
  EXPECT_EQ(name(Oddity::kImpossible), "K3");
}

}  // namespace
}  // namespace recvinto::kit
