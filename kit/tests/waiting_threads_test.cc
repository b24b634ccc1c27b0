// What the threads of a process wait in, as seen from outside.

#include "kit/host/waiting_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "kit/host/proc_file.h"
#include "kit/host/process_facts.h"
#include "kit/host/wait_until.h"
#include "kit/tests/denied.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// A process that does one thing for as long as this exists.
class Process {
 public:
  template <typename Body>
  explicit Process(Body body) : pid_(fork()) {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    _exit(0);
  }
  ~Process() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

void receive_from(int fd) {
  char byte = 0;
  iovec buffer{.iov_base = &byte, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &buffer;
  message.msg_iovlen = 1;
  recvmsg(fd, &message, 0);
}

class WaitingThreadsTest : public testing::Test {
 protected:
  WaitingThreadsTest() {
    if (!can_see_system_calls()) return;
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    receiver_ = UniqueFd(ends[0]);
    peer_ = UniqueFd(ends[1]);
  }
  void SetUp() override {
    if (!receiver_) GTEST_SKIP() << "what a process sleeps in cannot be seen here";
  }

  UniqueFd receiver_;
  UniqueFd peer_;
};

TEST_F(WaitingThreadsTest, AReceiveOnADuplicateIsAReceiveOnTheSocket) {
  const UniqueFd duplicate(dup(receiver_.get()));
  const Process process([&] { receive_from(duplicate.get()); });
  EXPECT_TRUE(wait_until([&] { return sleeps_in_receive(process.pid(), receiver_.get()); }));
  EXPECT_FALSE(sleeps_in_receive(process.pid(), peer_.get())) << "that is another socket";
}

TEST_F(WaitingThreadsTest, AWaitForTheRingOfIoUringIsAWaitForDescriptors) {
  io_uring_params parameters{};
  const UniqueFd ring(static_cast<int>(syscall(SYS_io_uring_setup, 4, &parameters)));
  if (!ring) GTEST_SKIP() << "no io_uring here";
  const Process process([&] { syscall(SYS_io_uring_enter, ring.get(), 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0); });
  EXPECT_TRUE(wait_until([&] { return sleeps_in_receive(process.pid(), receiver_.get()); }));
}

TEST_F(WaitingThreadsTest, AWaitThatMayBeAnythingIsNamed) {
  const Process process([] {
    std::uint32_t word = 0;
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  });
  EXPECT_TRUE(wait_until([&] { return !look_at_threads(process.pid(), receiver_.get()).elsewhere.empty(); }));
  const WaitingThreads seen = look_at_threads(process.pid(), receiver_.get());
  EXPECT_THAT(seen.elsewhere, ElementsAre("futex"));
  EXPECT_FALSE(seen.in_receive);
  EXPECT_FALSE(seen.runs);
}

TEST_F(WaitingThreadsTest, AWaitForAnotherFileOrForTimeIsNoWaitForTheSocket) {
  const Process elsewhere([this] { receive_from(peer_.get()); });
  const Process paused([] { pause(); });
  for (const pid_t pid : {elsewhere.pid(), paused.pid()}) {
    EXPECT_TRUE(wait_until([&] { return sleeps_in_receive(pid, peer_.get()) || pid == paused.pid(); }));
    EXPECT_TRUE(wait_until([&] { return !look_at_threads(pid, receiver_.get()).runs; }));
    const WaitingThreads seen = look_at_threads(pid, receiver_.get());
    EXPECT_FALSE(seen.in_receive);
    EXPECT_THAT(seen.elsewhere, IsEmpty());
  }
}

TEST_F(WaitingThreadsTest, AThreadThatRunsIsSeenToRun) {
  const Process process([] {
    for (std::atomic<unsigned> turns = 0;;) ++turns;
  });
  EXPECT_TRUE(wait_until([&] { return look_at_threads(process.pid(), receiver_.get()).runs; }));
}

// A runtime whose threads come and go.
TEST_F(WaitingThreadsTest, ThreadsMayEndWhileTheyAreLookedAt) {
  const Process process([] {
    for (;;) {
      std::array<std::thread, 4> threads;
      for (std::thread& thread : threads) thread = std::thread([] {});
      for (std::thread& thread : threads) thread.join();
    }
  });
  for (int look = 0; look < 3000; ++look) {
    ASSERT_NO_THROW({
      EXPECT_FALSE(sleeps_in_receive(process.pid(), receiver_.get()));
      EXPECT_FALSE(has_pending_signal(process.pid(), SIGUSR2));
      EXPECT_GT(count_open_descriptors(process.pid()), 0U);
      EXPECT_FALSE(open_descriptors(process.pid()).empty());
    });
  }
}

TEST_F(WaitingThreadsTest, AProcessMayEndWhileItIsLookedAt) {
  for (int times = 0; times < 300; ++times) {
    const Process process([] {});
    for (int look = 0; look < 10; ++look) {
      ASSERT_NO_THROW({
        look_at_threads(process.pid(), receiver_.get());
        has_pending_signal(process.pid(), SIGUSR2);
        count_open_descriptors(process.pid());
        open_descriptors(process.pid());
        descriptor_facts(process.pid(), receiver_.get());
        private_memory(process.pid());
        has_address_sanitizer(process.pid());
      });
    }
    EXPECT_TRUE(wait_until([&] { return exit_state_of(process.pid()) == ExitState::kExited; }));
  }
}

/// As with ptrace_scope 3 of Yama: a process may look at itself, and at no other one.
bool forbid_others() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  data[0].effective &= ~(1U << CAP_SYS_PTRACE);
  return syscall(SYS_capset, &header, data.data()) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

TEST_F(WaitingThreadsTest, AreHiddenWhereOnlyOneselfMayBeLookedAt) {
  const auto seen = in_a_child([] { return forbid_others() && !read_file("/proc/self/syscall").text.empty(); },
                               [this] {
                                 if (try_to_see_system_calls()) return 1;
                                 const Process other([] { pause(); });
                                 return look_at_threads(other.pid(), receiver_.get()).hidden ? 0 : 2;
                               });
  if (!seen) GTEST_SKIP() << "a process cannot be made invisible to others here";
  EXPECT_EQ(*seen, 0);
}

}  // namespace
}  // namespace recvinto::kit
