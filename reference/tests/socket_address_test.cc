#include "recvinto/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace recvinto {
namespace {

using namespace std::string_literals;

constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t kPathMax = sizeof(sockaddr_un::sun_path);

// An address of `length` bytes, as a kernel would leave it in a room that held something else before.
SocketAddress stored(std::span<const std::byte> bytes, std::size_t length, char stale = 'Z') {
  SocketAddress address;
  std::fill(address.room().begin(), address.room().end(), std::byte(stale));
  std::copy(bytes.begin(), bytes.end(), address.room().begin());
  address.set_length(length);
  return address;
}

template <typename Sockaddr>
std::span<const std::byte> bytes_of(const Sockaddr& address) {
  return std::as_bytes(std::span(&address, 1));
}

std::vector<std::byte> unix_bytes(std::string_view path) {
  const sa_family_t family = AF_UNIX;
  std::vector<std::byte> bytes(kPathOffset + path.size());
  std::memcpy(bytes.data(), &family, sizeof(family));
  if (!path.empty()) std::memcpy(bytes.data() + kPathOffset, path.data(), path.size());
  return bytes;
}

Address decoded_unix(std::string_view path) {
  const std::vector<std::byte> bytes = unix_bytes(path);
  return stored(bytes, bytes.size()).decode();
}

sockaddr_in inet4(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET, host, &address.sin_addr), 1);
  return address;
}

sockaddr_in6 inet6(const char* host, std::uint16_t port, std::uint32_t flowinfo, std::uint32_t scope_id) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_flowinfo = htonl(flowinfo);
  address.sin6_scope_id = scope_id;
  EXPECT_EQ(inet_pton(AF_INET6, host, &address.sin6_addr), 1);
  return address;
}

TEST(SocketAddress, IsNoneWithoutALength) {
  EXPECT_EQ(stored(unix_bytes("/stale"), 0).decode(), Address());
  EXPECT_TRUE(SocketAddress().empty());
  EXPECT_EQ(SocketAddress().decode(), Address());
}

TEST(SocketAddress, IsNoneWhereTheFamilyIsCut) {
  EXPECT_EQ(stored(unix_bytes("/stale"), 1).decode(), Address());
}

// unix(7), "unnamed": the length is sizeof(sa_family_t), and sun_path is not to be inspected.
TEST(SocketAddress, OfAFamilyAloneIsAnUnnamedUnixSocket) {
  EXPECT_EQ(stored(unix_bytes("/stale"), kPathOffset).decode(), Address(UnixAddress{""}));
}

TEST(SocketAddress, PathnameOfAnySizeEndsBeforeItsNul) {
  for (std::size_t size = 1; size <= kPathMax; ++size) {
    const std::string path(size, 'p');
    EXPECT_EQ(decoded_unix(path + '\0'), Address(UnixAddress{path})) << size;
    EXPECT_EQ(decoded_unix(path + "\0behind"s), Address(UnixAddress{path})) << size;
  }
}

// unix(7), BUGS: other systems do not count the NUL, and none is there in a name that fills sun_path.
TEST(SocketAddress, PathnameOfAnySizeEndsWithTheAddressWhereThereIsNoNul) {
  for (std::size_t size = 1; size <= kPathMax; ++size) {
    const std::string path(size, 'p');
    EXPECT_EQ(decoded_unix(path), Address(UnixAddress{path})) << size;
  }
}

TEST(SocketAddress, AbstractNameKeepsItsNulsAndItsLength) {
  EXPECT_EQ(decoded_unix("\0a\0b\xFF\0"s), Address(UnixAddress{"\0a\0b\xFF\0"s}));
  for (std::size_t size = 1; size <= kPathMax; ++size) {
    const std::string name(size, '\0');
    EXPECT_EQ(decoded_unix(name), Address(UnixAddress{name})) << size;
  }
}

