// Scripts played to another process: what it is given, and what is seen of it.

#include "kit/scripted_kernel/supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <vector>

#include "kit/scripted_kernel/launch.h"
#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = SeenCall::Outcome;

/// The child's end of the launch, in a process of its own, which ends there.
void install_elsewhere(const Launch& launch) {
  const pid_t child = fork();
  if (child == 0) _exit(launch.install() ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

TEST(LaunchTest, LacksAListenerOfAProcessThatEndedBefore) {
  const Launch launch{WatchedNumbers{}};
  EXPECT_FALSE(launch.has_listener());
}

TEST(LaunchTest, HasTheListenerThatWasHandedOver) {
  Launch launch{WatchedNumbers{}};
  install_elsewhere(launch);
  EXPECT_TRUE(launch.has_listener());
  EXPECT_TRUE(launch.take_listener());
  EXPECT_FALSE(launch.has_listener());
}

class SupervisorTest : public testing::Test {
 protected:
  /// Has the child run its body while the script is played.
  void play(SupervisedChild& child, const Script& script, std::span<const int> files = {}, int poke = -1) {
    child.supervisor().watch(pair_.one.get());
    child.supervisor().play(script, files, poke);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    log_ = child.supervisor().finish();
    EXPECT_THAT(log_.troubles, IsEmpty());
  }
  [[nodiscard]] std::vector<Outcome> outcomes() const {
    std::vector<Outcome> all;
    for (const SeenCall& call : log_.calls) all.push_back(call.outcome);
    return all;
  }
  [[nodiscard]] int socket() const { return pair_.one.get(); }

  Pair pair_ = make_pair(SOCK_DGRAM);
  Shared<Receipt> receipt_;
  CallLog log_;
};

TEST_F(SupervisorTest, GivesDataControlDataAndAddress) {
  answer::Result result = with_control("abcdefghij", {{.level = 41, .type = 7, .data = "item"}});
  result.address = "an address";
  result.msg_flags = MSG_EOR;
  SupervisedChild child([&] { receipt_->receive(socket()); });
  play(child, {.steps = {gives(result)}});
  EXPECT_EQ(receipt_->count, 10);
  EXPECT_EQ(receipt_->data_bytes(), "abcdefgh");
  EXPECT_STREQ(receipt_->more.data(), "ij");
  EXPECT_EQ(receipt_->header.msg_flags, MSG_EOR);
  EXPECT_EQ(receipt_->header.msg_namelen, 10U);
  EXPECT_EQ(std::memcmp(&receipt_->name, "an address", 10), 0);
  EXPECT_EQ(receipt_->header.msg_controllen, CMSG_SPACE(4));
  const cmsghdr* item = CMSG_FIRSTHDR(&receipt_->header);
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->cmsg_len, CMSG_LEN(4));
  EXPECT_EQ(item->cmsg_level, 41);
  EXPECT_EQ(item->cmsg_type, 7);
  EXPECT_EQ(std::memcmp(CMSG_DATA(item), "item", 4), 0);
}

TEST_F(SupervisorTest, SeesWhatItIsPassed) {
  SupervisedChild child([&] { receipt_->receive(socket(), MSG_PEEK); });
  play(child, {.steps = {gives("a")}});
  ASSERT_THAT(log_.calls, SizeIs(1));
  const SeenCall& call = log_.calls[0];
  const auto at = [](const void* address) { return reinterpret_cast<std::uint64_t>(address); };
  EXPECT_EQ(call.flags, MSG_PEEK);
  EXPECT_THAT(call.buffers, ElementsAre(SeenCall::Extent{at(receipt_->data.data()), 8},
                                        SeenCall::Extent{at(receipt_->more.data()), 8}));
  EXPECT_EQ(call.name, at(&receipt_->name));
  EXPECT_EQ(call.namelen, sizeof(sockaddr_storage));
  EXPECT_EQ(call.control, at(receipt_->control.data()));
  EXPECT_EQ(call.controllen, 128U);
  EXPECT_EQ(call.outcome, Outcome::kReturned);
  EXPECT_EQ(call.result, 1);
}

TEST_F(SupervisorTest, FailsAndLeavesTheHeaderAsItWas) {
  SupervisedChild child([&] { receipt_->receive(socket()); });
  play(child, {.steps = {fails(ENOMEM)}});
  EXPECT_EQ(receipt_->number, ENOMEM);
  EXPECT_EQ(receipt_->header.msg_controllen, 128U);
  EXPECT_EQ(receipt_->header.msg_namelen, sizeof(sockaddr_storage));
}

TEST_F(SupervisorTest, WritesWhatAFailureScribbles) {
  answer::Result scribbled = with_control("abc", {{.data = "x"}});
  scribbled.msg_flags = MSG_CTRUNC;
  SupervisedChild child([&] { receipt_->receive(socket()); });
  play(child, {.steps = {fails(EINTR, scribbled)}});
  EXPECT_EQ(receipt_->number, EINTR);
  EXPECT_EQ(receipt_->data_bytes().substr(0, 3), "abc");
  EXPECT_EQ(receipt_->header.msg_controllen, CMSG_SPACE(1));
  EXPECT_EQ(receipt_->header.msg_flags, MSG_CTRUNC);
}

TEST_F(SupervisorTest, PlaysStepsInOrderAndAnswersOneTooManyByItself) {
  Shared<std::array<Receipt, 4>> receipts;
  SupervisedChild child([&] {
    for (Receipt& receipt : *receipts) receipt.receive(socket());
  });
  play(child, {.steps = {fails(EINTR), gives("a"), fails(EIO)}});
  EXPECT_EQ((*receipts)[0].number, EINTR);
  EXPECT_EQ((*receipts)[1].count, 1);
  EXPECT_EQ((*receipts)[2].number, EIO);
  EXPECT_EQ((*receipts)[3].number, EBADMSG);
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kFailed, Outcome::kReturned, Outcome::kFailed, Outcome::kUnscripted));
  EXPECT_EQ(log_.unscripted, 1U);
}

