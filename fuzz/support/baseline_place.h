#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/support/check.h"
#include "fuzz/support/planted.h"
#include "runner/baseline.h"

namespace recvinto::fuzz {

/// A line of a text, counted from 1.
inline std::string_view line_of(std::string_view text, int number) {
  for (; number > 1; --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

/// A glob is where it is said to be: there another one is written when the file is brought up to date.
inline void check_place(const runner::Known& entry, std::string_view text) {
  const auto begin = static_cast<std::size_t>(entry.check_begin) - 1;
  const auto end = static_cast<std::size_t>(entry.check_end) - (has_planted("ends_of_values_one_early") ? 2 : 1);
  const std::string_view line = line_of(text, entry.check_line);
  FUZZ_CHECK(begin < end && end <= line.size(), "the glob of an entry lies outside its line");
  const std::string alone =
      "[[known]]\nkind = \"bug\"\nreason = \"a\"\ncheck = " + std::string(line.substr(begin, end - begin)) + "\n";
  try {
    FUZZ_CHECK(runner::parse_baseline(alone, "alone").at(0).check == entry.check, "another glob is there");
  } catch (const runner::UnusableBaseline&) {
    FUZZ_CHECK(false, "the glob of an entry is not where it is said to be");
  }
}

}  // namespace recvinto::fuzz
