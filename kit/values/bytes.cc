#include "kit/values/bytes.h"

#include <fmt/format.h>

namespace recvinto::kit {
namespace {

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::string escaped(char byte) {
  if (byte == '"' || byte == '\\') return {'\\', byte};
  if (byte >= ' ' && byte <= '~') return {byte};
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex.push_back(kDigits[value >> 4U]);
    hex.push_back(kDigits[value & 15U]);
  }
  return hex;
}

std::optional<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit_value(hex[i]);
    const int low = digit_value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(16 * high + low));
  }
  return bytes;
}

std::string readable(std::string_view bytes) {
  constexpr std::size_t kLongestRunWrittenOut = 4;
  constexpr std::size_t kLongestText = 160;
  std::string text = "\"";
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t run = bytes.find_first_not_of(bytes[i], i);
    run = (run == std::string_view::npos ? bytes.size() : run) - i;
    if (run > kLongestRunWrittenOut) {
      text += fmt::format("{}{{{}}}", escaped(bytes[i]), run);
    } else {
      for (std::size_t k = 0; k < run; ++k) text += escaped(bytes[i]);
    }
    i += run;
    if (text.size() > kLongestText) return fmt::format("{}\"... ({} bytes)", text, bytes.size());
  }
  return text + "\"";
}

}  // namespace recvinto::kit
