#include "kit/values/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace recvinto::kit {
namespace {

using namespace std::string_literals;

TEST(Hex, ReadsBackEveryByteItWrites) {
  Bytes every_byte;
  for (int value = 0; value < 256; ++value) every_byte.push_back(static_cast<char>(value));
  EXPECT_EQ(from_hex(to_hex(every_byte)), every_byte);
}

TEST(Hex, IsLowerCaseWithTwoDigitsAByte) {
  EXPECT_EQ(to_hex("\x00\x0a\xff"s), "000aff");
}

TEST(Hex, ReadsUpperCaseToo) {
  EXPECT_EQ(from_hex("0AfF"), "\x0a\xff"s);
}

TEST(Hex, OfNothingIsNothing) {
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(from_hex(""), ""s);
}

TEST(Hex, IsNotReadWithAnOddNumberOfDigits) {
  EXPECT_EQ(from_hex("abc"), std::nullopt);
}

TEST(Hex, IsNotReadWithAnythingElseInIt) {
  for (const char* wrong : {"0g", "g0", " 0", "0x", "-1", "0\n"}) EXPECT_EQ(from_hex(wrong), std::nullopt) << wrong;
}

TEST(Readable, ShowsPrintableBytesAsTheyAre) {
  EXPECT_EQ(readable("Mary had a ~"), R"("Mary had a ~")");
}

TEST(Readable, EscapesQuotesBackslashesAndWhatDoesNotPrint) {
  EXPECT_EQ(readable("\"\\\n\x7f\xee\0"s), R"("\"\\\x0a\x7f\xee\x00")");
}

TEST(Readable, WritesAShortRunOutAndCountsALongOne) {
  EXPECT_EQ(readable("aaaa"), R"("aaaa")");
  EXPECT_EQ(readable("aaaaab"), R"("a{5}b")");
  EXPECT_EQ(readable(Bytes(14, '\xee')), R"("\xee{14}")");
}

TEST(Readable, CutsALongTextAndSaysHowLongItWas) {
  Bytes many;
  for (int i = 0; i < 500; ++i) many += "ab";
  const std::string shown = readable(many);
  EXPECT_LT(shown.size(), 200U);
  EXPECT_TRUE(shown.ends_with("\"... (1000 bytes)")) << shown;
}

}  // namespace
}  // namespace recvinto::kit
