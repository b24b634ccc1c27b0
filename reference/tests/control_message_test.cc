#include "recvinto/control_message.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control_bytes.h"

namespace recvinto {
namespace {

using testing::ControlBytes;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += std::to_integer<char>(byte);
  return text;
}

struct Item {
  int level;
  int type;
  std::string data;
  bool truncated = false;
  friend bool operator==(const Item&, const Item&) = default;
};

void PrintTo(const Item& item, std::ostream* out) {
  *out << item.level << '/' << item.type << " \"" << item.data << '"' << (item.truncated ? " truncated" : "");
}

struct Walk {
  std::vector<Item> items;
  ControlDefect defect = ControlDefect::kNone;
};

// The walk runs over a heap block of exactly these bytes, where AddressSanitizer sees one step too far.
Walk walk(std::span<const std::byte> bytes) {
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  const ControlMessages messages(exact);
  Walk walk;
  for (const ControlMessage& message : messages) {
    walk.items.push_back({message.level, message.type, text_of(message.data), message.truncated});
  }
  walk.defect = messages.defect();
  EXPECT_EQ(messages.malformed(), walk.defect != ControlDefect::kNone);
  return walk;
}

using Items = std::vector<Item>;

TEST(ControlMessages, AreNoneInNoBytes) {
  EXPECT_EQ(walk({}).items, Items{});
  EXPECT_EQ(walk({}).defect, ControlDefect::kNone);
  EXPECT_TRUE(ControlMessages().begin() == ControlMessages().end());
}

TEST(ControlMessages, ComeInTheirOrderWithLevelTypeAndData) {
  const ControlBytes control =
      ControlBytes{}.message(1, 2, bytes_of("abcd")).message(41, 50, bytes_of("e")).message(1, 2, bytes_of("fgh"));
  EXPECT_EQ(walk(control.bytes()).items, (Items{{1, 2, "abcd"}, {41, 50, "e"}, {1, 2, "fgh"}}));
}

TEST(ControlMessages, KeepUnknownLevelsAndTypesAsSignedInts) {
  constexpr int kLowest = std::numeric_limits<int>::min();
  constexpr int kHighest = std::numeric_limits<int>::max();
  const ControlBytes control = ControlBytes{}.message(-1, kLowest, {}).message(kHighest, -2, {});
  EXPECT_EQ(walk(control.bytes()).items, (Items{{-1, kLowest, ""}, {kHighest, -2, ""}}));
}

TEST(ControlMessages, MayHaveNoData) {
  const ControlBytes control = ControlBytes{}.message(0, 7, {}).message(0, 8, {});
  EXPECT_EQ(walk(control.bytes()).items, (Items{{0, 7, ""}, {0, 8, ""}}));
}

TEST(ControlMessages, AreFoundBehindThePaddingOfAnySize) {
  for (std::size_t size = 0; size <= 4 * kControlAlignment; ++size) {
    const std::string data(size, 'x');
    const ControlBytes control = ControlBytes{}.message(1, 2, bytes_of(data)).message(3, 4, bytes_of("next"));
    EXPECT_EQ(walk(control.bytes()).items, (Items{{1, 2, data}, {3, 4, "next"}}));
  }
}

// RFC 3542, sections 5.2 and 5.3: an application may count the last message by CMSG_LEN as well as by CMSG_SPACE.
TEST(ControlMessages, MayEndWithAnyPartOfTheirPadding) {
  for (std::size_t size = cmsg_len(1).value(); size <= cmsg_space(1).value(); ++size) {
    const Walk seen = walk(ControlBytes{}.message(1, 2, bytes_of("x")).cut_to(size).bytes());
    EXPECT_EQ(seen.items, (Items{{1, 2, "x"}})) << size;
    EXPECT_EQ(seen.defect, ControlDefect::kNone) << size;
  }
}

TEST(ControlMessages, OfAnyCutAreAPrefixWithTheLastOneMarked) {
  const ControlBytes whole = ControlBytes{}.message(1, 2, bytes_of("abcd")).message(3, 4, bytes_of("efghijklmn"));
  const std::size_t second = cmsg_space(4).value();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Walk seen = walk(whole.bytes().first(size));
    Items expected;
    bool cut = false;
    if (size >= kControlHeaderSize) {
      const std::size_t inside = std::min<std::size_t>(size - kControlHeaderSize, 4);
      cut = inside < 4;
      expected.push_back({1, 2, std::string("abcd").substr(0, inside), cut});
    }
    if (size >= second + kControlHeaderSize) {
      const std::size_t inside = std::min<std::size_t>(size - second - kControlHeaderSize, 10);
      cut = inside < 10;
      expected.push_back({3, 4, std::string("efghijklmn").substr(0, inside), cut});
    }
    EXPECT_EQ(seen.items, expected) << size;
    EXPECT_EQ(seen.defect, cut ? ControlDefect::kLengthPastEnd : ControlDefect::kNone) << size;
  }
}

