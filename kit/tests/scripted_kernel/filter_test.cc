// The supervision filter, run here on the calls of every architecture that this host has.

#include "kit/scripted_kernel/filter.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "kit/scripted_kernel/system_calls.h"

namespace recvinto::kit {
namespace {

/// The instructions that the filter uses, as seccomp(2) runs them.
std::uint32_t run(const std::vector<sock_filter>& program, const seccomp_data& data) {
  std::uint32_t loaded = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program.at(at);
    const auto jump = [&](bool holds) { at += holds ? step.jt : step.jf; };
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&loaded, reinterpret_cast<const char*>(&data) + step.k, sizeof loaded);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(loaded == step.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(loaded >= step.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(loaded > step.k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((loaded & step.k) != 0);
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        throw std::logic_error("an instruction that is not known here");
    }
  }
  throw std::logic_error("the program runs off its end");
}

constexpr std::uint32_t kSeen = SECCOMP_RET_USER_NOTIF;
constexpr std::uint32_t kAllowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

/// Numbers 200 to 263 are watched.
std::uint32_t answer_to(std::uint32_t architecture, std::uint32_t number, std::uint64_t first_argument = 0) {
  seccomp_data data{};
  data.arch = architecture;
  data.nr = static_cast<int>(number);
  data.args[0] = first_argument;
  return run(supervision_filter({.first = 200, .last = 263}), data);
}

TEST(SupervisionFilter, SeesRecvmsgOnAnyDescriptorInEachArchitecture) {
  for (const Architecture& architecture : architectures()) {
    EXPECT_EQ(answer_to(architecture.audit, architecture.recvmsg, 3), kSeen) << architecture.audit;
    EXPECT_EQ(answer_to(architecture.audit, architecture.recvmsg, 200), kSeen) << architecture.audit;
  }
}

TEST(SupervisionFilter, SeesTheOtherReceivingCallsOnWatchedNumbersOnly) {
  for (const Architecture& architecture : architectures()) {
    EXPECT_GE(architecture.others.size(), 4U);
    for (const NamedCall& call : architecture.others) {
      const auto on = [&](std::uint64_t number) { return answer_to(architecture.audit, call.number, number); };
      EXPECT_EQ(on(199), kAllowed) << call.name;
      EXPECT_EQ(on(200), kSeen) << call.name;
      EXPECT_EQ(on(230), kSeen) << call.name;
      EXPECT_EQ(on(263), kSeen) << call.name;
      EXPECT_EQ(on(264), kAllowed) << call.name;
      EXPECT_EQ(on(0xffff'ffff), kAllowed) << call.name << " on -1";
    }
  }
}

TEST(SupervisionFilter, LooksAtTheLowHalfOfADescriptorOnly) {
  for (const Architecture& architecture : architectures()) {
    for (const NamedCall& call : architecture.others) {
      EXPECT_EQ(answer_to(architecture.audit, call.number, 0xdead'beef'0000'00c8), kSeen) << call.name;
    }
  }
}

TEST(SupervisionFilter, SeesNoOtherCallWithoutWatchedNumbers) {
  for (const Architecture& architecture : architectures()) {
    for (const NamedCall& call : architecture.others) {
      seccomp_data data{};
      data.arch = architecture.audit;
      data.nr = static_cast<int>(call.number);
      EXPECT_EQ(run(supervision_filter({}), data), kAllowed) << call.name;
    }
  }
}

TEST(SupervisionFilter, SeesWaitsWhereThereAreWatchedNumbers) {
  for (const Architecture& architecture : architectures()) {
    EXPECT_GE(architecture.readiness_calls.size(), 4U);
    for (const ReadinessCall& call : architecture.readiness_calls) {
      EXPECT_EQ(answer_to(architecture.audit, call.number), kSeen) << call.name;
      seccomp_data data{};
      data.arch = architecture.audit;
      data.nr = static_cast<int>(call.number);
      EXPECT_EQ(run(supervision_filter({}), data), kAllowed) << call.name;
    }
  }
}

TEST(SupervisionFilter, DeniesIoUring) {
  for (const Architecture& architecture : architectures()) {
    EXPECT_EQ(answer_to(architecture.audit, kIoUringSetup), kNoSuchCall) << architecture.audit;
  }
}

TEST(SupervisionFilter, LetsEveryOtherCallGo) {
  for (const Architecture& architecture : architectures()) {
    std::size_t seen = 0;
    for (std::uint32_t number = 0; number < 500; ++number) {
      if (answer_to(architecture.audit, number, 200) == kSeen) ++seen;
    }
    EXPECT_EQ(seen, 1 + architecture.others.size() + architecture.readiness_calls.size()) << architecture.audit;
  }
}

TEST(SupervisionFilter, LetsUnknownArchitecturesGo) {
  for (std::uint32_t number = 0; number < 500; ++number) {
    ASSERT_EQ(answer_to(AUDIT_ARCH_S390X, number, 200), kAllowed) << number;
  }
}

#if defined(__x86_64__)
TEST(SupervisionFilter, KnowsTheNumbersOfX86) {
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 47), kSeen) << "recvmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 0, 200), kSeen) << "read";
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 19, 200), kSeen) << "readv";
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 45, 200), kSeen) << "recvfrom";
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 299, 200), kSeen) << "recvmmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 372), kSeen) << "recvmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 371, 200), kSeen) << "recvfrom";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 417, 200), kSeen) << "recvmmsg_time64";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 47, 200), kAllowed) << "getgid there";
}

TEST(SupervisionFilter, SeesRecvmsgThroughSocketcall) {
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 102, 17), kSeen) << "recvmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 102, 16), kAllowed) << "sendmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_I386, 102, 200), kAllowed) << "the number of a descriptor, but no descriptor";
}

TEST(SupervisionFilter, DeniesX32) {
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 0x4000'0000 + 519), kNoSuchCall) << "recvmsg";
  EXPECT_EQ(answer_to(AUDIT_ARCH_X86_64, 0x4000'0000), kNoSuchCall) << "read";
}
#endif

}  // namespace
}  // namespace recvinto::kit
