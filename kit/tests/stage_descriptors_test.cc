// What the stage sees of descriptors: tried on planted faults, which do wrong what it is to see.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "kit/performing/stage.h"
#include "kit/subjects/adapter_process.h"
#include "kit/tests/every_capability.h"
#include "kit/values/unix_options.h"

namespace recvinto::kit {
namespace {

const Call kRoomForItems{.buffers = {room(8)}, .ancbufsize = 256};

/// An implementation and a stage with it.
class Played {
 public:
  explicit Played(const std::string& specification)
      : adapter_({CONFORMANCE_RUNNER, "serve", specification}, std::chrono::seconds(30)) {
    std::signal(SIGPIPE, SIG_IGN);
    adapter_.prepare();
    stage_.emplace(adapter_, kUnixStream, kAllCapabilities);
  }
  Stage& stage() { return *stage_; }
  void end_stage() { stage_.reset(); }
  [[nodiscard]] pid_t pid() const { return adapter_.pid(); }

 private:
  AdapterProcess adapter_;
  std::optional<Stage> stage_;
};

TEST(StageDescriptors, TellsOpenFilesFromFiles) {
  for (const bool shared : {true, false}) {
    Played played(shared ? "reference" : "fault:reopens-descriptors");
    played.stage().send("a", /*files=*/1);
    const Observation seen = played.stage().receive(kRoomForItems);
    ASSERT_EQ(seen.descriptors.size(), 1U);
    EXPECT_EQ(seen.descriptors[0].file, 0U);
    EXPECT_EQ(seen.descriptors[0].shares_offset, shared);
  }
}

TEST(StageDescriptors, TellsFilesThatNobodyHereHasOpenAnyMore) {
  Played played("reference");
  played.stage().send("a", /*files=*/2);
  played.stage().close_files();
  const Observation seen = played.stage().receive(kRoomForItems);
  ASSERT_EQ(seen.descriptors.size(), 2U);
  EXPECT_EQ(seen.descriptors[1].file, 1U);
  EXPECT_TRUE(seen.descriptors[1].shares_offset);
}

TEST(StageDescriptors, TellsWhosePidfdsAreAndCountsThoseThatNobodyReports) {
  for (const bool reported : {true, false}) {
    Played played(reported ? "reference" : "fault:forgets-pidfds");
    try {
      played.stage().set_option(SOL_SOCKET, kSoPassPidfd, 1);
    } catch (const EnvironmentLacks& lack) {
      GTEST_SKIP() << lack.what();
    }
    const pid_t child = played.stage().send_from_a_child("a");
    const Observation seen = played.stage().receive(kRoomForItems);
    EXPECT_EQ(seen.pidfds.size(), reported ? 1U : 0U);
    EXPECT_EQ(seen.stray_descriptors, reported ? 0U : 1U);
    if (reported) {
      EXPECT_EQ(seen.pidfds.at(0).process, child);
      EXPECT_TRUE(seen.pidfds.at(0).close_on_exec);
    }
    // None is left to be counted again.
    played.stage().send("b");
    EXPECT_EQ(played.stage().receive({.buffers = {room(8)}, .ancbufsize = 0}).stray_descriptors, 0U);
  }
}

TEST(StageDescriptors, LimitsOneCall) {
  Played played("reference");
  rlimit before{};
  rlimit after{};
  ASSERT_EQ(prlimit(played.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  played.stage().send("a", /*files=*/3);
  played.stage().limit_descriptors(2);
  EXPECT_EQ(played.stage().receive(kRoomForItems).descriptors.size(), 2U);
  ASSERT_EQ(prlimit(played.pid(), RLIMIT_NOFILE, nullptr, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
}

TEST(StageDescriptors, LimitsNobodyWhereTheCallNeverComes) {
  Played played("reference");
  rlimit before{};
  rlimit after{};
  ASSERT_EQ(prlimit(played.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  played.stage().limit_descriptors(0);
  ASSERT_EQ(prlimit(played.pid(), RLIMIT_NOFILE, nullptr, &after), 0);
  EXPECT_LT(after.rlim_cur, before.rlim_cur);
  played.end_stage();
  ASSERT_EQ(prlimit(played.pid(), RLIMIT_NOFILE, nullptr, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
}

}  // namespace
}  // namespace recvinto::kit
