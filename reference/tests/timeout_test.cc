// How long a receive waits, and for what (Python's settimeout; poll(2)).

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "recvinto/recvmsg_into.h"
#include "scripted_kernel.h"
#include "sockets.h"

namespace recvinto {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using testing::Buffers;
using testing::ScriptedKernel;

constexpr int kSocket = 1 << 30;  // not open: only scripted kernels are asked about it

class Timeout : public ::testing::Test {
 protected:
  std::error_code receive(Kernel& kernel, int fd, const Wait& wait, int flags = 0) {
    std::error_code error;
    received_ = recvmsg_into(kernel, fd, buffers_.iovecs(), control_, flags, wait, error);
    return error;
  }

  std::error_code receive(const Wait& wait, int flags = 0) { return receive(kernel_, kSocket, wait, flags); }

  ScriptedKernel kernel_;
  ControlBuffer control_;
  Buffers buffers_{{8}};
  Received received_;
};

TEST_F(Timeout, OfNoneLeavesTheFlagsAndTheWaitingToTheKernel) {
  kernel_.recvmsg_delivers({.result = 0});
  EXPECT_EQ(receive({}, MSG_PEEK), std::error_code());
  EXPECT_EQ(kernel_.calls().front().flags, MSG_PEEK);
}

TEST_F(Timeout, OfNoneLetsWouldBlockThrough) {
  kernel_.recvmsg_fails(EAGAIN);
  EXPECT_EQ(receive({}), std::error_code(EAGAIN, std::system_category()));
}

TEST_F(Timeout, OfZeroDoesNotWait) {
  kernel_.recvmsg_fails(EAGAIN);
  EXPECT_EQ(receive({.timeout = 0s}, MSG_PEEK), std::error_code(EAGAIN, std::system_category()));
  EXPECT_EQ(kernel_.calls().front().flags, MSG_PEEK | MSG_DONTWAIT);
}

TEST_F(Timeout, NeedsOneSystemCallWhereAMessageIsThere) {
  kernel_.recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive({.timeout = 1s}, MSG_PEEK), std::error_code());
  EXPECT_EQ(kernel_.calls().front().flags, MSG_PEEK | MSG_DONTWAIT);
}

TEST_F(Timeout, WaitsForReadinessAndReceives) {
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready(80ms).recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive({.timeout = 2s}), std::error_code());
  EXPECT_EQ(kernel_.polls().front().fd, kSocket);
  EXPECT_EQ(kernel_.polls().front().events, POLLIN);
  EXPECT_EQ(kernel_.polls().front().timeout, 2s);
  EXPECT_EQ(received_.nbytes, 4u);
}

TEST_F(Timeout, IsTheCallersAndNotTheKernels) {
  kernel_.recvmsg_fails(EAGAIN).poll_expires();
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
  kernel_.recvmsg_fails(ETIMEDOUT);
  EXPECT_EQ(receive({.timeout = 100ms}), std::error_code(ETIMEDOUT, std::system_category()));
}

TEST_F(Timeout, CountsFromTheBeginningOfTheCall) {
  kernel_.recvmsg_fails(EAGAIN, 30ms).poll_expires();
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
  EXPECT_EQ(kernel_.polls().front().timeout, 70ms);
}

TEST_F(Timeout, IsNotOverBecausePollIsEarly) {
  kernel_.recvmsg_fails(EAGAIN).poll_returns_early(99ms).poll_returns_early(999us).poll_expires();
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
  EXPECT_EQ(kernel_.polls().back().timeout, 1us);
}

TEST_F(Timeout, GoesOnAfterFalseReadiness) {
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready(10ms).recvmsg_fails(EAGAIN).poll_says_ready(20ms).recvmsg_delivers(
      {.result = 4, .data = "data"});
  EXPECT_EQ(receive({.timeout = 100ms}), std::error_code());
  EXPECT_EQ(kernel_.polls().back().timeout, 90ms);
}

TEST_F(Timeout, PausesWhereReadinessIsFalseAgainAndAgain) {
  kernel_.recvmsg_fails(EAGAIN)
      .poll_says_ready()
      .recvmsg_fails(EAGAIN)
      .poll_says_ready()
      .recvmsg_fails(EAGAIN)
      .poll_expires()  // the pause
      .poll_says_ready()
      .recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive({.timeout = 100ms}), std::error_code());
  EXPECT_LT(kernel_.polls()[2].fd, 0);
  EXPECT_EQ(kernel_.polls()[2].timeout, 1ms);
  EXPECT_EQ(kernel_.polls()[3].fd, kSocket);
  EXPECT_EQ(kernel_.polls()[3].timeout, 99ms);
}

TEST_F(Timeout, EndsEndlessFalseReadiness) {
  kernel_.recvmsg_fails(EAGAIN);
  for (int time = 0; time < 2; ++time) kernel_.poll_says_ready(50ms).recvmsg_fails(EAGAIN);
  EXPECT_EQ(receive({.timeout = 100ms}), ReceiveErrc::kTimedOut);
}

