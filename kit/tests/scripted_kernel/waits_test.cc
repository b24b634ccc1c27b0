// Waits for readiness that a script answers: each system call that waits, made by another process, and what is seen of
// it; and the same in this process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "kit/scripted_kernel/scripted_kernel.h"
#include "kit/subjects/receiver.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Answer = ScriptedWait::Answer;

constexpr WatchedNumbers kWatched{.first = 900, .last = 901};  // whichever: waits are seen where there are some
constexpr std::uint64_t kData = 0x0123'4567'89ab'cdef;

struct Waited {
  long result = -2;
  int number = 0;
  pollfd entries[2] = {};
  fd_set readable = {};
  fd_set writable = {};
  timespec left = {};
  epoll_event event = {};
};

/// A wait for the socket and for one that nothing is seen of, of 250 ms, as a system call of its own.
struct Way {
  const char* name;
  void (*wait)(Waited& waited, int socket, int other);
  bool (*is_ready)(const Waited& waited, int socket, int other);
};

void note(Waited& waited, long result) {
  waited.result = result;
  waited.number = result < 0 ? errno : 0;
}

void prepare_poll(Waited& waited, int socket, int other) {
  waited.entries[0] = {.fd = other, .events = POLLIN, .revents = -1};
  waited.entries[1] = {.fd = socket, .events = POLLIN | POLLPRI, .revents = -1};
}
bool is_polled(const Waited& waited, int /*socket*/, int /*other*/) {
  return waited.result == 1 && waited.entries[0].revents == 0 && waited.entries[1].revents == POLLIN;
}

void prepare_select(Waited& waited, int socket, int other) {
  FD_SET(socket, &waited.readable);
  FD_SET(other, &waited.readable);
  FD_SET(other, &waited.writable);
}
bool is_selected(const Waited& waited, int socket, int other) {
  return waited.result == 1 && FD_ISSET(socket, &waited.readable) && !FD_ISSET(other, &waited.readable) &&
         !FD_ISSET(other, &waited.writable);
}

int prepare_epoll(int socket, int other) {
  const int epoll = epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 1}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, other, &event);
  event.data.u64 = kData;
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  return epoll;
}
bool is_epolled(const Waited& waited, int /*socket*/, int /*other*/) {
  return waited.result == 1 && waited.event.events == EPOLLIN && waited.event.data.u64 == kData;
}

constexpr timespec kSpec{.tv_sec = 0, .tv_nsec = 250'000'000};

