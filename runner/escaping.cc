#include "runner/escaping.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// Of two or three bytes at `at`, which begin a character of UTF-8; nullopt: another length.
std::optional<char32_t> short_character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  if ((byte(0) & 0xE0U) == 0xC0U && at + 1 < text.size()) return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
  if ((byte(0) & 0xF0U) == 0xE0U && at + 2 < text.size()) {
    return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
  }
  return std::nullopt;
}

/// Changes the direction of writing, or ends a line.
bool changes_the_line(char32_t character) {
  return character == 0x061C || character == 0x200E || character == 0x200F ||
         (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

bool is_control(char letter) {
  const auto byte = static_cast<std::uint8_t>(letter);
  return (byte < 0x20 && letter != '\n' && letter != '\t') || byte == 0x7F;
}

}  // namespace

std::string as_utf8(std::string_view text) {
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

std::string visible(std::string_view text) {
  const std::string letters = as_utf8(text);
  std::string shown;
  for (std::size_t at = 0; at < letters.size(); ++at) {
    const char letter = letters[at];
    if (is_control(letter)) {
      shown += fmt::format("\\x{:02x}", static_cast<int>(letter));
      continue;
    }
    if (const auto character = short_character_at(letters, at)) {
      if (*character >= 0x80 && *character < 0xA0) {
        shown += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(*character));
        at += 1;
        continue;
      }
      if (changes_the_line(*character)) {
        shown += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(*character));
        at += *character < 0x800 ? 1 : 2;
        continue;
      }
    }
    shown += letter;
  }
  return shown;
}

std::string escaped_for_html(std::string_view text) {
  std::string escaped;
  for (const char letter : visible(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string json_for_html(const json& object) {
  constexpr std::string_view kSeparator = "\xE2\x80";  // of which U+2028 and U+2029 end a line in JavaScript
  const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view three = std::string_view(text).substr(at, 3);
    if (text[at] == '<') {  // only strings have it
      escaped += "\\u003c";
    } else if (three.starts_with(kSeparator) && (three.back() == '\xA8' || three.back() == '\xA9')) {
      escaped += three.back() == '\xA8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      escaped += text[at];
    }
  }
  return escaped;
}

}  // namespace recvinto::runner