TEST_F(Timeout, EndsWithAnErrorOfPoll) {
  kernel_.recvmsg_fails(EAGAIN).poll_fails(ENOMEM);
  EXPECT_EQ(receive({.timeout = 100ms}), std::error_code(ENOMEM, std::system_category()));
}

TEST_F(Timeout, EndsWithAnErrorOfTheSocketAfterAWait) {
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready().recvmsg_fails(ECONNRESET);
  EXPECT_EQ(receive({.timeout = 100ms}), std::error_code(ECONNRESET, std::system_category()));
}

// poll(2): POLLPRI is where TCP announces urgent data, that is without POLLIN if nothing else came.
TEST_F(Timeout, WatchesForUrgentDataWhereItIsAskedFor) {
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready().recvmsg_delivers({.result = 1, .data = "!"});
  EXPECT_EQ(receive({.timeout = 1s}, MSG_OOB), std::error_code());
  EXPECT_EQ(kernel_.polls().front().events, POLLIN | POLLPRI);
}

// recvmsg(2), MSG_ERRQUEUE: announced by POLLERR, which needs no asking. Ordinary data must not end the wait.
TEST_F(Timeout, WatchesForErrorsAloneWhereTheErrorQueueIsAskedFor) {
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready().recvmsg_delivers({.result = 0});
  EXPECT_EQ(receive({.timeout = 1s}, MSG_ERRQUEUE), std::error_code());
  EXPECT_EQ(kernel_.polls().front().events, 0);
}

// Linux: AF_UNIX knows no error queue and gives ordinary data, so these end the wait.
TEST_F(Timeout, WatchesForDataOnAUnixSocketThatIgnoresTheErrorQueue) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  kernel_.recvmsg_fails(EAGAIN).poll_says_ready().recvmsg_delivers({.result = 4, .data = "data"});
  EXPECT_EQ(receive(kernel_, pair.receiver.get(), {.timeout = 1s}, MSG_ERRQUEUE), std::error_code());
  EXPECT_EQ(kernel_.polls().front().events, POLLIN);
}

TEST_F(Timeout, MayBeTheLongestThereIs) {
  kernel_.recvmsg_fails(EINTR).recvmsg_fails(EAGAIN).poll_says_ready(1h).recvmsg_delivers({.result = 0});
  EXPECT_EQ(receive({.timeout = nanoseconds::max()}), std::error_code());
  EXPECT_GT(kernel_.polls().front().timeout, 24h * 365 * 200);
}

TEST_F(Timeout, BelowZeroIsRefusedBeforeAnySystemCall) {
  EXPECT_EQ(receive({.timeout = -1ns}), ReceiveErrc::kNegativeTimeout);
  EXPECT_TRUE(kernel_.calls().empty());
}

// The real kernel, with its calls counted.
class CountingKernel final : public Kernel {
 public:
  ssize_t recvmsg(int fd, msghdr& message, int flags) noexcept override {
    ++calls;
    return host_kernel().recvmsg(fd, message, flags);
  }
  int poll(pollfd& entry, nanoseconds timeout) noexcept override {
    ++calls;
    return host_kernel().poll(entry, timeout);
  }
  steady_clock::time_point now() noexcept override { return host_kernel().now(); }

  int calls = 0;
};

TEST_F(Timeout, OnARealSocketIsNeverEarly) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  for (const nanoseconds timeout : {nanoseconds(1), nanoseconds(100us), nanoseconds(3ms)}) {
    const steady_clock::time_point begin = steady_clock::now();
    EXPECT_EQ(receive(host_kernel(), pair.receiver.get(), {.timeout = timeout}), ReceiveErrc::kTimedOut);
    EXPECT_GE(steady_clock::now() - begin, timeout);
  }
}

TEST_F(Timeout, OnARealSocketLosesNothing) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  ASSERT_EQ(receive(host_kernel(), pair.receiver.get(), {.timeout = 1us}), ReceiveErrc::kTimedOut);
  testing::send_message(pair.sender.get(), "later");
  EXPECT_EQ(receive(host_kernel(), pair.receiver.get(), {.timeout = 1h}), std::error_code());
  EXPECT_EQ(buffers_.text(), "later...");
}

// A unix datagram socket shut down for reading stays readable, and has nothing to read.
TEST_F(Timeout, OnARealSocketDoesNotSpinOverFalseReadiness) {
  const testing::SocketPair pair = testing::unix_pair(SOCK_DGRAM);
  ASSERT_EQ(shutdown(pair.receiver.get(), SHUT_RD), 0);
  CountingKernel kernel;
  EXPECT_EQ(receive(kernel, pair.receiver.get(), {.timeout = 20ms}), ReceiveErrc::kTimedOut);
  EXPECT_LE(kernel.calls, 100);
}

TEST_F(Timeout, OnARealSocketIsOverThoughDataWaitsBesideTheErrorQueue) {
  const testing::SocketPair pair = testing::udp_pair(AF_INET);
  testing::send_message(pair.sender.get(), "data");
  CountingKernel kernel;
  EXPECT_EQ(receive(kernel, pair.receiver.get(), {.timeout = 5ms}, MSG_ERRQUEUE), ReceiveErrc::kTimedOut);
  EXPECT_LE(kernel.calls, 10);
}

}  // namespace
}  // namespace recvinto
