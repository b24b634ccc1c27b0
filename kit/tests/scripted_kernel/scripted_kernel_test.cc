// Scripts played to the reference inside this process.

#include "kit/scripted_kernel/scripted_kernel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "kit/scripted_kernel/socket_pair.h"
#include "kit/subjects/receiver.h"
#include "kit/tests/scripted_kernel/results.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = SeenCall::Outcome;

class ScriptedKernelTest : public testing::Test {
 protected:
  /// One call of the reference while the script is played.
  Observation play(const Script& script, const Call& call, std::span<const int> files = {}) {
    kernel_.play(script, files);
    Observation observation = perform(*reference_, pair_.one.get(), call, signals_);
    log_ = kernel_.finish();
    return observation;
  }
  std::vector<Outcome> outcomes() const {
    std::vector<Outcome> all;
    for (const SeenCall& call : log_.calls) all.push_back(call.outcome);
    return all;
  }

  Pair pair_ = make_pair(SOCK_DGRAM);
  ScriptedKernel kernel_;
  std::unique_ptr<Receiver> reference_ = make_reference_receiver(kernel_);
  SignalHandlers signals_;
  CallLog log_;
};

TEST_F(ScriptedKernelTest, GivesDataControlDataAndAddress) {
  sockaddr_un name{.sun_family = AF_UNIX, .sun_path = "/a"};
  answer::Result result = with_control("abcd", {{.level = 41, .type = 7, .data = "item"}});
  result.address = Bytes(reinterpret_cast<const char*>(&name), offsetof(sockaddr_un, sun_path) + 3);
  result.msg_flags = MSG_EOR;
  const Observation observation = play({.steps = {gives(result)}}, {.buffers = {room(3), room(3)}, .ancbufsize = 64});
  EXPECT_EQ(observation.nbytes, 4);
  EXPECT_THAT(observation.storages, ElementsAre("abc", "d\xee\xee"));
  ASSERT_TRUE(observation.ancdata);
  EXPECT_THAT(*observation.ancdata, ElementsAre(AncillaryItem{41, 7, "item"}));
  EXPECT_EQ(observation.msg_flags, MSG_EOR);
  ASSERT_TRUE(observation.address);
  EXPECT_EQ(observation.address->path, "/a");
}

TEST_F(ScriptedKernelTest, LogsWhatItWasPassed) {
  play({.steps = {gives("a")}}, {.buffers = {room(4), room(7)}, .ancbufsize = 64, .flags = MSG_PEEK});
  ASSERT_THAT(log_.calls, SizeIs(1));
  const SeenCall& call = log_.calls[0];
  EXPECT_EQ(call.flags, MSG_PEEK);
  ASSERT_THAT(call.buffers, SizeIs(2));
  EXPECT_EQ(call.buffers[0].length, 4U);
  EXPECT_EQ(call.buffers[1].length, 7U);
  EXPECT_EQ(call.controllen, 64U);
  EXPECT_NE(call.name, 0U);
  EXPECT_EQ(call.outcome, Outcome::kReturned);
  EXPECT_EQ(call.result, 1);
}

TEST_F(ScriptedKernelTest, PlaysStepsInOrder) {
  const Observation observation = play({.steps = times(3, fails(EINTR), {gives("a")})}, {.buffers = {room(1)}});
  EXPECT_EQ(observation.nbytes, 1);
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kFailed, Outcome::kFailed, Outcome::kFailed, Outcome::kReturned));
  EXPECT_EQ(log_.unused_steps, 0U);
}

TEST_F(ScriptedKernelTest, FailsAsItIsToldTo) {
  const Observation observation = play({.steps = {fails(ENOMEM), gives("a")}}, {.buffers = {room(1)}});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, ENOMEM);
  EXPECT_EQ(log_.unused_steps, 1U);
}

TEST_F(ScriptedKernelTest, WritesWhatAFailureScribbles) {
  const Observation observation = play({.steps = {fails(EIO, with_control("ab", {}))}}, {.buffers = {room(3)}});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EIO);
  EXPECT_THAT(observation.storages, ElementsAre("ab\xee"));
}

TEST_F(ScriptedKernelTest, AnswersOneCallTooManyWithAnErrorOfItsOwn) {
  const Observation observation = play({.steps = {fails(EINTR)}}, {.buffers = {room(1)}});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EBADMSG);
  EXPECT_EQ(log_.unscripted, 1U);
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kFailed, Outcome::kUnscripted));
}

TEST_F(ScriptedKernelTest, RefusesWhatTheKernelRefusesWhateverTheScriptSays) {
  const Observation observation = play({.steps = {gives("a")}}, {.buffers = rooms(1025, 1)});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EMSGSIZE);
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kRefused));
  EXPECT_EQ(log_.unused_steps, 1U);
}

