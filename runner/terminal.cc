#include "runner/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "runner/escaping.h"

namespace recvinto::runner {
namespace {

constexpr std::string_view kBoldRed = "\x1b[1;31m";
constexpr std::string_view kReset = "\x1b[0m";

/// The end of a failure's verdict at the beginning of a line, or after a number there ("12 FAIL: ..."); 0: none.
std::size_t end_of_verdict(std::string_view line) {
  constexpr std::array<std::string_view, 6> kVerdicts{"FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XPASS"};
  const std::size_t begin = line.find_first_not_of("0123456789 ");
  if (begin == std::string_view::npos) return 0;
  for (const std::string_view verdict : kVerdicts) {
    const std::string_view rest = line.substr(begin);
    if (!rest.starts_with(verdict)) continue;
    const std::string_view behind = rest.substr(verdict.size());
    if (behind.starts_with("  ") || behind.starts_with(": ")) return begin + verdict.size();
  }
  return 0;
}

std::size_t width_of_terminal() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace

bool has_colors() {
  const char* const none = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb" &&
         isatty(STDOUT_FILENO) != 0;
}

std::string with_colors(const std::string& text) {
  std::string colored;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (const std::size_t verdict = end_of_verdict(line); verdict != 0) {
      colored += fmt::format("{}{}{}{}", kBoldRed, line.substr(0, verdict), kReset, line.substr(verdict));
    } else {
      colored += line;
    }
    begin = end;
  }
  return colored;
}

void print_visibly(const std::string& text) {
  const std::string shown = visible(text);
  fmt::print("{}", has_colors() ? with_colors(shown) : shown);
}

std::string progress_line(std::size_t done, std::size_t all, std::size_t bad, std::chrono::milliseconds elapsed,
                          const std::string& topic) {
  constexpr std::chrono::milliseconds kSoonest{2000};
  std::string left;
  if (elapsed >= kSoonest && done != 0 && done < all) {
    const double seconds =
        static_cast<double>(elapsed.count()) / 1000 * static_cast<double>(all - done) / static_cast<double>(done);
    left = seconds < 100 ? fmt::format(", {:.0f} s left", seconds) : fmt::format(", {:.0f} min left", seconds / 60);
  }
  return fmt::format("{}/{} checks, {} failed{}  {}", done, all, bad, left, topic);
}

void show_live(const std::string& line) {
  fmt::print("\r\x1b[K{}", line.substr(0, width_of_terminal() - 1));
  std::fflush(stdout);
}

}  // namespace recvinto::runner
