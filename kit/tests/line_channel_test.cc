// Lines to and from a child that is trusted with nothing.

#include "kit/subjects/line_channel.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <chrono>
#include <csignal>
#include <map>
#include <string>

#include "kit/subjects/protocol.h"
#include "kit/tests/failure_of.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using std::chrono::milliseconds;

class LineChannelTest : public testing::Test {
 protected:
  LineChannelTest() { std::signal(SIGPIPE, SIG_IGN); }

  /// A child that runs this script of the shell.
  void run(const std::string& script) {
    channel_.reset();
    child_ = std::make_unique<ChildProcess>(std::vector<std::string>{"sh", "-c", script}, std::map<int, int>{});
    channel_.emplace(*child_);
  }

  ChildProcess& child() { return *child_; }
  LineChannel& channel() { return *channel_; }
  static Clock::time_point soon() { return Clock::now() + milliseconds(30); }
  static Clock::time_point late() { return Clock::now() + std::chrono::seconds(30); }

  std::string read() { return channel().read_line(late()); }

  std::string reading_fails() {
    return failure_of([this] { read(); });
  }

 private:
  std::unique_ptr<ChildProcess> child_;
  std::optional<LineChannel> channel_;
};

TEST_F(LineChannelTest, ReadsLineByLineHoweverTheyCome) {
  run(R"(printf 'a\nb\n\nc'; printf 'd\n'; cat)");
  for (const char* line : {"a", "b", "", "cd"}) EXPECT_EQ(read(), line);
}

TEST_F(LineChannelTest, ReadsAShortLineBehindALongOneThatCameInPieces) {
  run(R"(printf abcdef; read go; printf 'g\nx\n'; cat)");
  for (int waiting = 0; waiting < 6;) ASSERT_EQ(ioctl(child().output().get(), FIONREAD, &waiting), 0);
  EXPECT_FALSE(channel().line_is_there());
  channel().write_line("go", late());
  EXPECT_EQ(read(), "abcdefg");
  EXPECT_EQ(read(), "x");
}

TEST_F(LineChannelTest, CarriesALineThereAndBack) {
  run("cat");
  const std::string line(1 << 20, 'x');  // more than a pipe holds
  std::string back;
  // cat stops reading where its output is full: it goes on as read_line() takes it.
  EXPECT_EQ(failure_of([&] { channel().write_line(line, late()); }), "no failure");
  EXPECT_EQ(read(), line);
}

TEST_F(LineChannelTest, TakesNoAnswerWithinTheDeadlineForAHang) {
  run("exec sleep 1000");
  EXPECT_EQ(failure_of([this] { channel().read_line(soon()); }), "HANG: no answer within the deadline");
}

TEST_F(LineChannelTest, TakesHalfALineWithinTheDeadlineForAHang) {
  run("printf abc; exec sleep 1000");
  EXPECT_EQ(failure_of([this] { channel().read_line(soon()); }), "HANG: no answer within the deadline");
}

TEST_F(LineChannelTest, TakesAChildThatReadsNothingForAHang) {
  run("exec sleep 1000");
  EXPECT_EQ(failure_of([this] { channel().write_line(std::string(1 << 20, 'x'), soon()); }),
            "HANG: no answer within the deadline");
}

TEST_F(LineChannelTest, SaysHowTheChildEndedThatOwesALine) {
  run("exit 3");
  EXPECT_EQ(reading_fails(), "CRASH: the process exited with status 3");
  run("kill -SEGV $$");
  EXPECT_EQ(reading_fails(), "CRASH: the process was ended by SIGSEGV");
}

TEST_F(LineChannelTest, SaysSoAlsoWhenWriting) {
  run("exit 3");
  const std::string line(1 << 20, 'x');
  EXPECT_EQ(failure_of([&] { channel().write_line(line, late()); }), "CRASH: the process exited with status 3");
}

TEST_F(LineChannelTest, ReadsTheLastWordsOfAnEndedChild) {
  run("echo last; exit 0");
  EXPECT_EQ(read(), "last");
  EXPECT_EQ(reading_fails(), "CRASH: the process exited with status 0");
}

TEST_F(LineChannelTest, IsNotHeldUpByAGrandchildThatHoldsThePipes) {
  run("sleep 1000 & echo last; exit 3");
  EXPECT_EQ(read(), "last");
  EXPECT_EQ(reading_fails(), "CRASH: the process exited with status 3");
}

TEST_F(LineChannelTest, TakesALineOfTheGreatestLength) {
  run("head -c 4194304 /dev/zero | tr '\\0' x; echo; cat");
  EXPECT_EQ(read(), std::string(kLongestLine, 'x'));
}

TEST_F(LineChannelTest, TakesNoLineThatIsLonger) {
  run("head -c 4194305 /dev/zero | tr '\\0' x; echo; cat");
  EXPECT_EQ(reading_fails(), "PROTOCOL: a line of more than 4194304 bytes");
  run("cat /dev/zero");
  EXPECT_EQ(reading_fails(), "PROTOCOL: a line of more than 4194304 bytes");
}

TEST_F(LineChannelTest, IsSilentBetweenLines) {
  run("echo a; cat");
  EXPECT_EQ(read(), "a");
  EXPECT_NO_THROW(channel().expect_silence());
}

TEST_F(LineChannelTest, ComplainsOfChatter) {
  run("printf 'a\\nmore'; cat");
  EXPECT_EQ(read(), "a");
  EXPECT_EQ(failure_of([this] { channel().expect_silence(); }), "PROTOCOL: output that no request asked for: \"more\"");
}

TEST_F(LineChannelTest, KnowsWhetherALineIsThereWithoutWaiting) {
  run("cat");
  EXPECT_FALSE(channel().line_is_there());
  channel().write_line("a", late());
  while (!channel().line_is_there()) sched_yield();
  EXPECT_EQ(read(), "a");
}

TEST_F(LineChannelTest, TakesTheEndForALineThatWillNeverCome) {
  run("exit 0");
  while (!channel().line_is_there()) sched_yield();
  EXPECT_EQ(reading_fails(), "CRASH: the process exited with status 0");
}

TEST_F(LineChannelTest, KnowsWhetherTheChildHasReadItsInput) {
  run("exec sleep 1000");
  EXPECT_TRUE(channel().input_is_drained());
  channel().write_line("a", late());
  EXPECT_FALSE(channel().input_is_drained());
  run("cat");
  channel().write_line("a", late());
  EXPECT_EQ(read(), "a");
  EXPECT_TRUE(channel().input_is_drained());
}

TEST_F(LineChannelTest, KeepsTheStandardErrorOfItsChild) {
  run("echo trouble >&2; echo a; echo more >&2; echo b; cat");
  EXPECT_EQ(read(), "a");
  EXPECT_EQ(read(), "b");
  EXPECT_EQ(channel().take_stderr(), "trouble\nmore\n");
  EXPECT_EQ(channel().take_stderr(), "");
}

TEST_F(LineChannelTest, KeepsNoMoreOfItThanTheTail) {
  run("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; echo a; cat");
  EXPECT_EQ(read(), "a");
  const std::string text = channel().take_stderr();
  EXPECT_EQ(text.size(), 16U * 1024);
  EXPECT_TRUE(text.ends_with("xthe end\n"));
}

TEST_F(LineChannelTest, IsNotHeldUpByAStandardErrorThatNeverEnds) {
  run("cat /dev/zero >&2 & cat /dev/zero >&2 & cat");
  channel().write_line("a", late());
  EXPECT_EQ(read(), "a");
  while (channel().take_stderr().empty()) sched_yield();
}

}  // namespace
}  // namespace recvinto::kit
