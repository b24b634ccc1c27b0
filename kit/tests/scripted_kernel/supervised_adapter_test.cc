// An adapter under a scripted kernel, by its own program and protocol.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/deadlines.h"
#include "kit/tests/scripted_kernel/results.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = SeenCall::Outcome;

class SupervisedAdapterTest : public testing::Test {
 protected:
  explicit SupervisedAdapterTest(KernelMode mode = KernelMode::kPass)
      : adapter_({CONFORMANCE_RUNNER, "serve", "reference"}, kLong, mode),
        socket_(adapter_.supply(kUnixDatagram, Form::kPair)) {}

  Observation receive(const Call& call) {
    adapter_.start(socket_.name, call);
    return adapter_.finish();
  }
  Observation play(const Script& script, const Call& call, std::span<const int> files = {}) {
    adapter_.play(script, files, socket_.peer.get());
    Observation observation = receive(call);
    log_ = adapter_.finish_play();
    EXPECT_THAT(log_.troubles, IsEmpty());
    return observation;
  }
  /// Whether the adapter's descriptor is open on the file of ours.
  bool is_open_there_on(int number, int file) const {
    struct stat expected{};
    fstat(file, &expected);
    return std::ranges::any_of(open_descriptors(adapter_.pid()), [&](const OpenDescriptor& open) {
      return open.number == number && open.device == expected.st_dev && open.inode == expected.st_ino;
    });
  }
  void send_real_data() const { ASSERT_EQ(send(socket_.peer.get(), "real", 4, 0), 4); }

  AdapterProcess adapter_;
  Supplied socket_;
  CallLog log_;
};

TEST_F(SupervisedAdapterTest, IsGivenWhatTheScriptSays) {
  answer::Result result = with_control("abcd", {{.level = 41, .type = 7, .data = "item"}});
  result.msg_flags = MSG_EOR;
  const Observation observation =
      play({.steps = times(3, fails(EINTR), {gives(result)})}, {.buffers = {room(3), room(3)}, .ancbufsize = 64});
  EXPECT_EQ(observation.nbytes, 4);
  EXPECT_THAT(observation.storages, ElementsAre("abc", "d\xee\xee"));
  EXPECT_THAT(observation.ancdata.value(), ElementsAre(AncillaryItem{41, 7, "item"}));
  EXPECT_EQ(observation.msg_flags, MSG_EOR);
  EXPECT_THAT(log_.calls, SizeIs(4));
}

TEST_F(SupervisedAdapterTest, HasTheDescriptorsThatWerePlanted) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::array files{null.get()};
  const Observation observation = play({.steps = {gives(with_control("a", {rights(1)}))}},
                                       {.buffers = {room(1)}, .ancbufsize = 64, .flags = MSG_CMSG_CLOEXEC}, files);
  const std::vector<int> numbers = reported_descriptors(observation.ancdata.value());
  ASSERT_THAT(numbers, SizeIs(1));
  EXPECT_TRUE(is_close_on_exec(adapter_.pid(), numbers[0]));
  EXPECT_TRUE(is_open_there_on(numbers[0], null.get()));
}

TEST_F(SupervisedAdapterTest, ReceivesForRealWhileNothingIsPlayed) {
  send_real_data();
  EXPECT_THAT(receive({.buffers = {room(4)}}).storages, ElementsAre("real"));
}

TEST_F(SupervisedAdapterTest, ReceivesForRealAgainAfterAPlay) {
  play({.steps = {gives("a")}}, {.buffers = {room(1)}});
  send_real_data();
  EXPECT_THAT(receive({.buffers = {room(4)}}).storages, ElementsAre("real"));
}

TEST_F(SupervisedAdapterTest, HasItsHandlerRunInAnInterruptedCall) {
  adapter_.install_handler(SIGUSR1, HandlerAction::kReturn);
  const Observation observation =
      play({.steps = times(3, interrupted_by(SIGUSR1), {gives("a")})}, {.buffers = {room(1)}});
  EXPECT_EQ(observation.signals, 3);
  EXPECT_EQ(observation.nbytes, 1);
}

TEST_F(SupervisedAdapterTest, WaitsForReadinessThatThePokeGives) {
  const Observation observation =
      play({.steps = times(2, fails(EAGAIN), {gives("a")})}, {.buffers = {room(1)}, .timeout = kLong});
  EXPECT_EQ(observation.nbytes, 1);
  EXPECT_THAT(log_.calls, SizeIs(3));
}

TEST_F(SupervisedAdapterTest, IsHeldAndReleased) {
  const Script script{.steps = {fails(EINTR), hold()}};
  adapter_.play(script, {}, -1);
  adapter_.start(socket_.name, {.buffers = {room(4)}});
  ASSERT_TRUE(adapter_.await_hold());
  EXPECT_FALSE(adapter_.has_answer());
  send_real_data();
  adapter_.release_hold();
  EXPECT_THAT(adapter_.finish().storages, ElementsAre("real"));
  EXPECT_EQ(adapter_.finish_play().unused_steps, 0U);
}

