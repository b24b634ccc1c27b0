// The memory of a supervised process: reaching it, and where it cannot be reached.

#include "kit/scripted_kernel/remote_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "kit/host/process_facts.h"
#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Way = RemoteMemory::Way;

std::uint64_t address_of(const void* memory) {
  return reinterpret_cast<std::uint64_t>(memory);
}

/// A page that can only be read.
class ReadOnlyPage {
 public:
  ReadOnlyPage() : memory_(mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  ~ReadOnlyPage() { munmap(memory_, kSize); }
  ReadOnlyPage(const ReadOnlyPage&) = delete;
  ReadOnlyPage& operator=(const ReadOnlyPage&) = delete;

  [[nodiscard]] char* get() const { return static_cast<char*>(memory_); }

 private:
  static constexpr std::size_t kSize = 4096;
  void* memory_;
};

class RemoteMemoryTest : public testing::TestWithParam<Way> {
 protected:
  /// This process's own, which is reached like any other.
  RemoteMemory memory_{static_cast<pid_t>(syscall(SYS_gettid)), GetParam()};
};

TEST_P(RemoteMemoryTest, IsRead) {
  const std::string there = "abcdef";
  std::array<std::byte, 3> here{};
  EXPECT_TRUE(memory_.read(address_of(there.data() + 2), here));
  EXPECT_THAT(here, ElementsAre(std::byte{'c'}, std::byte{'d'}, std::byte{'e'}));
}

TEST_P(RemoteMemoryTest, IsReadWholeOrNot) {
  std::array<std::byte, 3> here{};
  EXPECT_FALSE(memory_.read(8, here));
  EXPECT_TRUE(memory_.read(8, std::span(here).first(0))) << "nothing is read anywhere";
}

TEST_P(RemoteMemoryTest, IsWrittenInPatches) {
  std::string there = "abcdef";
  const std::string first = "12";
  const std::string second = "3";
  const std::array patches{Patch{address_of(there.data() + 4), first}, Patch{address_of(there.data()), second}};
  EXPECT_TRUE(memory_.write(patches));
  EXPECT_EQ(there, "3bcd12");
}

TEST_P(RemoteMemoryTest, IsWrittenInVeryManyPatches) {
  const std::size_t count = 2 * IOV_MAX + 1;
  std::string there(count, '.');
  const std::string byte = "x";
  std::vector<Patch> patches;
  for (char& place : there) patches.push_back({address_of(&place), byte});
  EXPECT_TRUE(memory_.write(patches));
  EXPECT_EQ(there, std::string(count, 'x'));
}

TEST_P(RemoteMemoryTest, SaysWhereAPatchHasNoPlace) {
  std::string there = "abc";
  const std::string bytes = "123";
  const std::array patches{Patch{address_of(there.data()), bytes}, Patch{8, bytes}};
  EXPECT_FALSE(memory_.write(patches));
}

TEST_P(RemoteMemoryTest, HonoursTheProtectionOfPagesByProcessVmOnly) {
  const ReadOnlyPage page;
  const std::string bytes = "123";
  const std::array patches{Patch{address_of(page.get()), bytes}};
  EXPECT_EQ(memory_.write(patches), GetParam() == Way::kProcMem);
}

TEST_P(RemoteMemoryTest, ServesASupervisor) {
  const Pair pair = make_pair(SOCK_DGRAM);
  Shared<Receipt> receipt;
  const Script script{.steps = {gives(with_control("scripted", {{.data = "x"}}))}};
  SupervisedChild child([&] { receipt->receive(pair.one.get()); }, {}, GetParam());
  child.supervisor().watch(pair.one.get());
  child.supervisor().play(script, {}, -1);
  child.begin();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt->data_bytes(), "scripted");
  EXPECT_EQ(receipt->header.msg_controllen, CMSG_SPACE(1));
}

INSTANTIATE_TEST_SUITE_P(Ways, RemoteMemoryTest, testing::Values(Way::kProcessVm, Way::kProcMem),
                         [](const auto& each) { return each.param == Way::kProcessVm ? "ProcessVm" : "ProcMem"; });

