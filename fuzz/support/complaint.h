#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>

#include "fuzz/support/check.h"

namespace recvinto::fuzz {

/// The text of a refused file says where, in a line that the file has: "NAME:LINE: what".
inline void check_complaint(std::string_view complaint, std::string_view name, std::string_view text) {
  FUZZ_CHECK(complaint.starts_with(name) && complaint.substr(name.size()).starts_with(":"),
             "the complaint names no file");
  complaint.remove_prefix(name.size() + 1);
  int line = 0;
  const auto [end, error] = std::from_chars(complaint.data(), complaint.data() + complaint.size(), line);
  FUZZ_CHECK(error == std::errc() && end != complaint.data() + complaint.size() && *end == ':',
             "the complaint names no line");
  FUZZ_CHECK(line <= 1 + std::ranges::count(text, '\n') + std::ranges::count(text, '\r'), "there is no such line");
}

}  // namespace recvinto::fuzz
