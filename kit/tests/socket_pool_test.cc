#include "kit/subjects/socket_pool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <set>
#include <stdexcept>
#include <utility>

#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

int int_option(const UniqueFd& socket, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(socket.get(), SOL_SOCKET, name, &value, &length);
  return value;
}

TEST(SocketPool, SuppliesBlankSocketsOfEveryKind) {
  SocketPool pool;
  for (const SocketKind& kind : kEveryKind) {
    const Supplied supplied = pool.take(kind, Form::kBlank);
    EXPECT_EQ(int_option(supplied.receiver, SO_DOMAIN), kind.family) << kind.name;
    EXPECT_EQ(int_option(supplied.receiver, SO_TYPE), kind.type) << kind.name;
    EXPECT_FALSE(supplied.peer);
  }
}

TEST(SocketPool, SuppliesConnectedPairsOfTheUnixKinds) {
  SocketPool pool;
  for (const SocketKind& kind : kUnixKinds) {
    const Supplied supplied = pool.take(kind, Form::kPair);
    ASSERT_EQ(send(supplied.peer.get(), "a", 1, 0), 1) << kind.name;
    char byte = 0;
    EXPECT_EQ(recv(supplied.receiver.get(), &byte, 1, MSG_DONTWAIT), 1) << kind.name;
    EXPECT_EQ(byte, 'a');
  }
}

TEST(SocketPool, SuppliesEachSocketOnce) {
  SocketPool pool;
  std::set<int> numbers;
  std::size_t taken = 0;
  try {
    for (;; ++taken) numbers.insert(pool.take(kUdp4, Form::kBlank).name.number);
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the pool has no udp4 left");
  }
  EXPECT_EQ(numbers.size(), taken);
  EXPECT_GT(taken, 8U);
}

TEST(SocketPool, KnowsWhenItRunsLow) {
  SocketPool pool;
  EXPECT_TRUE(pool.has_at_least(3));
  std::size_t taken = 0;
  while (pool.has_at_least(3)) {
    pool.take(kUnixStream, Form::kPair);
    ++taken;
  }
  EXPECT_NO_THROW(pool.take(kUnixStream, Form::kPair));
  EXPECT_NO_THROW(pool.take(kUnixStream, Form::kPair));
  EXPECT_THROW(pool.take(kUnixStream, Form::kPair), std::runtime_error);
  EXPECT_GT(taken, 8U);
}

TEST(SocketPool, HasUncommonSocketsOnlyWhereAskedForEverything) {
  EXPECT_TRUE(SocketPool().is_out_of(kNetlinkRoute, Form::kBlank));
  EXPECT_TRUE(SocketPool().is_out_of(kUdp4, Form::kPrivate));
  EXPECT_FALSE(SocketPool().is_out_of(kUdp4, Form::kBlank)) << "a common one that is missing is missed otherwise";
  SocketPool pool(SocketPool::Stock::kEverything);
  EXPECT_FALSE(pool.is_out_of(kNetlinkRoute, Form::kBlank));
  EXPECT_FALSE(pool.is_out_of(kUdp4, Form::kPrivate)) << "or this host has none, and it is no use to try again";
}

TEST(SocketPool, SuppliesUncommonSocketsOrSaysWhyNot) {
  SocketPool pool(SocketPool::Stock::kEverything);
  for (const auto& [kind, form] : {std::pair{kNetlinkRoute, Form::kBlank}, std::pair{kNetlinkRoute, Form::kPrivate},
                                   std::pair{kUdp4, Form::kPrivate}, std::pair{kUdp6, Form::kPrivate},
                                   std::pair{kRaw4, Form::kPrivate}, std::pair{kPacket, Form::kPrivate}}) {
    try {
      const Supplied supplied = pool.take(kind, form);
      EXPECT_EQ(int_option(supplied.receiver, SO_DOMAIN), kind.family) << kind.name;
      EXPECT_EQ(int_option(supplied.receiver, SO_TYPE), kind.type) << kind.name;
      EXPECT_EQ(int_option(supplied.receiver, SO_PROTOCOL), kind.is_udp() ? IPPROTO_UDP : kind.protocol) << kind.name;
    } catch (const EnvironmentLacks& lack) {
      EXPECT_STRNE(lack.what(), "");
    }
  }
}

TEST(SocketPool, DoesNotRunLowOfUncommonSockets) {
  SocketPool pool(SocketPool::Stock::kEverything);
  try {
    while (!pool.is_out_of(kNetlinkRoute, Form::kBlank)) pool.take(kNetlinkRoute, Form::kBlank);
  } catch (const EnvironmentLacks& lack) {
    GTEST_SKIP() << lack.what();
  }
  EXPECT_TRUE(pool.has_at_least(3)) << "only a check that wants one restarts then";
}

// ChildProcess wants every descriptor here above every number there.
TEST(SocketPool, HandsItsSocketsDownToNumbersBelowItsOwn) {
  SocketPool pool(SocketPool::Stock::kEverything);
  const auto inheritance = pool.inheritance();
  ASSERT_FALSE(inheritance.empty());
  EXPECT_EQ(inheritance.begin()->first, SocketPool::kFirstNumber);
  for (const auto& [there, here] : inheritance) {
    EXPECT_GT(here, inheritance.rbegin()->first);
    EXPECT_NE(fcntl(here, F_GETFD) & FD_CLOEXEC, 0) << "a child would get it at that number too";
  }
  const Supplied supplied = pool.take(kTcp6, Form::kBlank);
  EXPECT_EQ(inheritance.at(supplied.name.number), supplied.receiver.get());
}

}  // namespace
}  // namespace recvinto::kit