class BadMemoryTest : public testing::Test {
 protected:
  /// One receive with the header that `prepare` changed, while the script is played.
  CallLog play(const Script& script, const std::function<void(msghdr&)>& prepare, std::span<const int> files = {}) {
    SupervisedChild child([&] {
      iovec buffer{.iov_base = receipt_->data.data(), .iov_len = 8};
      msghdr header{};
      header.msg_iov = &buffer;
      header.msg_iovlen = 1;
      prepare(header);
      receipt_->receive(pair_.one.get(), &header, 0);
      *open_afterwards_ = count_open();
    });
    child.supervisor().watch(pair_.one.get());
    child.supervisor().play(script, files, -1);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    return child.supervisor().finish();
  }
  static int count_open() {
    int count = 0;
    for (int number = 0; number < 256; ++number) {
      if (syscall(SYS_fcntl, number, 1 /* F_GETFD */) >= 0) ++count;
    }
    return count;
  }

  Pair pair_ = make_pair(SOCK_DGRAM);
  Shared<Receipt> receipt_;
  Shared<int> open_afterwards_;
  ReadOnlyPage page_;
};

TEST_F(BadMemoryTest, OfADataBufferIsEfault) {
  const CallLog log = play({.steps = {gives("abc")}}, [&](msghdr& header) { header.msg_iov->iov_base = page_.get(); });
  EXPECT_EQ(receipt_->number, EFAULT);
  ASSERT_EQ(log.calls.size(), 1U);
  EXPECT_EQ(log.calls[0].outcome, SeenCall::Outcome::kFailed);
  EXPECT_EQ(log.calls[0].result, EFAULT);
}

TEST_F(BadMemoryTest, OfADataBufferThatIsNotReachedDoesNoHarm) {
  std::array<iovec, 2> buffers{};
  play({.steps = {gives("abc")}}, [&](msghdr& header) {
    buffers = {{{.iov_base = receipt_->data.data(), .iov_len = 8}, {.iov_base = page_.get(), .iov_len = 8}}};
    header.msg_iov = buffers.data();
    header.msg_iovlen = 2;
  });
  EXPECT_EQ(receipt_->count, 3);
}

TEST_F(BadMemoryTest, PlantsNoDescriptor) {
  const std::array files{STDIN_FILENO, STDIN_FILENO};
  const Script script{.steps = {gives(with_control("abc", {rights(2)}))}};
  alignas(cmsghdr) std::array<char, 64> control{};
  const auto with_room = [&](msghdr& header) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  };
  play(script, with_room, files);
  const int with_two = *open_afterwards_;
  play(
      script,
      [&](msghdr& header) {
        with_room(header);
        header.msg_iov->iov_base = page_.get();
      },
      files);
  EXPECT_EQ(receipt_->number, EFAULT);
  EXPECT_EQ(*open_afterwards_, with_two - 2);
}

TEST_F(BadMemoryTest, OfTheHeaderIsEfault) {
  const Script script{.steps = {gives("abc")}};
  SupervisedChild child([&] { receipt_->receive(pair_.one.get(), reinterpret_cast<void*>(8), 0); });
  child.supervisor().watch(pair_.one.get());
  child.supervisor().play(script, {}, -1);
  child.begin();
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(receipt_->number, EFAULT);
  EXPECT_EQ(child.supervisor().finish().unused_steps, 1U);
}

TEST_F(BadMemoryTest, OfTheListOfBuffersIsEfault) {
  const CallLog log =
      play({.steps = {gives("abc")}}, [](msghdr& header) { header.msg_iov = reinterpret_cast<iovec*>(8); });
  EXPECT_EQ(receipt_->number, EFAULT);
  EXPECT_EQ(log.unused_steps, 1U);
}

TEST_F(BadMemoryTest, IsNotLookedAtWhereThereAreTooManyBuffers) {
  std::vector<iovec> buffers(1025);
  CallLog log = play({.steps = {gives("abc")}}, [&](msghdr& header) {
    header.msg_iov = buffers.data();
    header.msg_iovlen = buffers.size();
  });
  EXPECT_EQ(receipt_->number, EMSGSIZE);
  ASSERT_EQ(log.calls.size(), 1U);
  EXPECT_EQ(log.calls[0].outcome, SeenCall::Outcome::kRefused);
  EXPECT_EQ(log.calls[0].buffers.size(), 1025U);
  log = play({.steps = {gives("abc")}}, [&](msghdr& header) { header.msg_iovlen = SIZE_MAX; });
  EXPECT_EQ(receipt_->number, EMSGSIZE);
  EXPECT_EQ(log.unused_steps, 1U);
}

}  // namespace
}  // namespace recvinto::kit
