#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace recvinto::runner {

/// What a step of the doctor found.
struct Finding {
  enum class Is { kRight, kLeftOut, kWrong };

  Is result = Is::kRight;
  std::string found = {};        ///< in a sentence
  std::string next = {};         ///< what to do about it; empty: nothing
  std::string stderr_text = {};  ///< what the adapter wrote meanwhile
};

inline Finding right(std::string found) {
  return {.result = Finding::Is::kRight, .found = std::move(found)};
}
inline Finding left_out(std::string why) {
  return {.result = Finding::Is::kLeftOut, .found = std::move(why)};
}
inline Finding wrong(std::string found, std::string_view next) {
  return {.result = Finding::Is::kWrong, .found = std::move(found), .next = std::string(next)};
}

}  // namespace recvinto::runner
