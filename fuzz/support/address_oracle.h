#pragma once

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <variant>

#include "fuzz/support/check.h"
#include "fuzz/support/subject.h"
#include "fuzz/support/uncounted.h"

FUZZ_UNCOUNTED_BEGIN

namespace recvinto::fuzz {

/// `address` says what `bytes` say: held against the bytes one by one, by offsets that are written down here.
inline void check_address(const subject::Address& address, std::span<const std::byte> bytes) {
  const auto number = [&](std::size_t at, std::size_t width) {  // in network order
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
    return value;
  };
  const auto is_text_of = [&](const std::string& text, int family, std::size_t at, std::size_t width) {
    std::array<std::byte, sizeof(in6_addr)> parsed;
    return inet_pton(family, text.c_str(), parsed.data()) == 1 &&
           std::memcmp(parsed.data(), bytes.data() + at, width) == 0;
  };
  if (bytes.size() < sizeof(sa_family_t)) {
    FUZZ_CHECK(std::holds_alternative<std::monostate>(address), "an address without a family");
    return;
  }
  sa_family_t family = 0;
  std::memcpy(&family, bytes.data(), sizeof family);
  if (family == AF_UNIX) {
    const auto* const unix_address = std::get_if<subject::UnixAddress>(&address);
    FUZZ_CHECK(unix_address != nullptr, "AF_UNIX, and no unix address");
    std::size_t length = bytes.size() - 2;
    // A pathname ends before its NUL; an abstract name, which begins with one, does not.
    if (length != 0 && bytes[2] != std::byte{}) {
      length = static_cast<std::size_t>(std::find(bytes.begin() + 2, bytes.end(), std::byte{}) - bytes.begin()) - 2;
    }
    FUZZ_CHECK(unix_address->path.size() == length, "a unix name of another length");
    FUZZ_CHECK(std::memcmp(unix_address->path.data(), bytes.data() + 2, length) == 0, "a unix name of other bytes");
  } else if (family == AF_INET && bytes.size() >= 8) {
    const auto* const inet = std::get_if<subject::Inet4Address>(&address);
    FUZZ_CHECK(inet != nullptr, "AF_INET, and no IPv4 address");
    FUZZ_CHECK(inet->port == number(2, 2), "another port");
    FUZZ_CHECK(is_text_of(inet->host, AF_INET, 4, 4), "another host");
  } else if (family == AF_INET6 && bytes.size() >= 28) {
    const auto* const inet = std::get_if<subject::Inet6Address>(&address);
    FUZZ_CHECK(inet != nullptr, "AF_INET6, and no IPv6 address");
    FUZZ_CHECK(inet->port == number(2, 2) && inet->flowinfo == number(4, 4), "another port or flow information");
    FUZZ_CHECK(is_text_of(inet->host, AF_INET6, 8, 16), "another host");
    std::uint32_t scope = 0;
    std::memcpy(&scope, bytes.data() + 24, sizeof scope);
    FUZZ_CHECK(inet->scope_id == scope, "another scope");
  } else {
    const auto* const raw = std::get_if<subject::RawAddress>(&address);
    FUZZ_CHECK(raw != nullptr && raw->family == family, "another family, or an address too short for its family");
    FUZZ_CHECK(std::equal(raw->bytes.begin(), raw->bytes.end(), bytes.begin() + 2, bytes.end()),
               "other bytes behind the family");
  }
}

}  // namespace recvinto::fuzz

FUZZ_UNCOUNTED_END
