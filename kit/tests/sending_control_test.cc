// What senders say beside data: how it is laid out, from which process it comes, and how it is reported.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "kit/host/child_sender.h"
#include "kit/host/control_bytes.h"
#include "kit/host/descriptor_limit.h"
#include "kit/values/sent_control.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;

/// The control messages as the C library walks over them: type and data.
std::vector<std::pair<int, Bytes>> walked(ControlBytes& control) {
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  std::vector<std::pair<int, Bytes>> found;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    found.emplace_back(item->cmsg_type,
                       Bytes(reinterpret_cast<const char*>(CMSG_DATA(item)), item->cmsg_len - CMSG_LEN(0)));
  }
  return found;
}

template <typename... Values>
Bytes bytes_of(Values... values) {
  const std::array<int, sizeof...(values)> array{values...};
  return {reinterpret_cast<const char*>(array.data()), sizeof array};
}

TEST(ControlBytes, OfNothingAreNone) {
  ControlBytes control;
  EXPECT_EQ(control.data(), nullptr);
  EXPECT_EQ(control.size(), 0U);
}

TEST(ControlBytes, OfSeveralMessagesFollowEachOther) {
  ControlBytes control;
  control.add(sent::Rights{.files = 1, .more = "abc"}, std::array{7});
  control.add(sent::Rights{.files = 0}, {});
  control.add(sent::Credentials{.pid = 1, .uid = 2, .gid = 3}, {});
  EXPECT_THAT(walked(control), ElementsAre(std::pair(SCM_RIGHTS, bytes_of(7) + "abc"), std::pair(SCM_RIGHTS, Bytes()),
                                           std::pair(SCM_CREDENTIALS, bytes_of(1, 2, 3))));
}

TEST(ControlBytes, OfCredentialsThatAreNotSetAreOnesOwn) {
  ControlBytes control;
  control.add(sent::Credentials{.uid = 5}, {});
  EXPECT_THAT(
      walked(control),
      ElementsAre(std::pair(SCM_CREDENTIALS, bytes_of(static_cast<int>(getpid()), 5, static_cast<int>(getgid())))));
}

TEST(ControlBytes, WantTheDescriptorsThatBelongToThem) {
  ControlBytes control;
  EXPECT_THROW(control.add(sent::Rights{.files = 2}, std::array{7}), std::invalid_argument);
}

TEST(SentControl, IsTold) {
  EXPECT_EQ(describe(sent::Rights{.files = 2}), "SCM_RIGHTS of 2 files");
  EXPECT_EQ(describe(sent::Rights{.files = 0, .more = "abc"}), "SCM_RIGHTS of 0 files and the bytes \"abc\"");
  EXPECT_EQ(describe(sent::OwnSocket{}), "SCM_RIGHTS of its own socket");
  EXPECT_EQ(describe(sent::Credentials{.uid = 5}), "SCM_CREDENTIALS (pid its own, uid 5, gid its own)");
}

TEST(SentControl, CountsItsFiles) {
  EXPECT_EQ(files_in(sent::Rights{.files = 2}), 2U);
  EXPECT_EQ(files_in(sent::OwnSocket{}), 1U);
  EXPECT_EQ(files_in(sent::Credentials{}), 0U);
}

TEST(ChildSender, ActsAndLivesAsLongAsItsObject) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  std::optional<ChildSender> child(std::in_place, [&] {
    const pid_t self = getpid();
    ASSERT_EQ(write(writing.get(), &self, sizeof self), static_cast<ssize_t>(sizeof self));
  });
  pid_t told = 0;
  ASSERT_EQ(read(reading.get(), &told, sizeof told), static_cast<ssize_t>(sizeof told));
  EXPECT_EQ(told, child->pid());
  EXPECT_NE(told, getpid());
  EXPECT_EQ(kill(told, 0), 0);
  // It holds no descriptor of ours open: the pipe ends when we close our end.
  writing.reset();
  char byte = 0;
  EXPECT_EQ(read(reading.get(), &byte, 1), 0);
  child.reset();
  EXPECT_EQ(kill(told, 0), -1);
}

TEST(ChildSender, TellsWhyItCouldNot) {
  try {
    const ChildSender child([] { throw std::system_error(EPERM, std::system_category(), "sendmsg"); });
    FAIL() << "it did not throw";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EPERM);
  }
}

TEST(DescriptorLimit, LeavesExactlyAsManyAsAskedFor) {
  for (std::size_t more = 0; more < 4; ++more) {
    std::vector<UniqueFd> opened;
    {
      const DescriptorLimit limit(getpid(), more);
      for (int i = 0; i < 6; ++i) {
        UniqueFd fd(fcntl(2, F_DUPFD_CLOEXEC, 0));
        if (fd) opened.push_back(std::move(fd));
      }
    }
    EXPECT_EQ(opened.size(), more);
    EXPECT_TRUE(UniqueFd(fcntl(2, F_DUPFD_CLOEXEC, 0))) << "the limit is what it was";
  }
}

}  // namespace
}  // namespace recvinto::kit
