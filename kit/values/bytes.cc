#include "kit/values/bytes.h"

#include <fmt/format.h>

#include <array>

namespace recvinto::kit {
namespace {

/// Of each character the value that it has as a hexadecimal digit; of others -1.
constexpr std::array<signed char, 256> kDigitValues = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (signed char value = 0; value < 16; ++value) {
    values[static_cast<unsigned char>("0123456789abcdef"[value])] = value;
    values[static_cast<unsigned char>("0123456789ABCDEF"[value])] = value;
  }
  return values;
}();

int digit_value(char digit) {
  return kDigitValues[static_cast<unsigned char>(digit)];
}

std::string escaped(char byte) {
  if (byte == '"' || byte == '\\') return {'\\', byte};
  if (byte >= ' ' && byte <= '~') return {byte};
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(2 * bytes.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = static_cast<unsigned char>(bytes[i]);
    hex[2 * i] = kDigits[value >> 4U];
    hex[2 * i + 1] = kDigits[value & 15U];
  }
  return hex;
}

std::optional<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_value(hex[2 * i]);
    const int low = digit_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(16 * high + low);
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
