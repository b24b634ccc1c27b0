// What happens when a signal interrupts the call (PEP 475; signal(7), "Interruption of system calls").

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "recvinto/message.h"
#include "recvinto/recvmsg_into.h"
#include "scripted_kernel.h"
#include "sockets.h"

namespace recvinto {
namespace {

using namespace std::chrono_literals;
using testing::Buffers;
using testing::ControlBytes;
using testing::ScriptedKernel;

constexpr int kSocket = 1 << 30;  // not open: only scripted kernels are asked about it
constexpr std::size_t kAncbufsize = 64;

// One receive of at most 8 bytes from a scripted kernel.
class InterruptedReceive : public ::testing::Test {
 protected:
  std::error_code receive(const Wait& wait = {}) {
    std::error_code error;
    received_ = recvmsg_into(kernel_, kSocket, buffers_.iovecs(), control_, MSG_PEEK, wait, error);
    return error;
  }

  ScriptedKernel kernel_;
  ControlStorage<kAncbufsize> storage_;
  ControlBuffer control_{storage_};
  Buffers buffers_{{8}};
  Received received_;
};

TEST_F(InterruptedReceive, IsRetriedUntilItSucceeds) {
  for (int time = 0; time < 20; ++time) kernel_.recvmsg_fails(EINTR);
  kernel_.recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive(), std::error_code());
  EXPECT_EQ(kernel_.calls().size(), 21u);
  EXPECT_EQ(received_.nbytes, 4u);
  EXPECT_EQ(buffers_.text(), "data....");
}

// With MSG_ERRQUEUE the descriptor is asked what it is, which may fail.
TEST_F(InterruptedReceive, IsRetriedWhereTheErrorQueueIsAskedForOfWhatIsNoSocket) {
  kernel_.recvmsg_fails(EINTR).recvmsg_delivers({.result = 4, .data = "data"});
  std::error_code error;
  recvmsg_into(kernel_, kSocket, buffers_.iovecs(), control_, MSG_ERRQUEUE, {}, error);
  EXPECT_EQ(error, std::error_code());
}

TEST_F(InterruptedReceive, PassesTheSameArgumentsEachTime) {
  const int garbage = 1;
  kernel_
      .recvmsg_fails_and_scribbles(EINTR, {.control = ControlBytes{}.rights({garbage}),
                                           .controllen = 0,
                                           .address = "scribble",
                                           .namelen = 0,
                                           .flags = MSG_CTRUNC})
      .recvmsg_fails_and_scribbles(EINTR, {.controllen = 9999, .namelen = 9999, .flags = -1})
      .recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive(), std::error_code());
  for (const ScriptedKernel::Call& call : kernel_.calls()) {
    EXPECT_EQ(call.fd, kSocket);
    EXPECT_EQ(call.flags, MSG_PEEK);
    EXPECT_EQ(call.header.msg_namelen, SocketAddress::kCapacity);
    EXPECT_NE(call.header.msg_name, nullptr);
    EXPECT_EQ(call.header.msg_control, storage_.bytes().data());
    EXPECT_EQ(call.header.msg_controllen, kAncbufsize);
    EXPECT_EQ(call.header.msg_iov, buffers_.iovecs().data());
    EXPECT_EQ(call.header.msg_iovlen, 1u);
    EXPECT_EQ(call.header.msg_flags, 0);
  }
}

TEST_F(InterruptedReceive, KeepsNothingOfTheFailedAttempts) {
  kernel_.recvmsg_fails_and_scribbles(EINTR, {.control = ControlBytes{}.message(1, 2, {}), .address = "xx", .flags = 8})
      .recvmsg_delivers({.result = 1, .data = "d"});
  EXPECT_EQ(receive(), std::error_code());
  EXPECT_TRUE(control_.bytes().empty());
  EXPECT_TRUE(received_.address.empty());
  EXPECT_EQ(received_.msg_flags, 0);
}

TEST_F(InterruptedReceive, AsksTheHookOnceBeforeEachRetry) {
  kernel_.recvmsg_fails(EINTR).recvmsg_fails(EINTR).recvmsg_delivers({.result = 0});
  std::vector<std::size_t> calls_seen;
  auto hook = [&] {
    calls_seen.push_back(kernel_.calls().size());
    return std::error_code();
  };
  EXPECT_EQ(receive({.on_interrupt = hook}), std::error_code());
  EXPECT_THAT(calls_seen, ::testing::ElementsAre(1u, 2u));
}

TEST_F(InterruptedReceive, EndsWithTheHooksErrorAndNoFurtherCall) {
  kernel_.recvmsg_fails(EINTR);
  const auto hook = [] { return std::make_error_code(std::errc::operation_canceled); };
  EXPECT_EQ(receive({.on_interrupt = hook}), std::errc::operation_canceled);
  EXPECT_EQ(received_.nbytes, 0u);
}

TEST_F(InterruptedReceive, EndsWithTheHooksErrorWhileItWaits) {
  kernel_.recvmsg_fails(EAGAIN).poll_fails(EINTR);
  const auto hook = [] { return std::make_error_code(std::errc::operation_canceled); };
  EXPECT_EQ(receive({.timeout = 1s, .on_interrupt = hook}), std::errc::operation_canceled);
}

