// The C library's recvmsg, as a library calls it that was loaded at run time.

#include "kit/scripted_kernel/interposed_recvmsg.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <thread>

#include "kit/scripted_kernel/scripted_kernel.h"
#include "kit/scripted_kernel/socket_pair.h"

namespace recvinto::kit {
namespace {

using Receive = ssize_t (*)(int socket, void* data, std::size_t size);

class InterposedRecvmsgTest : public testing::Test {
 protected:
  InterposedRecvmsgTest() : plug_in_(dlopen(PLUG_IN, RTLD_NOW | RTLD_LOCAL)) {
    if (plug_in_ == nullptr) throw std::runtime_error(dlerror());
    receive_ = reinterpret_cast<Receive>(dlsym(plug_in_, "plug_in_receive"));
    for (const char* text : {"real 1", "real 2", "real 3"}) send(pair_.other.get(), text, 6, 0);
  }
  ~InterposedRecvmsgTest() override { dlclose(plug_in_); }

  /// What the plug-in receives: data, or the error's number.
  std::string receive() {
    std::array<char, 16> data{};
    const ssize_t count = receive_(pair_.one.get(), data.data(), data.size());
    return count < 0 ? std::to_string(errno) : std::string(data.data(), static_cast<std::size_t>(count));
  }

  void* plug_in_;
  Receive receive_ = nullptr;
  Pair pair_ = make_pair(SOCK_DGRAM);
  ScriptedKernel kernel_;
};

TEST_F(InterposedRecvmsgTest, IsAnsweredByTheKernelWithoutIt) {
  EXPECT_EQ(receive(), "real 1");
}

TEST_F(InterposedRecvmsgTest, IsAnsweredByAScriptWhileItLives) {
  const Script script{.steps = {gives("scripted"), fails(ENOMEM)}};
  {
    const InterposedRecvmsg interposed(kernel_);
    kernel_.play(script);
    EXPECT_EQ(receive(), "scripted");
    EXPECT_EQ(receive(), std::to_string(ENOMEM));
    EXPECT_EQ(kernel_.finish().calls.size(), 2U);
  }
  EXPECT_EQ(receive(), "real 1");
}

TEST_F(InterposedRecvmsgTest, LetsTheKernelThatAnswersReceiveItself) {
  const Script script{.steps = {pass(), gives("scripted")}};
  const InterposedRecvmsg interposed(kernel_);
  kernel_.play(script);
  EXPECT_EQ(receive(), "real 1");
  EXPECT_EQ(receive(), "scripted") << "no more after the first";
}

TEST_F(InterposedRecvmsgTest, AnswersByTheInnermost) {
  ScriptedKernel inner_kernel;
  const Script outer_script{.steps = {gives("outer")}, .last_repeats = true};
  const Script inner_script{.steps = {gives("inner")}, .last_repeats = true};
  kernel_.play(outer_script);
  inner_kernel.play(inner_script);
  const InterposedRecvmsg outer(kernel_);
  EXPECT_EQ(receive(), "outer");
  {
    const InterposedRecvmsg inner(inner_kernel);
    EXPECT_EQ(receive(), "inner");
  }
  EXPECT_EQ(receive(), "outer");
}

TEST_F(InterposedRecvmsgTest, AnswersItsOwnThreadOnly) {
  const Script script{.steps = {gives("scripted")}, .last_repeats = true};
  kernel_.play(script);
  const InterposedRecvmsg interposed(kernel_);
  std::string received;
  std::thread([&] { received = receive(); }).join();
  EXPECT_EQ(received, "real 1");
  EXPECT_EQ(receive(), "scripted");
}

TEST_F(InterposedRecvmsgTest, AnswersRecvmmsgOfOneMessage) {
  std::array<char, 16> data{};
  iovec buffer{.iov_base = data.data(), .iov_len = data.size()};
  std::array<mmsghdr, 2> messages{};
  for (mmsghdr& message : messages) {
    message.msg_hdr.msg_iov = &buffer;
    message.msg_hdr.msg_iovlen = 1;
  }
  const Script script{.steps = {gives("scripted"), fails(EINTR)}};
  const InterposedRecvmsg interposed(kernel_);
  kernel_.play(script);
  EXPECT_EQ(recvmmsg(pair_.one.get(), messages.data(), 1, 0, nullptr), 1);
  EXPECT_EQ(messages[0].msg_len, 8U);
  EXPECT_EQ(std::string(data.data(), 8), "scripted");
  EXPECT_EQ(recvmmsg(pair_.one.get(), messages.data(), 1, 0, nullptr), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(recvmmsg(pair_.one.get(), messages.data(), 2, 0, nullptr), 2) << "several messages are the kernel's";
  EXPECT_EQ(std::string(data.data(), 6), "real 2");
}

TEST_F(InterposedRecvmsgTest, LeavesACallWithoutAHeaderToTheKernel) {
  const InterposedRecvmsg interposed(kernel_);
  EXPECT_EQ(recvmsg(pair_.one.get(), nullptr, 0), -1);
  EXPECT_EQ(errno, EFAULT);
}

}  // namespace
}  // namespace recvinto::kit
