#include "kit/host/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/tests/denied.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

const std::map<int, int> kNothing;

std::vector<std::string> shell(const std::string& script) {
  return {"sh", "-c", script};
}

/// Everything up to the end of file.
std::string content_of(const UniqueFd& stream) {
  std::string text;
  for (std::array<char, 4096> chunk;;) {
    pollfd readable{.fd = stream.get(), .events = POLLIN, .revents = 0};
    poll(&readable, 1, -1);
    const ssize_t count = read(stream.get(), chunk.data(), chunk.size());
    if (count <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

/// One number that the child prints while it goes on.
pid_t number_from(const UniqueFd& stream) {
  std::string text;
  while (text.find('\n') == std::string::npos) {
    pollfd readable{.fd = stream.get(), .events = POLLIN, .revents = 0};
    poll(&readable, 1, -1);
    std::array<char, 64> chunk;
    const ssize_t count = read(stream.get(), chunk.data(), chunk.size());
    if (count <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return std::atoi(text.c_str());
}

bool exists(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}

std::string end_of(ChildProcess& child) {
  pollfd ended{.fd = child.ended().get(), .events = POLLIN, .revents = 0};
  poll(&ended, 1, -1);
  return child.end().value_or("has not ended");
}

TEST(ChildProcess, SaysWithWhichStatusItEnded) {
  ChildProcess child(shell("exit 3"), kNothing);
  EXPECT_EQ(end_of(child), "exited with status 3");
}

TEST(ChildProcess, SaysWhichSignalEndedIt) {
  ChildProcess child(shell("kill -SEGV $$"), kNothing);
  EXPECT_EQ(end_of(child), "was ended by SIGSEGV");
}

TEST(ChildProcess, SaysSoAgainWhenAskedAgain) {
  ChildProcess child(shell("exit 3"), kNothing);
  end_of(child);
  EXPECT_EQ(child.end(), "exited with status 3");
}

TEST(ChildProcess, SaysNothingWhileItRuns) {
  ChildProcess child({"cat"}, kNothing);
  EXPECT_EQ(child.end(), std::nullopt);
}

TEST(ChildProcess, CannotStartWhereThereIsNoSuchProgram) {
  try {
    const ChildProcess child({"/no/such/program"}, kNothing);
    FAIL() << "started";
  } catch (const CannotStart& refusal) {
    EXPECT_STREQ(refusal.what(), "cannot execute '/no/such/program': No such file or directory");
  }
}

TEST(ChildProcess, CannotStartWhatIsNoProgram) {
  EXPECT_THROW(ChildProcess({"/dev/null"}, kNothing), CannotStart);
}

TEST(ChildProcess, HasPipesOnItsStandardStreams) {
  ChildProcess child(shell("cat; echo trouble >&2"), kNothing);
  ASSERT_EQ(write(child.input().get(), "abc", 3), 3);
  child.dismiss(10'000);
  EXPECT_EQ(content_of(child.output()), "abc");
  EXPECT_EQ(content_of(child.error()), "trouble\n");
}

TEST(ChildProcess, InheritsWhatItIsGivenAtThatNumberAndNothingElseButTheLifeline) {
  // Descriptors that were inherited by this test are not its concern.
  for (const OpenDescriptor& open : open_descriptors(getpid())) {
    if (open.number > STDERR_FILENO) fcntl(open.number, F_SETFD, FD_CLOEXEC);
  }
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd high(fcntl(null.get(), F_DUPFD_CLOEXEC, 700));
  ChildProcess child(shell("cd /proc/$$/fd; readlink 200; ls"), {{200, high.get()}});
  EXPECT_EQ(content_of(child.output()), "/dev/null\n0\n1\n2\n200\n201\n");
}

TEST(ChildProcess, LeadsAGroupOfItsOwn) {
  const ChildProcess child({"cat"}, kNothing);
  EXPECT_EQ(getpgid(child.pid()), child.pid());
}

/// The set of signals in the line `key` of the child's /proc/PID/status, in which it prints itself.
unsigned long long signals_in(const std::string& status, const std::string& key) {
  const std::size_t at = status.find(key);
  return at == std::string::npos ? ~0ULL : std::stoull(status.substr(at + key.size()), nullptr, 16);
}

TEST(ChildProcess, StartsWithoutTheSignalsThatAreBlockedOrIgnoredHere) {
  struct sigaction before{};
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before);
  sigset_t some;
  sigset_t old_mask;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR1);
  sigprocmask(SIG_BLOCK, &some, &old_mask);
  ChildProcess child({"cat", "/proc/self/status"}, kNothing);
  sigprocmask(SIG_SETMASK, &old_mask, nullptr);
  sigaction(SIGPIPE, &before, nullptr);
  const std::string status = content_of(child.output());
  EXPECT_EQ(signals_in(status, "SigBlk:"), 0U) << status;
  EXPECT_EQ(signals_in(status, "SigIgn:") & (1ULL << (SIGPIPE - 1)), 0U) << status;
}

TEST(ChildProcess, EndsWithItsObject) {
  pid_t pid = 0;
  {
    const ChildProcess child(shell("trap '' TERM INT HUP; echo $$; exec sleep 1000"), kNothing);
    pid = number_from(child.output());
    EXPECT_EQ(pid, child.pid());
    EXPECT_TRUE(exists(pid));
  }
  EXPECT_FALSE(exists(pid));
}

TEST(ChildProcess, TakesItsGrandchildrenWithIt) {
  adopt_orphans();
  pid_t grandchild = 0;
  {
    const ChildProcess child(shell("sleep 1000 & echo $!; wait"), kNothing);
    grandchild = number_from(child.output());
    ASSERT_GT(grandchild, 0);
    EXPECT_TRUE(exists(grandchild));
  }
  EXPECT_FALSE(exists(grandchild));
}

// Not even where their orphans go to init.
TEST(ChildProcess, TakesItsGroupWithIt) {
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(fcntl(ends[1], F_DUPFD_CLOEXEC, 700));
  close(ends[1]);
  {
    const ChildProcess child(shell("sleep 1000 & echo $!; wait"), {{200, write_end.get()}});
    ASSERT_GT(number_from(child.output()), 0);
  }
  write_end.reset();
  pollfd end_of_file{.fd = read_end.get(), .events = POLLIN, .revents = 0};
  poll(&end_of_file, 1, 10'000);
  EXPECT_NE(end_of_file.revents & POLLHUP, 0) << "the other end is still open";
}

TEST(ChildProcess, TakesAGrandchildWithItThatLeftTheGroup) {
  adopt_orphans();
  pid_t grandchild = 0;
  {
    const ChildProcess child(shell("setsid sh -c 'echo $$; exec sleep 1000' & wait"), kNothing);
    grandchild = number_from(child.output());
    ASSERT_GT(grandchild, 0);
    EXPECT_NE(getpgid(grandchild), child.pid());
  }
  EXPECT_FALSE(exists(grandchild));
}

TEST(ChildProcess, LeavesOtherChildProcessesAloneWhenItEnds) {
  ChildProcess other({"cat"}, kNothing);
  {
    const ChildProcess child({"cat"}, kNothing);
  }
  EXPECT_EQ(other.end(), std::nullopt);
  EXPECT_TRUE(exists(other.pid()));
}

TEST(ChildProcess, ThatIsDismissedMayEndByItself) {
  ChildProcess child({"cat"}, kNothing);
  child.dismiss(10'000);
  EXPECT_EQ(child.end(), "exited with status 0");
}

// Or the group that is ended could be another one by then.
TEST(ChildProcess, KeepsItsNumberUntilItsObjectEnds) {
  pid_t pid = 0;
  pid_t of_its_group = 0;
  {
    ChildProcess child(shell("sleep 1000 >&2 & echo $!"), kNothing);
    of_its_group = number_from(child.output());
    EXPECT_EQ(end_of(child), "exited with status 0");
    pid = child.pid();
    EXPECT_TRUE(exists(pid));
    EXPECT_EQ(getpgid(of_its_group), pid);
    child.dismiss(0);
    EXPECT_TRUE(exists(pid));
  }
  EXPECT_FALSE(exists(pid));
  adopt_orphans();
}

/// Whether the end of a child is seen as it is, within 10 s.
bool sees_the_end(const std::string& script, const std::string& end) {
  ChildProcess child(shell(script), kNothing);
  pollfd ended{.fd = child.ended().get(), .events = POLLIN, .revents = 0};
  return poll(&ended, 1, 10'000) == 1 && child.end() == end;
}

TEST(ChildProcess, IsSeenToEndWhereThereAreNoPidfds) {
  for (const int error : {ENOSYS, EPERM}) {
    const auto seen = in_a_child([error] { return deny({.number = SYS_pidfd_open, .error = error}); },
                                 [] {
                                   adopt_orphans();
                                   if (!sees_the_end("exit 3", "exited with status 3")) return 1;
                                   if (!sees_the_end("sleep 1000 & kill -SEGV $$", "was ended by SIGSEGV"))
                                     return 2;  // its pipes are held
                                   ChildProcess running({"cat"}, kNothing);
                                   pollfd ended{.fd = running.ended().get(), .events = POLLIN, .revents = 0};
                                   if (poll(&ended, 1, 0) != 0 || running.end()) return 3;
                                   running.dismiss(10'000);
                                   return running.end() == "exited with status 0" ? 0 : 4;
                                 });
    if (!seen) GTEST_SKIP() << "no seccomp(2) here";
    EXPECT_EQ(*seen, 0);
  }
}

TEST(ChildProcess, LeavesNoDescriptorOpenHere) {
  const auto next_free = [] { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)).get(); };
  const int before = next_free();
  {
    ChildProcess child({"true"}, kNothing);
    end_of(child);
  }
  EXPECT_THROW(ChildProcess({"/no/such/program"}, kNothing), CannotStart);
  EXPECT_EQ(next_free(), before);
}

}  // namespace
}  // namespace recvinto::kit
