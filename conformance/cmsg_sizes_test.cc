// CMSG_LEN and CMSG_SPACE, by which ancbufsize is reckoned.

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "conformance/framework/check.h"

namespace recvinto::conformance {
namespace {

using enum kit::Capability;

CLAIM(CmsgSizes, CmsgLenAndCmsgSpaceMatchTheAbi, cites("cmsg-sizes-are-the-systems"), on(kit::kUnixStream),
      needs(kCmsgSizes)) {
  std::vector<std::int64_t> lengths(4097);
  std::iota(lengths.begin(), lengths.end(), 0);
  const kit::CmsgSizes sizes = stage().cmsg_sizes(lengths);
  const kit::Abi abi = this->abi();
  for (std::size_t length = 0; length < lengths.size(); ++length) {
    const std::optional<std::int64_t> len = abi.cmsg_len(length);
    const std::optional<std::int64_t> space = abi.cmsg_space(length);
    if (sizes.len[length] == len && sizes.space[length] == space && length != 0) continue;
    expect_equal(fmt::format("CMSG_LEN({})", length), len, sizes.len[length]);
    expect_equal(fmt::format("CMSG_SPACE({})", length), space, sizes.space[length]);
    if (length != 0) break;
  }
}

CLAIM(CmsgSizes, CmsgLenAndCmsgSpaceRejectInvalidLengths, cites("cmsg-sizes-impossible-are-refused"),
      on(kit::kUnixStream), needs(kCmsgSizes, kArguments)) {
  const std::vector<std::int64_t> lengths{-1,
                                          -4096,
                                          std::int64_t{1} << 31,
                                          std::int64_t{1} << 32,
                                          std::numeric_limits<std::int64_t>::min(),
                                          std::numeric_limits<std::int64_t>::max()};
  const kit::CmsgSizes sizes = stage().cmsg_sizes(lengths);
  const std::vector<std::optional<std::int64_t>> refused(lengths.size());
  expect_equal("CMSG_LEN", refused, sizes.len);
  expect_equal("CMSG_SPACE", refused, sizes.space);
}

// Near the limit CMSG_SPACE may reckon the padding in front of the data as well as behind it (CPython does), and so
// refuse a few lengths whose result an int could express.
CLAIM(CmsgSizes, LengthsUpToTheLimitHaveTheirSizes, cites("cmsg-sizes-limits"), on(kit::kUnixStream),
      needs(kCmsgSizes, kArguments)) {
  constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
  const kit::Abi abi = this->abi();
  std::vector<std::int64_t> lengths(65);
  std::iota(lengths.begin(), lengths.end(), kIntMax - 64);
  const auto within = [](std::size_t size) {
    return size <= static_cast<std::size_t>(kIntMax) ? std::optional(static_cast<std::int64_t>(size)) : std::nullopt;
  };
  const kit::CmsgSizes sizes = stage().cmsg_sizes(lengths);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto length = static_cast<std::size_t>(lengths[i]);
    expect_equal(fmt::format("CMSG_LEN({})", length), within(abi.cmsg_len(length)), sizes.len[i]);
    const bool may_be_refused = length + abi.cmsg_space(1) > static_cast<std::size_t>(kIntMax);
    if (may_be_refused && !sizes.space[i]) continue;
    expect_equal(fmt::format("CMSG_SPACE({})", length), within(abi.cmsg_space(length)), sizes.space[i]);
  }
}

}  // namespace
}  // namespace recvinto::conformance