TEST_F(SupervisorTest, PassesACallOn) {
  ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  SupervisedChild child([&] { receipt_->receive(socket()); });
  play(child, {.steps = {pass()}});
  EXPECT_EQ(receipt_->data_bytes().substr(0, 4), "real");
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kPassed));
}

TEST_F(SupervisorTest, KnowsTheSocketByAnyNumber) {
  SupervisedChild child([&] { receipt_->receive(fcntl(socket(), F_DUPFD, 500)); });
  play(child, {.steps = {gives("scripted")}});
  EXPECT_EQ(receipt_->data_bytes(), "scripted");
}

TEST_F(SupervisorTest, LeavesOtherSocketsAlone) {
  const Pair foreign = make_pair(SOCK_DGRAM);
  ASSERT_EQ(send(foreign.other.get(), "foreign!", 8, 0), 8);
  SupervisedChild child([&] { receipt_->receive(foreign.one.get()); });
  play(child, {.steps = {gives("scripted")}});
  EXPECT_EQ(receipt_->data_bytes(), "foreign!");
  EXPECT_THAT(log_.calls, IsEmpty());
  EXPECT_EQ(log_.unused_steps, 1U);
}

TEST_F(SupervisorTest, LeavesANumberThatIsNotOpenToTheKernel) {
  SupervisedChild child([&] { receipt_->receive(-1); });
  play(child, {.steps = {gives("scripted")}});
  EXPECT_EQ(receipt_->number, EBADF);
}

TEST_F(SupervisorTest, PassesEverythingOnWhileNothingIsPlayed) {
  ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  SupervisedChild child([&] { receipt_->receive(socket()); });
  child.supervisor().watch(socket());
  child.begin();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->data_bytes().substr(0, 4), "real");
}

