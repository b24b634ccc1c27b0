#pragma once

#include <cstdlib>
#include <string_view>

namespace recvinto::fuzz {

/// Whether this bug is planted in what a target tries: RECVINTO_PLANTED_BUG names it. For self-tests, which have to see
/// that the target finds it; in no other program is there any.
inline bool has_planted([[maybe_unused]] std::string_view bug) {
#ifdef RECVINTO_PLANTED_BUGS
  static const char* const planted = std::getenv("RECVINTO_PLANTED_BUG");
  return planted != nullptr && bug == planted;
#else
  return false;
#endif
}

}  // namespace recvinto::fuzz
