// Calls of the 32-bit ABI, made by int 0x80: what a 32-bit program's would be.

#if defined(__x86_64__)

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "kit/tests/scripted_kernel/results.h"
#include "kit/tests/scripted_kernel/supervised_child.h"

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct Iovec32 {
  std::uint32_t base = 0;
  std::uint32_t length = 0;
};

/// What a 32-bit program passes, all of it below 4 GiB.
struct Memory32 {
  struct {
    std::uint32_t name = 0;
    std::uint32_t namelen = 0;
    std::uint32_t iov = 0;
    std::uint32_t iovlen = 0;
    std::uint32_t control = 0;
    std::uint32_t controllen = 0;
    std::int32_t flags = 0;
  } header;
  Iovec32 buffers[2];
  std::uint32_t arguments[3] = {};
  char data[16] = {};
  char name[16] = {};
  char control[64] = {};
  std::int32_t result = 0;
};

std::uint32_t low_address_of(const void* memory) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(memory));
}

std::int32_t int_0x80(std::uint32_t number, std::uint32_t one, std::uint32_t two, std::uint32_t three) {
  std::int32_t result = 0;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(one), "c"(two), "d"(three)
               : "memory", "cc", "r8", "r9", "r10", "r11");
  return result;
}

bool kernel_runs_32_bit_calls() {
  const pid_t pid = fork();
  if (pid == 0) _exit(int_0x80(20 /* getpid */, 0, 0, 0) > 0 ? 0 : 1);
  int status = -1;
  waitpid(pid, &status, 0);
  return status == 0;
}

class CompatCallTest : public testing::Test {
 protected:
  CompatCallTest() {
    void* memory =
        mmap(nullptr, sizeof(Memory32), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    memory_ = new (memory) Memory32{};
    memory_->buffers[0] = {low_address_of(memory_->data), 4};
    memory_->buffers[1] = {low_address_of(memory_->data + 8), 4};
    memory_->header = {.name = low_address_of(memory_->name),
                       .namelen = sizeof memory_->name,
                       .iov = low_address_of(memory_->buffers),
                       .iovlen = 2,
                       .control = low_address_of(memory_->control),
                       .controllen = sizeof memory_->control};
  }
  ~CompatCallTest() override { munmap(memory_, sizeof(Memory32)); }
  void SetUp() override {
    if (!kernel_runs_32_bit_calls()) GTEST_SKIP() << "this kernel runs no 32-bit programs";
  }

  CallLog play(const Script& script, const std::function<void()>& body) {
    SupervisedChild child(body);
    child.supervisor().watch(socket());
    child.supervisor().play(script, {}, -1);
    child.begin();
    EXPECT_TRUE(child.ends_well());
    return child.supervisor().finish();
  }
  [[nodiscard]] int socket() const { return pair_.one.get(); }
  void receive(std::uint32_t flags = 0) {
    memory_->result = int_0x80(372, static_cast<std::uint32_t>(socket()), low_address_of(&memory_->header), flags);
  }
  void receive_by_socketcall() {
    memory_->arguments[0] = static_cast<std::uint32_t>(socket());
    memory_->arguments[1] = low_address_of(&memory_->header);
    memory_->arguments[2] = MSG_PEEK;
    memory_->result = int_0x80(102, 17, low_address_of(memory_->arguments), 0);
  }

  Pair pair_ = make_pair(SOCK_DGRAM);
  Memory32* memory_ = nullptr;
};

answer::Result everything() {
  answer::Result result = with_control("abcdef", {{.level = 41, .type = 7, .data = "xyz"}});
  result.address = "address";
  result.msg_flags = MSG_EOR;
  return result;
}

TEST_F(CompatCallTest, IsAnsweredInItsOwnLayout) {
  play({.steps = {gives(everything())}}, [this] { receive(); });
  EXPECT_EQ(memory_->result, 6);
  EXPECT_STREQ(memory_->data, "abcd");
  EXPECT_STREQ(memory_->data + 8, "ef");
  EXPECT_STREQ(memory_->name, "address");
  EXPECT_EQ(memory_->header.namelen, 7U);
  EXPECT_EQ(memory_->header.controllen, 16U);
  EXPECT_EQ(memory_->header.flags, MSG_EOR);
  EXPECT_EQ(Bytes(memory_->control, 16), bytes_of(std::uint32_t{15}) + bytes_of(41) + bytes_of(7) + "xyz~");
}

TEST_F(CompatCallTest, IsGivenNoMoreThanItCanHold) {
  answer::Result result = everything();
  result.msg_controllen = std::uint64_t{1} << 40;
  play({.steps = {gives(result)}}, [this] { receive(); });
  EXPECT_EQ(memory_->header.controllen, UINT32_MAX);
}

TEST_F(CompatCallTest, ShowsWhatItPassed) {
  const CallLog log = play({.steps = {gives("a")}}, [this] { receive(MSG_DONTWAIT); });
  ASSERT_THAT(log.calls, SizeIs(1));
  EXPECT_EQ(log.calls[0].flags, MSG_DONTWAIT);
  EXPECT_THAT(log.calls[0].buffers, ElementsAre(SeenCall::Extent{low_address_of(memory_->data), 4},
                                                SeenCall::Extent{low_address_of(memory_->data + 8), 4}));
  EXPECT_EQ(log.calls[0].namelen, 16U);
  EXPECT_EQ(log.calls[0].controllen, 64U);
}

TEST_F(CompatCallTest, IsSeenThroughSocketcall) {
  const CallLog log = play({.steps = {gives(everything())}}, [this] { receive_by_socketcall(); });
  EXPECT_EQ(memory_->result, 6);
  EXPECT_STREQ(memory_->data, "abcd");
  ASSERT_THAT(log.calls, SizeIs(1));
  EXPECT_EQ(log.calls[0].flags, MSG_PEEK);
}

TEST_F(CompatCallTest, FailsAsItIsToldTo) {
  play({.steps = {fails(EINTR)}}, [this] { receive(); });
  EXPECT_EQ(memory_->result, -EINTR);
}

TEST_F(CompatCallTest, IsRefusedALengthThatIsNegativeIn32Bits) {
  memory_->buffers[1].length = 0x8000'0000;
  play({.steps = {gives("a")}}, [this] { receive(); });
  EXPECT_EQ(memory_->result, -EINVAL);
}

// Whatever is refused to a script is refused by this kernel, and the other way round.
TEST_F(CompatCallTest, IsRefusedWhatTheKernelRefuses) {
  const std::uint32_t kernels_own_flag = 0x8000'0000;
  ASSERT_EQ(send(pair_.other.get(), "real", 4, 0), 4);
  play({.steps = {pass()}}, [&] { receive(kernels_own_flag | MSG_PEEK); });
  const std::int32_t scripted = memory_->result;
  SupervisedChild unscripted([&] { receive(kernels_own_flag | MSG_PEEK); });
  unscripted.begin();
  EXPECT_TRUE(unscripted.ends_well());
  EXPECT_EQ(scripted, memory_->result);
}

}  // namespace
}  // namespace recvinto::kit

#endif