TEST_F(InterruptedReceive, LetsTheHooksExceptionOut) {
  kernel_.recvmsg_fails(EINTR);
  auto hook = []() -> std::error_code { throw std::domain_error("from the handler"); };
  EXPECT_THROW(recvmsg_into(kernel_, kSocket, buffers_.iovecs(), control_, 0, {.on_interrupt = hook}),
               std::domain_error);
}

TEST_F(InterruptedReceive, LetsTheExceptionOfTheMessageLevelHookOut) {
  kernel_.recvmsg_fails(EINTR);
  const auto hook = [] { throw std::domain_error("from the handler"); };
  EXPECT_THROW(recvmsg_into(kSocket, buffers_.iovecs(), 0, 0, {.on_interrupt = hook, .kernel = &kernel_}),
               std::domain_error);
}

TEST_F(InterruptedReceive, AsksTheMessageLevelHookBeforeEachRetry) {
  kernel_.recvmsg_fails(EINTR).recvmsg_fails(EINTR).recvmsg_delivers({.result = 2, .data = "ok"});
  int interruptions = 0;
  const Message message =
      recvmsg_into(kSocket, buffers_.iovecs(), 0, 0, {.on_interrupt = [&] { ++interruptions; }, .kernel = &kernel_});
  EXPECT_EQ(message.nbytes, 2u);
  EXPECT_EQ(interruptions, 2);
}

TEST_F(InterruptedReceive, IsRetriedWithoutWaitingToo) {
  kernel_.recvmsg_fails(EINTR).recvmsg_fails(EAGAIN);
  EXPECT_EQ(receive({.timeout = 0s}), std::errc::resource_unavailable_try_again);
  EXPECT_EQ(kernel_.calls().size(), 2u);
}

TEST_F(InterruptedReceive, WaitsOnForTheRemainingTimeOnly) {
  kernel_.recvmsg_fails(EAGAIN).poll_fails(EINTR, 30ms).poll_fails(EINTR, 50ms).poll_expires();
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
  ASSERT_EQ(kernel_.polls().size(), 3u);
  EXPECT_EQ(kernel_.polls()[0].timeout, 100ms);
  EXPECT_EQ(kernel_.polls()[1].timeout, 70ms);
  EXPECT_EQ(kernel_.polls()[2].timeout, 20ms);
}

TEST_F(InterruptedReceive, CountsTheHooksTimeToo) {
  kernel_.recvmsg_fails(EAGAIN).poll_fails(EINTR, 30ms).poll_expires();
  auto hook = [&] {
    kernel_.advance(60ms);
    return std::error_code();
  };
  EXPECT_EQ(receive({.timeout = 100ms, .on_interrupt = hook}), ReceiveErrc::kTimedOut);
  EXPECT_EQ(kernel_.polls().back().timeout, 10ms);
}

TEST_F(InterruptedReceive, TimesOutThoughEveryAttemptIsInterrupted) {
  kernel_.recvmsg_fails(EINTR, 40ms).recvmsg_fails(EINTR, 40ms).recvmsg_fails(EINTR, 40ms);
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
}

// A timer that interrupts this thread again and again for as long as it lives, so that no interruption can come too
// early to be seen.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action = {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    sigaction(SIGALRM, &action, &previous_);
    const itimerval every_millisecond{.it_interval = {.tv_sec = 0, .tv_usec = 1000},
                                      .it_value = {.tv_sec = 0, .tv_usec = 1000}};
    setitimer(ITIMER_REAL, &every_millisecond, nullptr);
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  ~Interruptions() {
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &previous_, nullptr);
  }

 private:
  struct sigaction previous_ = {};
};

class LiveInterruption : public ::testing::TestWithParam<std::optional<std::chrono::nanoseconds>> {};

INSTANTIATE_TEST_SUITE_P(Modes, LiveInterruption, ::testing::Values(std::nullopt, 1h),
                         [](const ::testing::TestParamInfo<LiveInterruption::ParamType>& test) {
                           return test.param ? "Timeout" : "Blocking";
                         });

TEST_P(LiveInterruption, RunsTheHookAndReceivesWhatItSends) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  const Buffers buffers({8});
  int interruptions = 0;
  auto hook = [&] {
    if (++interruptions == 3) testing::send_message(pair.sender.get(), "sent");
  };
  const Interruptions timer;
  const Message message =
      recvmsg_into(pair.receiver.get(), buffers.iovecs(), 0, 0, {.timeout = GetParam(), .on_interrupt = hook});
  EXPECT_EQ(message.nbytes, 4u);
  EXPECT_EQ(buffers.text(), "sent....");
  EXPECT_GE(interruptions, 3);
}

TEST_P(LiveInterruption, ConsumesNothingWhenTheHookThrows) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  const Buffers buffers({8});
  auto hook = [&] {
    testing::send_message(pair.sender.get(), "sent");
    throw std::domain_error("from the handler");
  };
  {
    const Interruptions timer;
    EXPECT_THROW(
        recvmsg_into(pair.receiver.get(), buffers.iovecs(), 0, 0, {.timeout = GetParam(), .on_interrupt = hook}),
        std::domain_error);
  }
  EXPECT_EQ(buffers.text(), "........");
  EXPECT_EQ(recvmsg_into(pair.receiver.get(), buffers.iovecs(), 0, MSG_DONTWAIT).nbytes, 4u);
}

}  // namespace
}  // namespace recvinto
