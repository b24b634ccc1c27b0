#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "runner/baseline.h"

// A baseline for the tests of baselines.

namespace recvinto::runner {

inline constexpr std::string_view kGood = R"(# What is known.

# The first: see page 5.
[[known]]
check = "Topic.One/*" # both of them
kind = "bug"
reason = "it was always so"
link = "https://example.org/1"

[[known]]
check = 'Topic.Two/tcp4'
kind = "deviation"
verdict = "CRASH"
reason = """
it falls over,

always"""
)";

inline const std::vector<std::string> kChecks{"Topic.One/udp4", "Topic.One/tcp4", "Topic.Two/udp4", "Topic.Two/tcp4"};

/// The good file with `what` replaced.
inline std::string good_but(std::string_view what, std::string_view by) {
  std::string text(kGood);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

/// Bound to kChecks.
inline Baseline baseline_of(std::string_view text) {
  return {parse_baseline(text, "file.toml"), kChecks};
}

}  // namespace recvinto::runner