TEST(SocketAddress, AbstractIsWhatBeginsWithNul) {
  EXPECT_TRUE((UnixAddress{"\0a"s}).is_abstract());
  EXPECT_FALSE((UnixAddress{"a"}).is_abstract());
  EXPECT_FALSE((UnixAddress{""}).is_abstract());
}

TEST(SocketAddress, LengthBeyondTheRoomIsCut) {
  const std::vector<std::byte> bytes = unix_bytes("/tmp/x\0"s);
  const SocketAddress address = stored(bytes, 300);
  EXPECT_EQ(address.length(), SocketAddress::kCapacity);
  EXPECT_EQ(address.bytes().size(), SocketAddress::kCapacity);
  EXPECT_EQ(address.decode(), Address(UnixAddress{"/tmp/x"}));
}

TEST(SocketAddress, Inet4HasHostAndPortInHostOrder) {
  const sockaddr_in address = inet4("127.0.0.2", 0x1234);
  EXPECT_EQ(stored(bytes_of(address), sizeof(address)).decode(), Address(Inet4Address{"127.0.0.2", 0x1234}));
}

TEST(SocketAddress, Inet6HasFlowinfoInHostOrderAndUnsignedScope) {
  const sockaddr_in6 address = inet6("fe80::1", 0x1234, 0x0A0BCDEF, 0xFFFFFFFE);
  EXPECT_EQ(stored(bytes_of(address), sizeof(address)).decode(),
            Address(Inet6Address{"fe80::1", 0x1234, 0x0A0BCDEF, 0xFFFFFFFE}));
}

TEST(SocketAddress, Inet6OfAnInet4HostKeepsTheMappedForm) {
  const sockaddr_in6 address = inet6("::ffff:10.1.2.3", 7, 0, 0);
  EXPECT_EQ(stored(bytes_of(address), sizeof(address)).decode(), Address(Inet6Address{"::ffff:10.1.2.3", 7, 0, 0}));
}

TEST(SocketAddress, TooShortForItsFamilyIsRaw) {
  const sockaddr_in four = inet4("127.0.0.1", 80);
  const sockaddr_in6 six = inet6("::1", 80, 0, 0);
  for (std::size_t length = sizeof(sa_family_t); length < sizeof(six); ++length) {
    const Address address = stored(bytes_of(six), length).decode();
    ASSERT_TRUE(std::holds_alternative<RawAddress>(address)) << length;
    EXPECT_EQ(std::get<RawAddress>(address).family, AF_INET6);
    EXPECT_EQ(std::get<RawAddress>(address).bytes.size(), length - sizeof(sa_family_t));
    const Address short_four = stored(bytes_of(four), length).decode();
    EXPECT_EQ(std::holds_alternative<RawAddress>(short_four), length < offsetof(sockaddr_in, sin_zero)) << length;
  }
}

TEST(SocketAddress, OfAnotherFamilyIsRaw) {
  sockaddr address{};
  address.sa_family = 99;
  std::memcpy(address.sa_data, "abcdefghijklmn", sizeof(address.sa_data));
  const std::string_view data = "abcdefghijklmn";
  const auto bytes = std::as_bytes(std::span(data));
  EXPECT_EQ(stored(bytes_of(address), sizeof(address)).decode(),
            Address(RawAddress{.family = 99, .bytes = {bytes.begin(), bytes.end()}}));
}

TEST(SocketAddress, DoesNotDependOnBytesBehindItsLength) {
  const sockaddr_in four = inet4("127.0.0.1", 80);
  const sockaddr_in6 six = inet6("::1", 80, 1, 2);
  const std::vector<std::byte> path = unix_bytes("/some/where");
  for (const std::span<const std::byte> bytes : {bytes_of(four), bytes_of(six), std::span<const std::byte>(path)}) {
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
      EXPECT_EQ(stored(bytes.first(length), length, 'Z').decode(), stored(bytes.first(length), length, '\0').decode());
    }
  }
}

}  // namespace
}  // namespace recvinto
