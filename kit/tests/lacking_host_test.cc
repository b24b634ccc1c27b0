// Hosts that lack something: what needs it is skipped with that reason.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "kit/host/arrival.h"
#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/host/sockets.h"
#include "kit/host/temporary_directory.h"
#include "kit/host/wait_until.h"
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

/// Whether EnvironmentLacks ends the sending of messages with these flags where a system call is denied.
std::optional<bool> is_not_seen_to_arrive(const Denied& denied, const SocketKind& kind,
                                          std::initializer_list<int> flags_of_each) {
  return is_skipped(denied, [&] {
    const UniqueFd bound = open_socket(kind);
    bind_to(bound.get(), loopback(kind));
    if (kind.is_tcp() && listen(bound.get(), 1) != 0) fail("listen");
    const UniqueFd sender = open_socket(kind);
    connect_to(sender.get(), local_address(bound.get()));
    const UniqueFd accepted = kind.is_tcp() ? accept_from(bound.get()) : UniqueFd();
    const int receiver = kind.is_tcp() ? accepted.get() : bound.get();
    for (const int flags : flags_of_each) {
      const Arrival arrival(receiver, kind);
      if (arrival.has_come(3, false)) throw std::logic_error("it has come before it is sent");
      send_message(sender.get(), "abc", {}, flags);
      const bool is_urgent = (flags & MSG_OOB) != 0;
      if (!wait_until([&] { return arrival.has_come(3, is_urgent); })) throw std::runtime_error("it has not come");
    }
  });
}

TEST(LackingHost, SeesTheFirstMessageArriveWithoutSizesOfQueues) {
  const Denied denied{.number = SYS_getsockopt, .error = ENOPROTOOPT, .arguments = {{1, SOL_SOCKET}, {2, SO_MEMINFO}}};
  EXPECT_FALSE(is_not_seen_to_arrive(denied, kUdp4, {0}).value_or(false));
  EXPECT_TRUE(is_not_seen_to_arrive(denied, kUdp4, {0, 0}).value_or(true)) << "one behind it";
}

TEST(LackingHost, SeesBytesArriveWithoutFactsAboutTcp) {
  const Denied denied{.number = SYS_getsockopt, .error = EOPNOTSUPP, .arguments = {{1, IPPROTO_TCP}}};
  EXPECT_FALSE(is_not_seen_to_arrive(denied, kTcp4, {0, 0}).value_or(false));
  EXPECT_TRUE(is_not_seen_to_arrive(denied, kTcp4, {0, MSG_OOB}).value_or(true)) << "FIONREAD ends at an urgent byte";
}

TEST(LackingHost, HasNoUrgentData) {
  const UniqueFd socket = open_socket(kUnixStream);
  for (const int error : {EOPNOTSUPP, EINVAL}) {
    const Denied denied{.number = SYS_sendmsg, .error = error, .arguments = {{2, MSG_OOB | MSG_NOSIGNAL}}};
    EXPECT_TRUE(is_skipped(denied, [&] { send_message(socket.get(), "x", {}, MSG_OOB); }).value_or(true)) << error;
  }
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
