#include "kit/values/verdict.h"

#include <array>

namespace recvinto::kit {
namespace {

struct CauseRow {
  Cause cause;
  Verdict verdict;
  std::string_view name;
};

constexpr std::array<CauseRow, kCauses> kCauseTable{{
    {Cause::kNone, Verdict::kPass, "none"},
    {Cause::kDiffers, Verdict::kFail, "differs"},
    {Cause::kRefused, Verdict::kFail, "refused"},
    {Cause::kTookMore, Verdict::kFail, "took-more"},
    {Cause::kEnded, Verdict::kCrash, "ended"},
    {Cause::kTimedOut, Verdict::kHang, "timed-out"},
    {Cause::kMalformedReply, Verdict::kProtocol, "malformed-reply"},
    {Cause::kNotDeclared, Verdict::kSkip, "not-declared"},
    {Cause::kHostLacks, Verdict::kSkip, "host-lacks"},
    {Cause::kKernelDeviates, Verdict::kSkip, "kernel-deviates"},
    {Cause::kUnpredictable, Verdict::kSkip, "unpredictable"},
    {Cause::kCannotPerform, Verdict::kSkip, "cannot-perform"},
    {Cause::kCannotStart, Verdict::kNotRun, "cannot-start"},
    {Cause::kInterrupted, Verdict::kNotRun, "interrupted"},
    {Cause::kNotReached, Verdict::kNotRun, "not-reached"},
    {Cause::kSuiteFault, Verdict::kNotRun, "suite-fault"},
}};

constexpr std::array<std::string_view, 7> kVerdictNames{"PASS", "FAIL", "SKIP", "CRASH", "HANG", "PROTOCOL", "NOTRUN"};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kCauseTable.size(); ++i) {
    if (static_cast<std::size_t>(kCauseTable[i].cause) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

Cause cause_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCrash:
      return Cause::kEnded;
    case Verdict::kHang:
      return Cause::kTimedOut;
    case Verdict::kProtocol:
      return Cause::kMalformedReply;
    case Verdict::kNotRun:
      return Cause::kCannotStart;
    default:
      throw std::invalid_argument("no failure of an implementation: " + std::string(name(verdict)));
  }
}

}  // namespace

std::string_view name(Verdict verdict) {
  return kVerdictNames.at(static_cast<std::size_t>(verdict));
}

std::string_view name(Cause cause) {
  return kCauseTable.at(static_cast<std::size_t>(cause)).name;
}

Verdict verdict_named(std::string_view name) {
  for (std::size_t i = 0; i < kVerdictNames.size(); ++i) {
    if (kVerdictNames[i] == name) return static_cast<Verdict>(i);
  }
  throw std::invalid_argument("no verdict: " + std::string(name));
}

Cause cause_named(std::string_view name) {
  for (const CauseRow& row : kCauseTable) {
    if (row.name == name) return row.cause;
  }
  throw std::invalid_argument("no cause: " + std::string(name));
}

Verdict verdict_of(Cause cause) {
  return kCauseTable.at(static_cast<std::size_t>(cause)).verdict;
}

ImplementationFailure::ImplementationFailure(Verdict verdict, const std::string& what)
    : Ended(cause_of(verdict), what) {}

}  // namespace recvinto::kit