TEST_F(SupervisorTest, SeesOtherReceivingCallsAndLetsThemGo) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  Shared<std::array<long, 3>> counts;
  SupervisedChild child(
      [&] {
        iovec buffer{.iov_base = receipt_->data.data(), .iov_len = 8};
        (*counts)[0] = syscall(SYS_read, socket(), receipt_->data.data(), 8);
        (*counts)[1] = syscall(SYS_readv, socket(), &buffer, 1);
        (*counts)[2] = syscall(SYS_recvfrom, socket(), receipt_->data.data(), 8, 0, nullptr, nullptr);
      },
      {.first = socket(), .last = socket()});
  play(child, {.steps = {}});
  EXPECT_THAT(*counts, ElementsAre(4, 4, 4));
  std::vector<std::string_view> names;
  for (const SeenCall& call : log_.calls) names.push_back(call.system_call);
  EXPECT_THAT(names, ElementsAre("read", "readv", "recvfrom"));
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kPassed, Outcome::kPassed, Outcome::kPassed));
  EXPECT_EQ(log_.unscripted, 0U);
}

TEST_F(SupervisorTest, AnswersRecvmmsgOfOneMessage) {
  Shared<mmsghdr> one;
  Shared<std::array<int, 3>> counts;
  const auto receive = [&] {
    receipt_->buffers[0] = {.iov_base = receipt_->data.data(), .iov_len = 8};
    *one = {};
    one->msg_hdr.msg_iov = receipt_->buffers.data();
    one->msg_hdr.msg_iovlen = 1;
    one->msg_hdr.msg_control = receipt_->control.data();
    one->msg_hdr.msg_controllen = receipt_->control.size();
    return static_cast<int>(syscall(SYS_recvmmsg, socket(), &*one, 1, MSG_PEEK, nullptr));
  };
  SupervisedChild child(
      [&] {
        (*counts)[0] = receive();
        (*counts)[1] = errno;
        (*counts)[2] = receive();
      },
      {.first = socket(), .last = socket()});
  answer::Result result = with_control("scripted", {{.level = 41, .type = 7, .data = "item"}});
  result.msg_flags = MSG_EOR;
  play(child, {.steps = {fails(EINTR), gives(result)}});
  EXPECT_THAT(*counts, ElementsAre(-1, EINTR, 1));
  EXPECT_EQ(one->msg_len, 8U);
  EXPECT_EQ(receipt_->data_bytes(), "scripted");
  EXPECT_EQ(one->msg_hdr.msg_flags, MSG_EOR);
  EXPECT_EQ(one->msg_hdr.msg_controllen, CMSG_SPACE(4));
  EXPECT_THAT(outcomes(), ElementsAre(Outcome::kFailed, Outcome::kReturned));
  EXPECT_EQ(log_.calls.at(0).flags, MSG_PEEK);
  EXPECT_EQ(log_.calls.at(1).result, 1);
}

TEST_F(SupervisorTest, SeesRecvmmsgOfSeveralMessagesAndLetsItGo) {
  Shared<std::array<mmsghdr, 2>> two;
  Shared<int> count;
  for (int i = 0; i < 2; ++i) ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  SupervisedChild child([&] { *count = static_cast<int>(syscall(SYS_recvmmsg, socket(), &*two, 2, 0, nullptr)); },
                        {.first = socket(), .last = socket()});
  play(child, {.steps = {}});
  EXPECT_EQ(*count, 2);
  ASSERT_THAT(log_.calls, SizeIs(1));
  EXPECT_EQ(log_.calls[0].system_call, "recvmmsg");
}

