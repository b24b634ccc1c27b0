// Hosts that lack something: what needs it is skipped with that reason.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

#include "kit/host/lacking.h"
#include "kit/host/sockets.h"
#include "kit/host/temporary_directory.h"
#include "kit/performing/outcome.h"
#include "kit/tests/denied.h"
#include "kit/tests/sanitized.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// Whether EnvironmentLacks ends `action` where a system call is denied; nothing where that cannot be tried here.
template <typename Action>
std::optional<bool> is_skipped(const Denied& denied, Action action) {
  const auto seen = in_a_child([&] { return deny(denied); },
                               [&] {
                                 try {
                                   action();
                                   return 1;
                                 } catch (const EnvironmentLacks&) {
                                   return 0;
                                 } catch (const std::exception&) {
                                   return 2;
                                 }
                               });
  if (!seen) return std::nullopt;
  return *seen == 0;
}

TEST(LackingHost, HasNoSizesOfQueues) {
  const UniqueFd socket = open_socket(kUdp4);
  const Denied denied{.number = SYS_getsockopt, .error = ENOPROTOOPT, .arguments = {{1, SOL_SOCKET}, {2, SO_MEMINFO}}};
  EXPECT_TRUE(is_skipped(denied, [&] { queue_memory(socket.get()); }).value_or(true));
  EXPECT_TRUE(is_skipped(denied, [&] { lost_messages(socket.get()); }).value_or(true));
}

TEST(LackingHost, HasNoFactsAboutTcp) {
  const UniqueFd socket = open_socket(kTcp4);
  const Denied denied{.number = SYS_getsockopt, .error = EOPNOTSUPP, .arguments = {{1, IPPROTO_TCP}}};
  EXPECT_TRUE(is_skipped(denied, [&] { bytes_arrived(socket.get()); }).value_or(true));
  EXPECT_EQ(bytes_arrived(socket.get()), 0U);
}

TEST(LackingHost, HasNoUrgentData) {
  const UniqueFd socket = open_socket(kUnixStream);
  const Denied denied{.number = SYS_sendmsg, .error = EOPNOTSUPP, .arguments = {{2, MSG_OOB | MSG_NOSIGNAL}}};
  EXPECT_TRUE(is_skipped(denied, [&] { send_message(socket.get(), "x", {}, MSG_OOB); }).value_or(true));
}

TEST(LackingHost, HasNoDirectoryForTemporaryFiles) {
  const auto seen =
      in_a_child([] { return setenv("TMPDIR", "/no/such/directory", 1) == 0; },
                 [] {
                   try {
                     const TemporaryDirectory directory;
                     return 1;
                   } catch (const EnvironmentLacks& lack) {
                     return std::string(lack.what()).find("/no/such/directory (TMPDIR)") == std::string::npos ? 2 : 0;
                   } catch (const std::exception&) {
                     return 3;
                   }
                 });
  EXPECT_EQ(seen, 0);
}

TEST(LackingHost, MayForbidWhatTheSuiteNeeds) {
  for (const int number : {EPERM, EACCES, ENOSYS, EROFS}) {
    const Outcome outcome =
        outcome_of(std::make_exception_ptr(std::system_error(number, std::system_category(), "socket")));
    EXPECT_EQ(outcome.cause, Cause::kHostLacks) << number;
  }
}

TEST(LackingHost, HasNoAddressSpaceForLargeBuffers) {
  if (kSanitized) GTEST_SKIP() << "the shadow memory of AddressSanitizer is beyond the limit";
  const auto seen = in_a_child(
      [] {
        const rlimit limit{.rlim_cur = rlim_t{4} << 30U, .rlim_max = RLIM_INFINITY};
        return setrlimit(RLIMIT_AS, &limit) == 0;
      },
      [] {
        try {
          require_address_space(getpid(), 1 << 20);
        } catch (const EnvironmentLacks&) {
          return 1;
        }
        try {
          require_address_space(getpid(), std::uint64_t{5} << 30U);
          return 2;
        } catch (const EnvironmentLacks& lack) {
          return std::string(lack.what()).find("RLIMIT_AS") == std::string::npos ? 3 : 0;
        }
      });
  EXPECT_EQ(seen.value_or(0), 0);
}

}  // namespace
}  // namespace recvinto::kit
