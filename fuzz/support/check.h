#pragma once

#include <cstdio>
#include <cstdlib>

namespace recvinto::fuzz {

/// Ends the process with what was found: every engine takes an abort for a finding, and keeps the input.
[[noreturn]] inline void found(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: found: %s\n", file, line, what);
  std::abort();
}

}  // namespace recvinto::fuzz

/// FUZZ_CHECK(condition, "what is wrong where it does not hold"). A macro for the sake of the line it names.
#define FUZZ_CHECK(condition, what) \
  ((condition) ? static_cast<void>(0) : ::recvinto::fuzz::found(__FILE__, __LINE__, what))
