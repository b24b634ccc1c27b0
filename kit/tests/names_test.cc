#include "kit/values/names.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

namespace recvinto::kit {
namespace {

TEST(Names, OfErrorsAreTheirMacros) {
  EXPECT_EQ(errno_name(EMSGSIZE), "EMSGSIZE");
  EXPECT_EQ(errno_name(EAGAIN), "EAGAIN");
}

TEST(Names, OfSignalsAreTheirMacros) {
  EXPECT_EQ(signal_name(SIGUSR1), "SIGUSR1");
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
}

#ifdef __GLIBC__
TEST(Names, AreThoseOfTheGnuCLibrary) {
  for (int number = 1; number < 1000; ++number) {
    const char* error = strerrorname_np(number);
    EXPECT_EQ(errno_name(number), error != nullptr ? error : "errno " + std::to_string(number));
    const char* signal = sigabbrev_np(number);
    EXPECT_EQ(signal_name(number),
              signal != nullptr ? "SIG" + std::string(signal) : "signal " + std::to_string(number));
  }
}
#endif

TEST(Names, OfWhatHasNoneAreNumbers) {
  EXPECT_EQ(errno_name(99999), "errno 99999");
  EXPECT_EQ(signal_name(9999), "signal 9999");
  EXPECT_EQ(control_message_name(77, 78), "77/78");
}

TEST(Names, OfFlagsAreJoined) {
  EXPECT_EQ(flag_names(0), "0");
  EXPECT_EQ(flag_names(MSG_TRUNC | MSG_CTRUNC), "MSG_CTRUNC|MSG_TRUNC");
  EXPECT_EQ(flag_names(MSG_MORE | MSG_FASTOPEN), "MSG_MORE|MSG_FASTOPEN");
}

TEST(Names, OfFlagsShowTheBitsThatHaveNoName) {
  EXPECT_EQ(flag_names(0x2000000), "0x2000000");
  EXPECT_EQ(flag_names(MSG_PEEK | 0x2000000), "MSG_PEEK|0x2000000");
}

TEST(Names, OfControlMessagesDependOnTheLevel) {
  EXPECT_EQ(control_message_name(SOL_SOCKET, SCM_RIGHTS), "SOL_SOCKET/SCM_RIGHTS");
  EXPECT_EQ(control_message_name(IPPROTO_IP, IP_TTL), "IPPROTO_IP/IP_TTL");
  EXPECT_EQ(control_message_name(IPPROTO_IPV6, SCM_RIGHTS), "41/1");
}

TEST(Names, OfOptionsAreNotThoseOfControlMessages) {
  EXPECT_EQ(option_name(SOL_SOCKET, SO_PASSCRED), "SOL_SOCKET/SO_PASSCRED");
  EXPECT_EQ(option_name(SOL_SOCKET, 83), "SOL_SOCKET/SO_PASSRIGHTS") << "which no C library names yet";
  EXPECT_EQ(option_name(IPPROTO_IP, IP_RECVTTL), "IPPROTO_IP/IP_RECVTTL");
  EXPECT_EQ(option_name(IPPROTO_IPV6, 9999), "41/9999");
}

}  // namespace
}  // namespace recvinto::kit
