// The numbers that are written down, held against this host's own headers: a slip would make every wait a hang.

#include "kit/scripted_kernel/system_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cstdint>
#include <initializer_list>

namespace recvinto::kit {
namespace {

using testing::Contains;
using testing::Field;
using Numbers = std::initializer_list<std::uint32_t>;

TEST(SystemCalls, OfThisHostAreThoseOfItsHeaders) {
  if (architectures().empty()) GTEST_SKIP() << "no numbers are written down for this architecture";
  const Architecture& ours = architectures().front();
  EXPECT_EQ(ours.abi, kNativeAbi);
  EXPECT_EQ(ours.recvmsg, SYS_recvmsg);
  for (const std::uint32_t number : Numbers{SYS_read, SYS_readv, SYS_recvfrom, SYS_recvmmsg}) {
    EXPECT_THAT(ours.others, Contains(Field(&NamedCall::number, number)));
  }
  for (const std::uint32_t number :
       Numbers{SYS_ppoll, SYS_pselect6, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_restart_syscall}) {
    EXPECT_THAT(ours.waits, Contains(number));
  }
#if defined(SYS_poll) && defined(SYS_select) && defined(SYS_epoll_wait)
  for (const std::uint32_t number : Numbers{SYS_poll, SYS_select, SYS_epoll_wait})
    EXPECT_THAT(ours.waits, Contains(number));
#endif
}

TEST(SystemCalls, AreFoundByTheNameThatTheKernelHasForTheirArchitecture) {
  for (const Architecture& architecture : architectures()) {
    EXPECT_EQ(architecture_of(architecture.audit), &architecture);
    EXPECT_EQ(architecture.abi, (architecture.audit & __AUDIT_ARCH_64BIT) != 0 ? kAbi64 : kAbi32);
  }
  EXPECT_EQ(architecture_of(0), nullptr);
}

}  // namespace
}  // namespace recvinto::kit