TEST_F(SupervisorTest, PokesWhoeverWaitsForAnArrivalAfterEagain) {
  Shared<int> ready;
  SupervisedChild child([&] {
    receipt_->receive(socket());
    pollfd entry{.fd = socket(), .events = POLLIN, .revents = 0};
    *ready = poll(&entry, 1, 20'000);
  });
  play(child, {.steps = {fails(EAGAIN)}}, {}, pair_.other.get());
  EXPECT_EQ(receipt_->number, EAGAIN);
  EXPECT_EQ(*ready, 1);
}

TEST_F(SupervisorTest, PokesNobodyAfterAnotherFailure) {
  Shared<int> ready;
  SupervisedChild child([&] {
    for (int i = 0; i < 2; ++i) receipt_->receive(socket());
    pollfd entry{.fd = socket(), .events = POLLIN, .revents = 0};
    *ready = poll(&entry, 1, 0);
  });
  play(child, {.steps = {fails(EINTR), fails(ENOMEM)}}, {}, pair_.other.get());
  EXPECT_EQ(*ready, 0);
}

struct PlantedFacts {
  dev_t device = 0;
  int flags = 0;
};

PlantedFacts facts_of(const Receipt& receipt, std::size_t index) {
  int number = -1;
  std::memcpy(&number, receipt.control.data() + CMSG_LEN(0) + index * sizeof number, sizeof number);
  struct stat status{};
  fstat(number, &status);
  return {.device = status.st_rdev, .flags = fcntl(number, F_GETFD)};
}

TEST_F(SupervisorTest, PlantsDescriptorsThatAreCloseOnExecExactlyIfAskedFor) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd zero(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  const std::array files{null.get(), zero.get()};
  std::array<struct stat, 2> expected{};
  for (std::size_t i = 0; i < files.size(); ++i) ASSERT_EQ(fstat(files.at(i), &expected.at(i)), 0);
  for (const int flags : {0, int{MSG_CMSG_CLOEXEC}}) {
    Shared<std::array<PlantedFacts, 2>> planted;
    SupervisedChild child([&] {
      receipt_->receive(socket(), flags);
      for (std::size_t i = 0; i < planted->size(); ++i) (*planted)[i] = facts_of(*receipt_, i);
    });
    play(child, {.steps = {gives(with_control("a", {rights(2)}))}}, files);
    EXPECT_EQ(receipt_->count, 1);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ((*planted)[i].device, expected.at(i).st_rdev);
      EXPECT_EQ((*planted)[i].flags, flags == 0 ? 0 : FD_CLOEXEC);
    }
  }
}

TEST_F(SupervisorTest, PlantsNoDescriptorThatThereIsNoRoomFor) {
  const std::array files{STDIN_FILENO, STDIN_FILENO};
  Shared<std::array<int, 2>> free_numbers;
  Shared<int> free_afterwards;
  SupervisedChild child([&] {
    msghdr header{};
    header.msg_control = receipt_->control.data();
    header.msg_controllen = CMSG_LEN(sizeof(int));
    for (int& number : *free_numbers) number = dup(STDIN_FILENO);
    for (const int number : *free_numbers) close(number);
    receipt_->receive(socket(), &header, 0);
    *free_afterwards = dup(STDIN_FILENO);
  });
  play(child, {.steps = {gives(with_control("", {rights(2)}))}}, files);
  int planted = -1;
  std::memcpy(&planted, CMSG_DATA(reinterpret_cast<cmsghdr*>(receipt_->control.data())), sizeof planted);
  EXPECT_EQ(planted, (*free_numbers)[0]);
  EXPECT_EQ(*free_afterwards, (*free_numbers)[1]) << "something else was planted";
}

TEST_F(SupervisorTest, PlaysOnlyOnASocketThatItWatches) {
  SupervisedChild child([] {});
  const Script script;
  EXPECT_THROW(child.supervisor().play(script, {}, -1), std::logic_error);
  EXPECT_THROW(child.supervisor().finish(), std::logic_error);
}

TEST_F(SupervisorTest, CountsTheCallsThatItTookUp) {
  SupervisedChild child([&] {
    for (int i = 0; i < 3; ++i) receipt_->receive(socket());
  });
  EXPECT_EQ(child.supervisor().calls_if_quiet(), 0U);
  play(child, {.steps = {fails(EINTR)}, .last_repeats = true});
  std::optional<std::uint64_t> calls;
  while (!calls) calls = child.supervisor().calls_if_quiet();  // the child may be faster than the count
  EXPECT_EQ(calls, 3U);
}

}  // namespace
}  // namespace recvinto::kit
