// Implementations on the calling thread, and scenarios one after the other on one stage.

#include "kit/subjects/in_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/host/reported.h"
#include "kit/performing/stage.h"
#include "kit/subjects/kernel_entry.h"
#include "kit/values/scenario.h"
#include "kit/values/unix_options.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

const Call kSixteenAndItems{.buffers = {room(16)}, .ancbufsize = 256};

class LeakyReceiver final : public Receiver {
 public:
  [[nodiscard]] Handshake handshake() const override { return right_->handshake(); }
  Observation receive(const ReceiveRequest& request, SignalHandlers& signals) override {
    Observation observation = right_->receive(request, signals);
    observation.ancdata.emplace();
    return observation;
  }

 private:
  std::unique_ptr<Receiver> right_ = make_reference_receiver();
};

/// The error of a recvmmsg(2) of one message whose timeout is none, where recvmsg(2) would wait.
class UntimelyReceiver final : public Receiver {
 public:
  [[nodiscard]] Handshake handshake() const override { return make_recvmmsg_receiver()->handshake(); }
  Observation receive(const ReceiveRequest& request, SignalHandlers& /*signals*/) override {
    mmsghdr one{};
    timespec none{.tv_sec = 0, .tv_nsec = -1};
    Observation observation;
    if (recvmmsg(request.fd, &one, 1, MSG_DONTWAIT, &none) < 0) observation.error = system_error(errno);
    return observation;
  }
};

class InProcessTest : public testing::Test {
 protected:
  InProcess reference_{make_reference_receiver()};
  Stage stage_{reference_, kUnixStream, reference_.handshake().capabilities};
};

TEST_F(InProcessTest, ReceivesWhatWasSent) {
  stage_.send("abc");
  const Observation seen = stage_.receive({.buffers = {room(2), room(4)}});
  EXPECT_EQ(seen.nbytes, 3);
  EXPECT_EQ(seen.storages, (std::vector<Bytes>{"ab", "c\xee\xee\xee"}));
}

TEST(InProcess, ReceivesByTheSystemCallThatIsMadeWhereNoScriptAnswers) {
  InProcess untimely(std::make_unique<UntimelyReceiver>());
  Stage stage(untimely, kUnixStream, untimely.handshake().capabilities);
  EXPECT_EQ(stage.receive({.buffers = {room(4)}}).error->number, EINVAL);
}

TEST_F(InProcessTest, TellsWhichFilesArrivedAmongItsOwn) {
  stage_.send("a", 3);
  const Observation seen = stage_.receive(kSixteenAndItems);
  ASSERT_EQ(seen.descriptors.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(seen.descriptors[i].file, i);
    EXPECT_TRUE(seen.descriptors[i].shares_offset);
    EXPECT_EQ(fcntl(seen.descriptors[i].number, F_GETFD), -1) << "it is closed after the facts were read";
  }
  EXPECT_EQ(seen.stray_descriptors, 0U);
}

TEST_F(InProcessTest, CountsDescriptorsThatNobodyReports) {
  InProcess leaky(std::make_unique<LeakyReceiver>());
  Stage stage(leaky, kUnixStream, leaky.handshake().capabilities);
  stage.send("a", 2);
  EXPECT_EQ(stage.receive(kSixteenAndItems).stray_descriptors, 2U);
}

TEST_F(InProcessTest, MayHavePidfdsOfItsOwn) {
  try {
    stage_.set_option(SOL_SOCKET, kSoPassPidfd, 1);
  } catch (const EnvironmentLacks& lack) {
    GTEST_SKIP() << lack.what();
  }
  const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  const UniqueFd own(fcntl(pidfd.get(), F_DUPFD_CLOEXEC, stage_.receiver()));  // where one that arrives could be
  ASSERT_TRUE(own);
  stage_.send("a");
  const Observation seen = stage_.receive(kSixteenAndItems);
  ASSERT_EQ(seen.pidfds.size(), 1U);
  EXPECT_EQ(seen.pidfds[0].process, getpid());
  EXPECT_EQ(seen.stray_descriptors, 0U);
  EXPECT_EQ(fcntl(seen.pidfds[0].number, F_GETFD), -1) << "what arrived is closed";
  EXPECT_NE(fcntl(own.get(), F_GETFD), -1) << "what was there is not";
}

TEST_F(InProcessTest, IsLeftNoDescriptorsOfWhatIsDrained) {
  try {
    stage_.set_option(SOL_SOCKET, kSoPassPidfd, 1);
  } catch (const EnvironmentLacks& lack) {
    GTEST_SKIP() << lack.what();
  }
  stage_.set_option(SOL_SOCKET, SO_PASSCRED, 1);
  stage_.send("a", 253);
  stage_.send("b");
  const std::size_t before = count_open_descriptors(getpid());
  const std::vector<QueuedMessage> drained = stage_.drain();
  ASSERT_EQ(drained.size(), 1U);
  EXPECT_EQ(drained[0].descriptors, 253U);
  EXPECT_EQ(count_open_descriptors(getpid()), before);
}

