// Facts about a process from outside, tried on this very process, where they are known from inside.

#include "kit/host/process_facts.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <iterator>
#include <map>
#include <thread>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/subjects/adapter_process.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

/// Whether it holds before much time has passed.
bool wait_until(const std::function<bool()>& condition) {
  const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > latest) return false;
    sched_yield();
  }
  return true;
}

struct Pair {
  UniqueFd receiver;
  UniqueFd peer;
};

Pair make_pair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// A thread that waits for a byte in its own way, and the end of its waiting.
class Waiting {
 public:
  template <typename Wait>
  Waiting(const Pair& pair, Wait wait) : peer_(pair.peer.get()), thread_(wait) {}
  ~Waiting() {
    EXPECT_EQ(send(peer_, "x", 1, 0), 1);
    thread_.join();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  int peer_;
  std::thread thread_;
};

TEST(SleepsInReceive, SeesAThreadThatWaitsInRecvmsg) {
  const Pair pair = make_pair();
  const Pair other = make_pair();
  const int fd = pair.receiver.get();
  EXPECT_FALSE(sleeps_in_receive(getpid(), fd));
  {
    const Waiting waiting(pair, [fd] {
      char byte = 0;
      iovec buffer{.iov_base = &byte, .iov_len = 1};
      msghdr message{};
      message.msg_iov = &buffer;
      message.msg_iovlen = 1;
      recvmsg(fd, &message, 0);
    });
    EXPECT_TRUE(wait_until([fd] { return sleeps_in_receive(getpid(), fd); }));
    EXPECT_FALSE(sleeps_in_receive(getpid(), other.receiver.get())) << "that is another descriptor";
  }
  EXPECT_FALSE(sleeps_in_receive(getpid(), fd)) << "it has returned";
}

TEST(SleepsInReceive, SeesAThreadThatWaitsInPollFirst) {
  const Pair pair = make_pair();
  const int fd = pair.receiver.get();
  const Waiting waiting(pair, [fd] {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    poll(&entry, 1, -1);
  });
  EXPECT_TRUE(wait_until([fd] { return sleeps_in_receive(getpid(), fd); }));
}

TEST(SleepsInReceive, IsFalseForAProcessThatIsNotThere) {
  EXPECT_FALSE(sleeps_in_receive(-1, 0));
}

TEST(SleepsInReceive, SeesAProgramOf32BitsThatReceivesBySocketcall) {
  if (access(PROGRAM_OF_32_BITS, X_OK) != 0) GTEST_SKIP() << "there is no " PROGRAM_OF_32_BITS;
  AdapterProcess adapter({PROGRAM_OF_32_BITS}, std::chrono::seconds(30));
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  adapter.start(socket.name, {.buffers = {room(1)}});
  EXPECT_TRUE(adapter.wait_until_asleep(socket.name.number));
  ASSERT_EQ(send(socket.peer.get(), "x", 1, 0), 1);
  EXPECT_EQ(adapter.finish().nbytes, 1);
}

TEST(Abi, IsThatOfTheProgram) {
  EXPECT_EQ(abi_of(getpid()), kNativeAbi);
  EXPECT_EQ(abi_of(-1), kNativeAbi) << "where it is unknown";
  if (access(PROGRAM_OF_32_BITS, X_OK) != 0) GTEST_SKIP() << "there is no " PROGRAM_OF_32_BITS;
  const ChildProcess child({PROGRAM_OF_32_BITS}, {});
  EXPECT_EQ(abi_of(child.pid()), kAbi32);
}

TEST(OpenDescriptors, AreThoseOfTheProcessWithTheFilesBehindThem) {
  const UniqueFd file(memfd_create("kit", MFD_CLOEXEC));
  struct stat status{};
  ASSERT_EQ(fstat(file.get(), &status), 0);
  const auto seen = open_descriptors(getpid());
  const auto found = std::ranges::find(seen, file.get(), &OpenDescriptor::number);
  ASSERT_NE(found, seen.end());
  EXPECT_EQ(found->inode, status.st_ino);
  EXPECT_EQ(found->device, status.st_dev);
  EXPECT_TRUE(std::ranges::is_sorted(seen, {}, &OpenDescriptor::number));
}

TEST(OpenDescriptors, AreNoLongerThereWhenClosed) {
  UniqueFd file(memfd_create("kit", MFD_CLOEXEC));
  struct stat status{};
  ASSERT_EQ(fstat(file.get(), &status), 0);
  const auto is_the_file = [&status](const OpenDescriptor& open) {
    return open.device == status.st_dev && open.inode == status.st_ino;
  };
  EXPECT_TRUE(std::ranges::any_of(open_descriptors(getpid()), is_the_file));
  file.reset();
  EXPECT_TRUE(std::ranges::none_of(open_descriptors(getpid()), is_the_file));
}

TEST(OpenDescriptors, AreAllThatAreWantedHoweverManyAreNot) {
  const UniqueFd file(memfd_create("kit", MFD_CLOEXEC));
  std::vector<UniqueFd> many;
  for (int i = 0; i < 300; ++i) many.emplace_back(fcntl(file.get(), F_DUPFD_CLOEXEC, 200 + i % 7));
  for (const int at : {900, 2000}) many.emplace_back(fcntl(file.get(), F_DUPFD_CLOEXEC, at));
  const std::vector<Wanted> each{
      [](int number) { return number < 200 || number > 799; },
      [](int number) { return number < 200 || number == 350 || number == 351 || number > 499; },
      [](int number) { return number > 230; },
      [](int number) { return number % 2 == 0; },
      [](int number) { return number == 2000; },
      [](int number) { return number < 0; },
  };
  const std::vector<OpenDescriptor> all = open_descriptors(getpid());
  ASSERT_GT(all.size(), 302U);
  for (const Wanted& wanted : each) {
    std::vector<OpenDescriptor> expected;
    std::ranges::copy_if(all, std::back_inserter(expected),
                         [&wanted](const OpenDescriptor& open) { return wanted(open.number); });
    EXPECT_EQ(open_descriptors(getpid(), wanted), expected);
  }
}

TEST(OpenDescriptors, OfNoProcessAreNone) {
  EXPECT_TRUE(open_descriptors(-1).empty());
}

TEST(CloseOnExec, IsSeenFromOutside) {
  const UniqueFd with(memfd_create("kit", MFD_CLOEXEC));
  const UniqueFd without(memfd_create("kit", 0));
  EXPECT_TRUE(is_close_on_exec(getpid(), with.get()));
  EXPECT_FALSE(is_close_on_exec(getpid(), without.get()));
  EXPECT_FALSE(is_close_on_exec(getpid(), 9999));
}

TEST(DescriptorFacts, TellTheOffsetOfTheOpenFile) {
  const UniqueFd file(memfd_create("kit", 0));
  ASSERT_EQ(lseek(file.get(), 1234, SEEK_SET), 1234);
  EXPECT_EQ(descriptor_facts(getpid(), file.get()).value().offset, 1234U);
  EXPECT_FALSE(descriptor_facts(getpid(), file.get()).value().process) << "it is no pidfd";
  EXPECT_FALSE(descriptor_facts(getpid(), 9999));
}

TEST(DescriptorFacts, TellTheProcessOfAPidfd) {
  const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  ASSERT_TRUE(pidfd);
  EXPECT_EQ(descriptor_facts(getpid(), pidfd.get()).value().process, getpid());
  EXPECT_TRUE(descriptor_facts(getpid(), pidfd.get()).value().close_on_exec);
}

TEST(OpenDescriptors, AreCounted) {
  const std::size_t before = count_open_descriptors(getpid());
  const UniqueFd one(memfd_create("kit", 0));
  const UniqueFd two(memfd_create("kit", 0));
  EXPECT_EQ(count_open_descriptors(getpid()), before + 2);
}

TEST(Ids, AreSharedWithOneself) {
  EXPECT_TRUE(shares_ids_with(getpid()));
}

/// Blocks a signal for the calling thread.
class Blocked {
 public:
  explicit Blocked(int signum) {
    sigemptyset(&set_);
    sigaddset(&set_, signum);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~Blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

  void take() const {
    int taken = 0;
    EXPECT_EQ(sigwait(&set_, &taken), 0);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

TEST(PendingSignal, IsSeenUntilItIsTaken) {
  const Blocked blocked(SIGUSR2);
  EXPECT_FALSE(has_pending_signal(getpid(), SIGUSR2));
  ASSERT_EQ(kill(getpid(), SIGUSR2), 0);
  EXPECT_TRUE(has_pending_signal(getpid(), SIGUSR2));
  EXPECT_FALSE(has_pending_signal(getpid(), SIGUSR1)) << "that is another signal";
  blocked.take();
  EXPECT_FALSE(has_pending_signal(getpid(), SIGUSR2));
}

TEST(PendingSignal, OfOneThreadIsSeenToo) {
  const Blocked blocked(SIGUSR2);
  ASSERT_EQ(pthread_kill(pthread_self(), SIGUSR2), 0);
  EXPECT_TRUE(has_pending_signal(getpid(), SIGUSR2));
  blocked.take();
  EXPECT_FALSE(has_pending_signal(getpid(), SIGUSR2));
}

TEST(Stopped, IsAProcessBetweenSigstopAndSigcont) {
  const ChildProcess child({"cat"}, {});
  EXPECT_FALSE(is_stopped(child.pid()));
  kill(child.pid(), SIGSTOP);
  EXPECT_TRUE(wait_until([&] { return is_stopped(child.pid()); }));
  kill(child.pid(), SIGCONT);
  EXPECT_TRUE(wait_until([&] { return !is_stopped(child.pid()); }));
}

TEST(SystemCalls, CanBeSeenOnThisHost) {
  if (access("/proc/self/syscall", R_OK) != 0) GTEST_SKIP() << "this kernel has no /proc/PID/syscall";
  EXPECT_TRUE(can_see_system_calls());
}

}  // namespace
}  // namespace recvinto::kit