const std::vector<Way>& every_way() {
  static const std::vector<Way> kWays{
#ifdef SYS_poll
      {"poll",
       [](Waited& waited, int socket, int other) {
         prepare_poll(waited, socket, other);
         note(waited, syscall(SYS_poll, waited.entries, 2, 250));
       },
       is_polled},
      {"select",
       [](Waited& waited, int socket, int other) {
         prepare_select(waited, socket, other);
         timeval timeout{.tv_sec = 0, .tv_usec = 250'000};
         note(waited, syscall(SYS_select, 64, &waited.readable, &waited.writable, nullptr, &timeout));
         waited.left = {.tv_sec = timeout.tv_sec, .tv_nsec = timeout.tv_usec * 1000};
       },
       is_selected},
      {"epoll_wait",
       [](Waited& waited, int socket, int other) {
         note(waited, syscall(SYS_epoll_wait, prepare_epoll(socket, other), &waited.event, 1, 250));
       },
       is_epolled},
#endif
      {"ppoll",
       [](Waited& waited, int socket, int other) {
         prepare_poll(waited, socket, other);
         waited.left = kSpec;
         note(waited, syscall(SYS_ppoll, waited.entries, 2, &waited.left, nullptr, 8));
       },
       is_polled},
      {"pselect6",
       [](Waited& waited, int socket, int other) {
         prepare_select(waited, socket, other);
         waited.left = kSpec;
         note(waited, syscall(SYS_pselect6, 64, &waited.readable, &waited.writable, nullptr, &waited.left, nullptr));
       },
       is_selected},
      {"epoll_pwait",
       [](Waited& waited, int socket, int other) {
         note(waited, syscall(SYS_epoll_pwait, prepare_epoll(socket, other), &waited.event, 1, 250, nullptr, 8));
       },
       is_epolled},
      {"epoll_pwait2",
       [](Waited& waited, int socket, int other) {
         timespec timeout = kSpec;
         note(waited, syscall(SYS_epoll_pwait2, prepare_epoll(socket, other), &waited.event, 1, &timeout, nullptr, 8));
       },
       is_epolled},
  };
  return kWays;
}

class WaitsTest : public testing::Test {
 protected:
  void play(const std::function<void()>& body, const Script& script) {
    SupervisedChild child(body, kWatched);
    child.supervisor().watch(socket());
    child.supervisor().play(script, {}, -1);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    log_ = child.supervisor().finish();
    EXPECT_THAT(log_.troubles, IsEmpty());
  }
  void wait_by(const Way& way, ScriptedWait answer) {
    *waited_ = Waited{};
    play([&] { way.wait(*waited_, socket(), other_.one.get()); }, {.steps = {gives("a")}, .waits = {answer}});
  }
  [[nodiscard]] int socket() const { return pair_.one.get(); }

  kit::Pair pair_ = make_pair(SOCK_DGRAM);
  kit::Pair other_ = make_pair(SOCK_DGRAM);
  CallLog log_;
  Shared<Waited> waited_;
};

TEST_F(WaitsTest, FindsTheWatchedSocketReadyAndNoOther) {
  for (const Way& way : every_way()) {
    SCOPED_TRACE(way.name);
    wait_by(way, wait_is_ready());
    EXPECT_TRUE(way.is_ready(*waited_, socket(), other_.one.get())) << waited_->result << ' ' << waited_->number;
  }
}

TEST_F(WaitsTest, SeesTheTimeoutThatIsAskedFor) {
  for (const Way& way : every_way()) {
    SCOPED_TRACE(way.name);
    wait_by(way, wait_is_ready());
    ASSERT_THAT(log_.waits, SizeIs(1));
    EXPECT_EQ(log_.waits[0].system_call, way.name);
    EXPECT_EQ(log_.waits[0].timeout, milliseconds(250));
    EXPECT_EQ(log_.waits[0].answer, Answer::kReady);
  }
}

TEST_F(WaitsTest, TimesOutAtOnce) {
  for (const Way& way : every_way()) {
    SCOPED_TRACE(way.name);
    wait_by(way, wait_times_out());
    EXPECT_EQ(waited_->result, 0);
    EXPECT_FALSE(FD_ISSET(socket(), &waited_->readable));
    EXPECT_EQ(waited_->entries[1].revents, 0);
    ASSERT_THAT(log_.waits, SizeIs(1));
    EXPECT_LT(log_.waits[0].answered - log_.waits[0].arrived, milliseconds(250));
  }
}

TEST_F(WaitsTest, IsInterruptedWhenTheTimeHasPassed) {
  for (const Way& way : every_way()) {
    SCOPED_TRACE(way.name);
    wait_by(way, wait_is_interrupted(milliseconds(20)));
    EXPECT_EQ(waited_->result, -1);
    EXPECT_EQ(waited_->number, EINTR);
    ASSERT_THAT(log_.waits, SizeIs(1));
    EXPECT_GE(log_.waits[0].answered - log_.waits[0].arrived, milliseconds(20));
  }
}

// As select(2) and ppoll(2) of Linux say.
TEST_F(WaitsTest, LeavesTheRestOfTheTimeWhereTheSystemDoes) {
  for (const Way& way : every_way()) {
    SCOPED_TRACE(way.name);
    wait_by(way, wait_is_interrupted(milliseconds(50)));
    const bool is_updated = std::string_view(way.name).starts_with('p') ? std::string_view(way.name) != "poll"
                                                                        : std::string_view(way.name) == "select";
    const long left = waited_->left.tv_nsec;  // 0 of a call that has none
    EXPECT_EQ(left > 0 && left <= kSpec.tv_nsec - 50'000'000, is_updated) << left;
  }
}

TEST_F(WaitsTest, GoesOnToTheKernelForOtherSockets) {
  play(
      [&] {
        pollfd entry{.fd = other_.one.get(), .events = POLLIN, .revents = 0};
        note(*waited_, syscall(SYS_ppoll, &entry, 1, &kSpec, nullptr, 8));
      },
      {.steps = {gives("a")}, .waits = {wait_is_ready()}});
  EXPECT_EQ(waited_->result, 0);
  EXPECT_THAT(log_.waits, IsEmpty());
}

TEST_F(WaitsTest, GoesOnToTheKernelWhereTheScriptAnswersNoWaits) {
  play(
      [&] {
        prepare_poll(*waited_, socket(), other_.one.get());
        waited_->left = {.tv_sec = 0, .tv_nsec = 1};
        note(*waited_, syscall(SYS_ppoll, waited_->entries, 2, &waited_->left, nullptr, 8));
      },
      {.steps = {gives("a")}});
  EXPECT_EQ(waited_->result, 0);
  EXPECT_THAT(log_.waits, IsEmpty());
}

// A wait without end is passed on, and ends here by what is in the queue.
TEST_F(WaitsTest, CannotTimeOutWithoutATimeout) {
  ASSERT_EQ(write(pair_.other.get(), "a", 1), 1);
  play(
      [&] {
        prepare_poll(*waited_, socket(), other_.one.get());
        note(*waited_, syscall(SYS_ppoll, waited_->entries, 2, nullptr, nullptr, 8));
      },
      {.steps = {gives("a")}, .waits = {wait_times_out()}});
  EXPECT_EQ(waited_->result, 1);
  ASSERT_THAT(log_.waits, SizeIs(1));
  EXPECT_EQ(log_.waits[0].timeout, std::nullopt);
  EXPECT_EQ(log_.waits[0].answer, std::nullopt);
}

TEST_F(WaitsTest, ReceivesFindNothingBeforeAWaitSaysThatTheyDo) {
  Shared<std::array<Receipt, 3>> receipts;
  play(
      [&] {
        receipts->at(0).receive(socket());
        prepare_poll(*waited_, socket(), other_.one.get());
        note(*waited_, syscall(SYS_ppoll, waited_->entries, 2, nullptr, nullptr, 8));
        receipts->at(1).receive(socket());  // EAGAIN by the script, and not ready any more
        receipts->at(2).receive(socket());
      },
      {.steps = {fails(EAGAIN), gives("a")}, .waits = {wait_is_ready()}});
  for (const Receipt& receipt : *receipts) EXPECT_EQ(receipt.number, EAGAIN);
  EXPECT_EQ(log_.unused_steps, 1U);
}

TEST_F(WaitsTest, AReceiveWithATimeoutOfTheSocketIsAWait) {
  const timeval timeout{.tv_sec = 1, .tv_usec = 0};
  ASSERT_EQ(setsockopt(socket(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
  Shared<std::array<Receipt, 3>> receipts;
  play(
      [&] {
        for (Receipt& receipt : *receipts) receipt.receive(socket());
      },
      {.steps = {gives("a")}, .waits = {wait_is_interrupted(), wait_times_out(), wait_is_ready()}});
  EXPECT_EQ(receipts->at(0).number, EINTR);
  EXPECT_EQ(receipts->at(1).number, EAGAIN);
  EXPECT_EQ(receipts->at(2).count, 1);
  ASSERT_THAT(log_.waits, SizeIs(3));
  EXPECT_EQ(log_.waits[0].system_call, "recvmsg");
  EXPECT_EQ(log_.waits[0].timeout, std::chrono::seconds(1));
}

TEST_F(WaitsTest, AreAnsweredInThisProcess) {
  ScriptedKernel kernel;
  const Script script{.steps = {fails(EAGAIN), gives("abcd")},
                      .waits = {wait_is_interrupted(), wait_is_ready(), wait_times_out(), wait_is_ready()}};
  kernel.play(script);
  SignalHandlers signals;
  const Observation observation = perform(*make_reference_receiver(kernel), socket(),
                                          {.buffers = {room(8)}, .timeout = std::chrono::seconds(60)}, signals);
  log_ = kernel.finish();
  EXPECT_EQ(observation.nbytes, 4);
  std::vector<std::optional<Answer>> answers;
  for (const SeenWait& wait : log_.waits) answers.push_back(wait.answer);
  EXPECT_THAT(answers, ElementsAre(Answer::kInterrupted, Answer::kReady, Answer::kTimedOut, Answer::kReady));
}

}  // namespace
}  // namespace recvinto::kit