TEST_F(SupervisedAdapterTest, IsSeenAsleepOnlyInTheKernel) {
  const Script script{.steps = {fails(EINTR), pass()}};
  adapter_.play(script, {}, -1);
  adapter_.start(socket_.name, {.buffers = {room(4)}});
  EXPECT_TRUE(adapter_.wait_until_asleep(socket_.name.number));
  send_real_data();
  EXPECT_EQ(adapter_.finish().nbytes, 4);
  EXPECT_THAT(adapter_.finish_play().calls, SizeIs(2));
}

TEST_F(SupervisedAdapterTest, CrashesWhileItsCallIsHeldWithoutAHang) {
  const Script script{.steps = {hold()}};
  adapter_.play(script, {}, -1);
  adapter_.start(socket_.name, {.buffers = {room(4)}});
  ASSERT_TRUE(adapter_.await_hold());
  kill(adapter_.pid(), SIGKILL);
  EXPECT_THROW(adapter_.finish(), ImplementationFailure);
  EXPECT_THAT(adapter_.finish_play().calls, IsEmpty());
  adapter_.mark_untrusted();
  adapter_.prepare();
  socket_ = adapter_.supply(kUnixDatagram, Form::kPair);
  EXPECT_EQ(play({.steps = {gives("a")}}, {.buffers = {room(1)}}).nbytes, 1);
}

TEST(UnsupervisedAdapter, HasNoScriptedKernel) {
  AdapterProcess adapter({CONFORMANCE_RUNNER, "serve", "reference"}, kLong);
  const Script script;
  EXPECT_THROW(adapter.play(script, {}, -1), std::logic_error);
}

class ProxiedAdapterTest : public SupervisedAdapterTest {
 protected:
  ProxiedAdapterTest() : SupervisedAdapterTest(KernelMode::kProxy) {}
};

TEST_F(ProxiedAdapterTest, IsGivenRealData) {
  send_real_data();
  const Observation observation = receive({.buffers = {room(3), room(3)}});
  EXPECT_THAT(observation.storages, ElementsAre("rea", "l\xee\xee"));
  EXPECT_EQ(observation.nbytes, 4);
}

TEST_F(ProxiedAdapterTest, IsToldOfTruncation) {
  send_real_data();
  EXPECT_EQ(receive({.buffers = {room(3)}}).msg_flags, MSG_TRUNC);
}

TEST_F(ProxiedAdapterTest, FailsAtOnceWhereNothingIsThere) {
  const Observation observation = receive({.buffers = {room(3)}, .flags = MSG_DONTWAIT});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EAGAIN);
}

TEST_F(ProxiedAdapterTest, SleepsInTheKernelWhereNothingIsThere) {
  adapter_.start(socket_.name, {.buffers = {room(4)}});
  EXPECT_TRUE(adapter_.wait_until_asleep(socket_.name.number));
  send_real_data();
  EXPECT_THAT(adapter_.finish().storages, ElementsAre("real"));
}

TEST_F(ProxiedAdapterTest, WaitsForAllInTheKernel) {
  socket_ = adapter_.supply(kUnixStream, Form::kPair);
  send_real_data();
  adapter_.start(socket_.name, {.buffers = {room(8)}, .flags = MSG_WAITALL});
  EXPECT_TRUE(adapter_.wait_until_asleep(socket_.name.number));
  send_real_data();
  EXPECT_THAT(adapter_.finish().storages, ElementsAre("realreal"));
}

TEST_F(ProxiedAdapterTest, IsGivenADescriptorThatWasReallySent) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = null.get();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof number)> control{};
  const Bytes message =
      bytes_of(CMSG_LEN(sizeof number)) + bytes_of(SOL_SOCKET) + bytes_of(int{SCM_RIGHTS}) + bytes_of(number);
  message.copy(control.data(), message.size());
  char byte = 'r';
  iovec data{.iov_base = &byte, .iov_len = 1};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ASSERT_EQ(sendmsg(socket_.peer.get(), &header, 0), 1);
  const Observation observation = receive({.buffers = {room(1)}, .ancbufsize = 64});
  const std::vector<int> numbers = reported_descriptors(observation.ancdata.value());
  ASSERT_THAT(numbers, SizeIs(1));
  EXPECT_FALSE(is_close_on_exec(adapter_.pid(), numbers[0]));
  EXPECT_TRUE(is_open_there_on(numbers[0], number));
}

TEST(ScriptedKernelSupport, IsThereAndSaysHow) {
  const ScriptedKernelSupport& support = scripted_kernel_support();
  EXPECT_EQ(support.lacking, "");
  EXPECT_NE(describe(support).find("scripted kernel: available\n"), std::string::npos);
}

}  // namespace
}  // namespace recvinto::kit
