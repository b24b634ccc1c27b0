#include "kit/values/observation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>

namespace recvinto::kit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Bytes as_bytes(std::initializer_list<int> numbers) {
  Bytes bytes(numbers.size() * sizeof(int), '\0');
  std::memcpy(bytes.data(), numbers.begin(), bytes.size());
  return bytes;
}

TEST(ReportedDescriptors, AreThoseOfAllScmRightsItemsInOrder) {
  EXPECT_THAT(
      reported_descriptors({{SOL_SOCKET, SCM_RIGHTS, as_bytes({7, 5})}, {SOL_SOCKET, SCM_RIGHTS, as_bytes({6})}}),
      ElementsAre(7, 5, 6));
}

TEST(ReportedDescriptors, AreNotReadFromOtherItems) {
  EXPECT_THAT(
      reported_descriptors({{SOL_SOCKET, SCM_CREDENTIALS, as_bytes({1, 2, 3})}, {41, SCM_RIGHTS, as_bytes({4})}}),
      IsEmpty());
}

TEST(ReportedDescriptors, LeaveAPartialNumberOut) {
  EXPECT_THAT(reported_descriptors({{SOL_SOCKET, SCM_RIGHTS, as_bytes({7}) + "\1\2\3"}}), ElementsAre(7));
  EXPECT_THAT(reported_descriptors({{SOL_SOCKET, SCM_RIGHTS, "\1\2\3"}}), IsEmpty());
}

TEST(Error, IsOneKindOnly) {
  const Error timeout{.type = "TimeoutError", .number = {}, .message = {}};
  EXPECT_TRUE(timeout.is_timeout());
  EXPECT_FALSE(timeout.is_refused_argument());
  EXPECT_FALSE(timeout.is_from_handler());

  for (const char* type : {"ValueError", "OverflowError", "TypeError"}) {
    const Error refused{.type = type, .number = {}, .message = {}};
    EXPECT_TRUE(refused.is_refused_argument()) << type;
    EXPECT_FALSE(refused.is_timeout()) << type;
    EXPECT_FALSE(refused.is_from_handler()) << type;
  }

  const Error raised{.type = "HandlerError", .number = {}, .message = {}};
  EXPECT_TRUE(raised.is_from_handler());
  EXPECT_FALSE(raised.is_timeout());
  EXPECT_FALSE(raised.is_refused_argument());
}

TEST(Error, WithANumberIsTheSystemsWhateverItsClass) {
  for (const char* type : {"TimeoutError", "ValueError", "HandlerError"}) {
    const Error error{.type = type, .number = ETIMEDOUT, .message = {}};
    EXPECT_FALSE(error.is_timeout() || error.is_refused_argument() || error.is_from_handler()) << type;
  }
}

TEST(Describe, NamesTheErrorsNumber) {
  EXPECT_EQ(describe(Error{.type = "OSError", .number = EBADF, .message = "Bad file descriptor"}),
            "EBADF (OSError, Bad file descriptor)");
  EXPECT_EQ(describe(Error{.type = "ValueError", .number = {}, .message = "negative"}), "ValueError (negative)");
}

TEST(Describe, ShowsAnAddressAsItsFamilyWritesIt) {
  const auto of_family = [](int family) {
    Address address;
    address.family = family;
    return address;
  };
  Address unix_address = of_family(AF_UNIX);
  unix_address.path = Bytes("\0x", 2);
  EXPECT_EQ(describe(unix_address), R"(unix "\x00x")");

  Address inet = of_family(AF_INET);
  inet.host = "127.0.0.1";
  inet.port = 53;
  EXPECT_EQ(describe(inet), "127.0.0.1:53");

  Address inet6 = of_family(AF_INET6);
  inet6.host = "fe80::1";
  inet6.port = 53;
  inet6.flowinfo = 7;
  inet6.scope_id = 2;
  EXPECT_EQ(describe(inet6), "[fe80::1]:53 flowinfo 7 scope 2");

  Address other = of_family(16);
  other.raw = "\1\2";
  EXPECT_EQ(describe(other), R"(family 16 "\x01\x02")");
}

}  // namespace
}  // namespace recvinto::kit