TEST_F(ScriptedKernelTest, PassesACallOn) {
  ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  const Observation observation = play({.steps = {fails(EINTR), pass()}}, {.buffers = {room(4)}});
  EXPECT_THAT(observation.storages, ElementsAre("real"));
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kFailed, Outcome::kPassed));
}

TEST_F(ScriptedKernelTest, LeavesTheErrorOfACallThatItPassedOn) {
  const Observation observation = play({.steps = {pass()}}, {.buffers = {room(4)}, .flags = MSG_DONTWAIT});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EAGAIN);
}

TEST_F(ScriptedKernelTest, IsTheKernelUnderItWhileNothingIsPlayed) {
  ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  EXPECT_THAT(perform(*reference_, pair_.one.get(), {.buffers = {room(4)}}, signals_).storages, ElementsAre("real"));
}

TEST_F(ScriptedKernelTest, CannotHoldItsOwnThread) {
  const Observation observation = play({.steps = {hold()}}, {.buffers = {room(1)}});
  ASSERT_TRUE(observation.error);
  EXPECT_EQ(observation.error->number, EIO);
  EXPECT_THAT(log_.troubles, SizeIs(1));
}

TEST_F(ScriptedKernelTest, FinishesOnlyWhatWasBegun) {
  EXPECT_THROW(kernel_.finish(), std::logic_error);
  const Script script;
  kernel_.play(script);
  kernel_.finish();
  EXPECT_THROW(kernel_.finish(), std::logic_error);
}

TEST_F(ScriptedKernelTest, DeliversASignalInTheCall) {
  struct sigaction before{};
  sigaction(SIGUSR1, nullptr, &before);
  ASSERT_TRUE(signals_.install(SIGUSR1, HandlerAction::kReturn));
  const Observation observation =
      play({.steps = times(2, interrupted_by(SIGUSR1), {gives("a")})}, {.buffers = {room(1)}});
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(observation.signals, 2);
  EXPECT_EQ(observation.nbytes, 1);
}

TEST_F(ScriptedKernelTest, PlantsDescriptorsOfTheFiles) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd zero(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  const std::array files{null.get(), zero.get()};
  const Script script{.steps = {fails(EINTR), gives(with_control("a", {rights(2)}))}};
  for (const std::int64_t flags : {std::int64_t{0}, std::int64_t{MSG_CMSG_CLOEXEC}}) {
    const Observation observation = play(script, {.buffers = {room(1)}, .ancbufsize = 64, .flags = flags}, files);
    ASSERT_TRUE(observation.ancdata);
    const std::vector<int> numbers = reported_descriptors(*observation.ancdata);
    ASSERT_THAT(numbers, SizeIs(2));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const UniqueFd planted(numbers[i]);
      struct stat status{};
      struct stat expected{};
      ASSERT_EQ(fstat(planted.get(), &status), 0);
      ASSERT_EQ(fstat(files.at(i), &expected), 0);
      EXPECT_EQ(status.st_rdev, expected.st_rdev);
      EXPECT_NE(planted.get(), files.at(i));
      EXPECT_EQ((fcntl(planted.get(), F_GETFD) & FD_CLOEXEC) != 0, flags != 0);
    }
  }
}

TEST_F(ScriptedKernelTest, PlantsNoDescriptorThatThereIsNoRoomFor) {
  UniqueFd first(dup(STDIN_FILENO));
  const int second = UniqueFd(dup(STDIN_FILENO)).get();
  first.reset();
  const std::array files{STDIN_FILENO, STDIN_FILENO};
  const Observation observation = play({.steps = {gives(with_control("a", {rights(2)}))}},
                                       {.buffers = {room(1)}, .ancbufsize = CMSG_LEN(sizeof(int))}, files);
  const std::vector<int> numbers = reported_descriptors(observation.ancdata.value());
  ASSERT_THAT(numbers, SizeIs(1));
  const UniqueFd planted(numbers[0]);
  EXPECT_EQ(UniqueFd(dup(STDIN_FILENO)).get(), second) << "something else was planted";
}

TEST_F(ScriptedKernelTest, WritesNoAddressWhereNoneIsAskedFor) {
  answer::Result result;
  result.address = Bytes(16, '\x01');
  const Script script{.steps = {gives(result)}};
  kernel_.play(script);
  msghdr message{};
  message.msg_namelen = 77;
  EXPECT_EQ(kernel_.recvmsg(pair_.one.get(), message, 0), 0);
  EXPECT_EQ(message.msg_namelen, 77U) << "left alone, as the kernel does";
}

}  // namespace
}  // namespace recvinto::kit
