#pragma once

#include <string>
#include <string_view>

#include "runner/results.h"

namespace recvinto::runner {

/// How much is said of one check.
enum class Detail {
  kEssential,  ///< as far as a screen has room
  kAll,
};

/// Everything about one failure, for the terminal: requirement, sentence, citation, what was done, what was expected,
/// what came back, and how to run it again.
std::string text_of_failure(const Result& result, Detail detail);
/// The same of what passes although the baseline says otherwise.
std::string text_of_unexpected_pass(const Result& result);

/// Each line with `margin` before it. Empty lines are left out.
std::string indented(std::string_view text, std::string_view margin);

/// A reason may be written in several lines.
std::string in_one_line(std::string text);

}  // namespace recvinto::runner
