// The kernel's other entries, which have more room than a call asks for: each call receives one message, and loses
// none.

#include "kit/subjects/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/scripted_kernel/socket_pair.h"
#include "kit/values/call.h"
#include "kit/values/observation.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

using testing::SizeIs;

constexpr std::chrono::milliseconds kAtOnce{0};

class KernelEntryTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    try {
      receiver_ = Catalogue().make_receiver(GetParam());
    } catch (const CannotStart& lack) {
      GTEST_SKIP() << lack.what();
    }
  }

  void send(std::string_view data, int file = -1) {
    iovec part{.iov_base = const_cast<char*>(data.data()), .iov_len = data.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof file)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (file >= 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const item = CMSG_FIRSTHDR(&message);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(sizeof file);
      std::memcpy(CMSG_DATA(item), &file, sizeof file);
    }
    ASSERT_EQ(sendmsg(pair_.other.get(), &message, 0), static_cast<ssize_t>(data.size()));
  }

  Observation receive(int flags = 0) {
    return perform(*receiver_, pair_.one.get(),
                   {.buffers = {room(8, ".")}, .ancbufsize = 256, .flags = flags, .timeout = kAtOnce}, signals_);
  }
  /// The storage, or the error's name.
  std::string received(int flags = 0) {
    const Observation seen = receive(flags);
    return seen.error ? describe(*seen.error) : seen.storages.at(0).substr(0, static_cast<std::size_t>(seen.nbytes));
  }

  [[nodiscard]] int socket() const { return pair_.one.get(); }
  void look_from(int offset) const {
    ASSERT_EQ(setsockopt(socket(), SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset), 0);
  }

 private:
  Pair pair_ = make_pair(SOCK_DGRAM);
  std::unique_ptr<Receiver> receiver_;
  SignalHandlers signals_;
};

TEST_P(KernelEntryTest, TakesOneMessageOfSeveral) {
  for (const char* message : {"ab", "", "cdef"}) send(message);
  EXPECT_EQ(received(), "ab");
  EXPECT_EQ(received(), "");
  EXPECT_EQ(received(), "cdef");
  EXPECT_TRUE(receive().error);
}

TEST_P(KernelEntryTest, LeavesAllMessagesWhereItPeeks) {
  for (const char* message : {"ab", "cdef"}) send(message);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(received(MSG_PEEK), "ab");
  EXPECT_EQ(received(), "ab");
  EXPECT_EQ(received(), "cdef");
}

TEST_P(KernelEntryTest, PeeksOneMessageBehindTheOther) {
  for (const char* message : {"ab", "cd", "ef"}) send(message);
  look_from(0);
  EXPECT_EQ(received(MSG_PEEK), "ab");
  EXPECT_EQ(received(MSG_PEEK), "cd");
  EXPECT_EQ(received(MSG_PEEK), "ef");
}

TEST_P(KernelEntryTest, OpensNoDescriptorsButThoseItReports) {
  send("ab", STDIN_FILENO);
  send("cd", STDIN_FILENO);
  for (const int flags : {int{MSG_PEEK}, 0}) {
    const std::size_t before = count_open_descriptors(getpid());
    const Observation seen = receive(flags);
    EXPECT_EQ(seen.msg_flags, 0);
    ASSERT_TRUE(seen.ancdata);
    const std::vector<int> descriptors = reported_descriptors(*seen.ancdata);
    EXPECT_THAT(descriptors, SizeIs(1));
    for (const int descriptor : descriptors) close(descriptor);
    EXPECT_EQ(count_open_descriptors(getpid()), before);
  }
  EXPECT_EQ(received(), "cd");
}

std::string entry_named(const testing::TestParamInfo<const char*>& entry) {
  return entry.param;
}

INSTANTIATE_TEST_SUITE_P(Of, KernelEntryTest,
                         testing::Values("raw", "recvmmsg", "recvmmsg_batch", "io_uring", "io_uring_multishot"),
                         entry_named);

}  // namespace
}  // namespace recvinto::kit