TEST_F(InProcessTest, IsAnsweredByScripts) {
  stage_.install_handler(SIGUSR1, HandlerAction::kReturn);
  stage_.play({.steps = {interrupted_by(SIGUSR1), gives("scripted")}});
  const Observation seen = stage_.receive(kSixteenAndItems);
  EXPECT_EQ(seen.nbytes, 8);
  EXPECT_EQ(seen.signals, 1);
  ASSERT_TRUE(seen.kernel);
  EXPECT_EQ(seen.kernel->calls.size(), 2U);
  stage_.install_handler(SIGUSR1, HandlerAction::kDefault);
}

TEST_F(InProcessTest, RefusesWhatNeedsAProcessOfItsOwn) {
  const auto lack = [](const auto& act) -> std::string {
    try {
      act();
    } catch (const EnvironmentLacks& error) {
      return error.what();
    }
    return "no lack";
  };
  const std::string cannot = "an implementation on the calling thread cannot ";
  stage_.send("a");
  stage_.play({.steps = {gives("a")}});
  stage_.start(kSixteenAndItems);
  EXPECT_EQ(lack([&] { stage_.await_sleep(); }), cannot + "be seen to sleep");
  EXPECT_EQ(lack([&] { stage_.signal(SIGUSR1); }), cannot + "be sent a signal while it waits");
  EXPECT_EQ(lack([&] { stage_.stop_and_continue(); }), cannot + "be stopped");
  EXPECT_EQ(lack([&] { stage_.await_hold(); }), cannot + "be held");
  EXPECT_EQ(lack([&] { stage_.release_hold(); }), cannot + "be held");
  stage_.finish();
}

TEST_F(InProcessTest, ClosesItsSocketWhereAskedTo) {
  stage_.close_receiver();
  const Observation seen = stage_.receive(kSixteenAndItems);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->number, EBADF);
}

TEST_F(InProcessTest, BeginsAgainWithoutATraceOfTheScenarioBefore) {
  stage_.send("left behind", 1);
  stage_.set_option(SOL_SOCKET, SO_PASSCRED, 1);
  stage_.begin_again(kUnixDatagram);
  EXPECT_TRUE(stage_.scenario().steps.empty());
  stage_.send("new", 1);
  const Observation seen = stage_.receive(kSixteenAndItems);
  EXPECT_EQ(seen.storages[0].substr(0, 3), "new");
  ASSERT_EQ(seen.descriptors.size(), 1U);
  EXPECT_EQ(seen.descriptors[0].file, 0U) << "files count from 0 again";
}

TEST(StageBegunAgain, ReusesASocketWithoutTraces) {
  class Thrifty final : public Implementation, public SocketSupply {  // as InProcess, but for its sockets
   public:
    [[nodiscard]] const Handshake& handshake() const override { return inner_.handshake(); }
    void prepare() override {}
    void mark_untrusted() override {}
    std::string take_stderr() override { return {}; }
    [[nodiscard]] Caller& caller() override { return inner_; }
    [[nodiscard]] SocketSupply& sockets() override { return *this; }
    [[nodiscard]] ProcessWatch& process() override { return inner_; }

    Supplied supply(const SocketKind& kind, Form form) override {
      ++supplied;
      return inner_.supply(kind, form);
    }
    void close_descriptors(const std::vector<int>& numbers) override { inner_.close_descriptors(numbers); }

    int supplied = 0;

   private:
    InProcess inner_{make_reference_receiver()};
  };
  Thrifty thrifty;
  Stage stage(thrifty, kUnixSeqpacket, thrifty.handshake().capabilities);
  const auto once = [&](const std::function<void()>& meanwhile) {
    stage.begin_again(kUnixSeqpacket);
    stage.set_option(SOL_SOCKET, SO_PASSCRED, 1);
    stage.send("first");
    stage.send("second", 1);
    const Observation seen = stage.receive(kSixteenAndItems);
    EXPECT_EQ(seen.storages[0].substr(0, 5), "first");
    EXPECT_EQ(seen.ancdata->size(), 1U);
    meanwhile();
  };
  once([] {});
  once([] {});
  EXPECT_EQ(thrifty.supplied, 1);
  once([&] { stage.peer_closes(); });
  EXPECT_EQ(thrifty.supplied, 1);
  once([] {});
  EXPECT_EQ(thrifty.supplied, 2) << "a socket without a peer is not reusable";
}

}  // namespace
}  // namespace recvinto::kit
