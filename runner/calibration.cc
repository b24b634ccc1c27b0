#include "runner/calibration.h"

#include <fmt/format.h>

#include <utility>

namespace recvinto::runner {
namespace {

bool is_perhaps_the_kernels(const Result& result) {
  return !result.failed_as_listed() && may_be_the_kernels(result.outcome, result.claim->oddity.has_value());
}

}  // namespace

std::vector<std::string> perhaps_the_kernels(const Results& results) {
  std::vector<std::string> checks;
  for (const Result& result : results.checks) {
    if (is_perhaps_the_kernels(result)) checks.push_back(result.id);
  }
  return checks;
}

std::optional<std::string> failure_of(const Result& result) {
  constexpr std::size_t kLongest = 160;
  if (result.outcome.cause != kit::Cause::kDiffers) return std::nullopt;
  const kit::Difference& first = result.outcome.differences.at(0);
  if (first.expected.size() + first.actual.size() > kLongest) return summary_of(result.outcome);
  return fmt::format("{}: expected {}, actual {}", first.field, first.expected, first.actual);
}

void blame_the_kernel(Results& results, const std::map<std::string, std::string>& failures,
                      const std::string& specification) {
  for (Result& result : results.checks) {
    const auto found = failures.find(result.id);
    if (found == failures.end() || !is_perhaps_the_kernels(result)) continue;
    kit::Outcome excused =
        kit::ended(kit::Cause::kKernelDeviates,
                   fmt::format("this host's kernel: {} fails this too: {}",
                               specification == "raw" ? "recvmsg(2) itself" : specification, found->second));
    result.outcome.verdict = excused.verdict;
    result.outcome.cause = excused.cause;
    result.outcome.reason = std::move(excused.reason);
  }
}

}  // namespace recvinto::runner