TEST(ControlMessages, WithALengthBelowTheHeaderEndTheWalk) {
  for (std::size_t length = 0; length < kControlHeaderSize; ++length) {
    const ControlBytes control = ControlBytes{}.message(1, 2, bytes_of("abcd")).declare_length(length);
    const Walk seen = walk(control.bytes());
    EXPECT_EQ(seen.items, Items{}) << length;
    EXPECT_EQ(seen.defect, ControlDefect::kLengthBelowHeader) << length;
  }
}

std::vector<std::size_t> lengths_from_the_header_on() {
  std::vector<std::size_t> lengths;
  for (std::size_t length = kControlHeaderSize; length <= 80; ++length) lengths.push_back(length);
  constexpr std::size_t kHighest = std::numeric_limits<std::size_t>::max();
  for (const std::size_t power : {kHighest / 2 + 1, kHighest / 4 + 1, std::size_t{1} << 31}) {
    for (const std::size_t length : {power - 1, power, power + 1, power + kControlHeaderSize})
      lengths.push_back(length);
  }
  for (std::size_t below = 0; below < 3 * kControlAlignment; ++below) lengths.push_back(kHighest - below);
  return lengths;
}

TEST(ControlMessages, WithAnyOtherLengthAreCutToTheBytesThereAre) {
  const std::string data(24, 'x');  // 40 bytes in all
  for (const std::size_t length : lengths_from_the_header_on()) {
    const Walk seen = walk(ControlBytes{}.message(1, 2, bytes_of(data)).declare_length(length).bytes());
    ASSERT_FALSE(seen.items.empty()) << length;
    const std::size_t inside = std::min(length - kControlHeaderSize, data.size());
    EXPECT_EQ(seen.items.front(), (Item{1, 2, data.substr(0, inside), inside < length - kControlHeaderSize})) << length;
    if (length > kControlHeaderSize + data.size()) {
      EXPECT_EQ(seen.items.size(), 1u) << length;
      EXPECT_EQ(seen.defect, ControlDefect::kLengthPastEnd) << length;
    }
  }
}

TEST(ControlMessages, BeforeAMalformedOneAreKept) {
  const ControlBytes control =
      ControlBytes{}.message(1, 2, bytes_of("good")).message(1, 3, bytes_of("bad")).declare_length(4);
  const Walk seen = walk(control.bytes());
  EXPECT_EQ(seen.items, (Items{{1, 2, "good"}}));
  EXPECT_EQ(seen.defect, ControlDefect::kLengthBelowHeader);
}

TEST(ControlMessages, InsideOneThatReachesPastTheEndAreNotBelieved) {
  const ControlBytes inner = ControlBytes{}.message(1, 1, bytes_of("look-alike"));
  const ControlBytes control = ControlBytes{}.message(3, 4, inner.bytes()).declare_length(1000);
  const Walk seen = walk(control.bytes());
  EXPECT_EQ(seen.items, (Items{{3, 4, text_of(inner.bytes()), true}}));
}

TEST(ControlMessages, MayBeginAtAnyAddress) {
  const ControlBytes control = ControlBytes{}.message(1, 2, bytes_of("abc")).message(3, 4, bytes_of("de"));
  for (std::size_t offset = 0; offset < 2 * alignof(cmsghdr); ++offset) {
    std::vector<std::byte> shifted(offset + control.size());
    std::copy(control.bytes().begin(), control.bytes().end(), shifted.begin() + static_cast<std::ptrdiff_t>(offset));
    std::vector<std::string> data;
    for (const ControlMessage& message : ControlMessages(std::span(shifted).subspan(offset))) {
      data.push_back(text_of(message.data));
    }
    EXPECT_EQ(data, (std::vector<std::string>{"abc", "de"})) << offset;
  }
}

TEST(ControlMessages, CanBeWalkedAgainFromAnyIterator) {
  const ControlBytes control = ControlBytes{}.message(1, 2, bytes_of("a")).message(3, 4, bytes_of("b"));
  const ControlMessages messages(control.bytes());
  ControlMessages::Iterator later = messages.begin();
  const ControlMessages::Iterator earlier = later++;
  EXPECT_TRUE(earlier == messages.begin());
  EXPECT_FALSE(earlier == later);
  EXPECT_EQ(text_of((*earlier).data), "a");
  EXPECT_EQ(text_of((*later).data), "b");
  EXPECT_TRUE(++later == messages.end());
  EXPECT_EQ(messages.defect(), ControlDefect::kNone);
}

TEST(ControlMessages, AreViewsOfTheBytesGiven) {
  const ControlBytes control = ControlBytes{}.message(1, 2, bytes_of("view"));
  const ControlMessage message = *ControlMessages(control.bytes()).begin();
  EXPECT_EQ(message.data.data(), control.bytes().data() + kControlHeaderSize);
}

}  // namespace
}  // namespace recvinto
