#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

// What a run prints. Text of adapters and baselines is shown as text: control characters are escaped (escaping.h).

namespace recvinto::runner {

/// Whether standard output is a terminal that takes colours: it is one, TERM is not "dumb", and NO_COLOR is not set
/// (https://no-color.org/).
bool has_colors();

/// With the verdicts that begin lines in colour. Verdicts are those of failures.
std::string with_colors(const std::string& text);

/// Prints to standard output, in colour where has_colors().
void print_visibly(const std::string& text);
template <typename... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  print_visibly(fmt::format(format, std::forward<Values>(values)...));
}

/// How a run goes on, in one line: "120/1525 checks, 3 failed, 40 s left  FillOrder". The time that is left is said
/// when it can be estimated: after two seconds.
std::string progress_line(std::size_t done, std::size_t all, std::size_t bad, std::chrono::milliseconds elapsed,
                          const std::string& topic);

/// Puts a line in the place of the last one, cut to the width of the terminal; empty: none.
void show_live(const std::string& line);

}  // namespace recvinto::runner
