// Text as reports take it.

#include "runner/escaping.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace recvinto::runner {
namespace {

using nlohmann::json;
using namespace std::string_literals;

TEST(EscapingTest, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(as_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(as_utf8("a\xE2\x82"), "a\uFFFD");
  EXPECT_EQ(as_utf8("\u00e4\U0001F600"), "\u00e4\U0001F600");
}

TEST(EscapingTest, ControlCharactersAreVisible) {
  EXPECT_EQ(visible("a\0b\x1b[31m\x7f"s), "a\\x00b\\x1b[31m\\x7f");
  EXPECT_EQ(visible("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(visible("a\u0085b"), "a\\x85b");
  EXPECT_EQ(visible("a\u202eb\u2066c\u2028\u061c"), "a\\u202eb\\u2066c\\u2028\\u061c");
  EXPECT_EQ(visible("\u00e4\u20ac\u4e2d"), "\u00e4\u20ac\u4e2d");
}

TEST(EscapingTest, HtmlHasNoMarkupOfTexts) {
  EXPECT_EQ(escaped_for_html("</a href='x' id=\"y\">&amp;\0"s),
            "&lt;/a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;amp;\\x00");
}

TEST(EscapingTest, JsonForHtmlIsTheSameJsonWithoutTags) {
  const json object{{"</script><!--", "\u2028<b>\u2029 \u202e \u20ac"}};
  const std::string text = json_for_html(object);
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(text.find("\u2028"), std::string::npos);
  EXPECT_EQ(text.find("\u2029"), std::string::npos);
  EXPECT_EQ(json::parse(text), object);
  EXPECT_EQ(json_for_html("a\xFF"), "\"a\uFFFD\"");
}

}  // namespace
}  // namespace recvinto::runner
