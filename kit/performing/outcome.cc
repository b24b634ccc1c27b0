#include "kit/performing/outcome.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "kit/host/lacking.h"

namespace recvinto::kit {
namespace {

std::string reason_of(const Ended& error) {
  switch (error.cause()) {
    case Cause::kRefused:
      return fmt::format("the implementation declares what this needs, but answered \"unsupported\": {}", error.what());
    case Cause::kHostLacks:
      return fmt::format("this host: {}", error.what());
    default:
      return error.what();
  }
}

Outcome of_system_error(const std::system_error& error, const Circumstances& circumstances) {
  if (is_the_hosts(error)) return ended(Cause::kHostLacks, fmt::format("this host: {}", error.what()));
  if (circumstances.shares_descriptors) {
    return ended(Cause::kTookMore,
                 fmt::format("the implementation changed a descriptor of the suite: {}", error.what()));
  }
  if (circumstances.is_given) return ended(Cause::kCannotPerform, error.what());
  return ended(Cause::kSuiteFault, fmt::format("the suite's own fault, not judged: {}", error.what()));
}

}  // namespace

bool Outcome::is_failure() const {
  return verdict == Verdict::kFail || verdict == Verdict::kCrash || verdict == Verdict::kHang ||
         verdict == Verdict::kProtocol;
}

Outcome ended(Cause cause, std::string reason) {
  return {.verdict = verdict_of(cause), .cause = cause, .reason = std::move(reason)};
}

Outcome outcome_of(const std::exception_ptr& error, const Circumstances& circumstances) {
  try {
    std::rethrow_exception(error);
  } catch (const Ended& end) {
    return ended(end.cause(), reason_of(end));
  } catch (const std::system_error& failure) {
    return of_system_error(failure, circumstances);
  } catch (const std::exception& failure) {
    if (circumstances.is_given) return ended(Cause::kCannotPerform, failure.what());
    return ended(Cause::kSuiteFault, fmt::format("the suite's own fault, not judged: {}", failure.what()));
  } catch (...) {
    return ended(Cause::kSuiteFault, "the suite's own fault, not judged: an exception of no known type");
  }
}

Outcome outcome_of(Differences differences) {
  if (differences.empty()) return {};
  return {.verdict = Verdict::kFail, .cause = Cause::kDiffers, .differences = std::move(differences)};
}

std::string summary_of(const Outcome& outcome) {
  // What differed before a crash is not what the check ended with.
  if (outcome.cause == Cause::kDiffers || outcome.reason.empty()) return summary_of(outcome.differences);
  return outcome.reason.substr(0, outcome.reason.find('\n'));
}

bool is_same_failure(const Outcome& one, const Outcome& other) {
  if (one.cause != other.cause || one.differences.empty() != other.differences.empty()) return false;
  return one.differences.empty() || one.differences.front().field == other.differences.front().field;
}

bool may_be_the_kernels(const Outcome& outcome, bool is_scripted) {
  return outcome.cause == Cause::kDiffers && !is_scripted;
}

}  // namespace recvinto::kit
