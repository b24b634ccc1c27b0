#include "conformance/framework/check.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "conformance/framework/source_file.h"
#include "kit/host/process_facts.h"
#include "kit/performing/outcome.h"
#include "kit/scripted_kernel/effects.h"
#include "kit/values/merged_call.h"

namespace recvinto::conformance {
namespace {

/// Thrown to end a claim where what follows would only wait.
struct NothingMoreToSee {};

/// "conformance/some_test.cc:12"
std::string place_of(const std::source_location& where) {
  return fmt::format("{}:{}", source_file(where.file_name()), where.line());
}

/// What differed before the check ended stays with it. Where the end itself says nothing against the implementation,
/// the differences do.
kit::Outcome with_differences(kit::Outcome outcome, kit::Differences differences) {
  if (differences.empty()) return outcome;
  const bool has_a_verdict = outcome.is_failure() || outcome.is_suite_fault();
  if (!has_a_verdict) return kit::outcome_of(std::move(differences));
  outcome.differences = std::move(differences);
  return outcome;
}

/// After such an end the process, and what it shares with the suite, cannot be relied on.
void start_anew_if_needed(kit::Implementation& implementation, kit::Cause cause) {
  switch (cause) {
    case kit::Cause::kEnded:
    case kit::Cause::kTimedOut:
    case kit::Cause::kMalformedReply:
    case kit::Cause::kCannotStart:
      implementation.mark_untrusted();
      break;
    case kit::Cause::kTookMore:
    case kit::Cause::kSuiteFault:
      implementation.sockets().mark_sockets_exhausted();
      break;
    default:
      break;
  }
}

}  // namespace

Check::Check() = default;
Check::~Check() = default;

kit::Implementation& Check::implementation() const {
  return claim_->oddity ? subject_->scripted() : *subject_->implementation;
}

void Check::TestBody() {
  kit::Outcome outcome = judge();
  const kit::Verdict verdict = outcome.verdict;
  const bool is_reported = !outcome.differences.empty();
  subject_->take(std::move(outcome));
  // For GoogleTest's own bookkeeping.
  if (verdict == kit::Verdict::kSkip) GTEST_SKIP();
  if (verdict != kit::Verdict::kPass && !is_reported) ADD_FAILURE() << name(verdict);
}

kit::Outcome Check::judge() {
  if (!handshake().takes(kind_)) return kit::ended(kit::Cause::kNotDeclared, kit::cannot_be_given(kind_));
  if (const std::vector<std::string> missing = missing_for(*claim_, kind_, handshake()); !missing.empty()) {
    return kit::ended(kit::Cause::kNotDeclared,
                      fmt::format("needs {}, which the implementation does not declare", fmt::join(missing, ", ")));
  }
  kit::Implementation* implementation = nullptr;
  kit::Outcome outcome;
  try {
    implementation = &this->implementation();
    perform(*implementation);
    implementation->conclude();
  } catch (...) {
    outcome = kit::outcome_of_current_exception(
        {.shares_descriptors = implementation != nullptr && implementation->process().shares_descriptors()});
  }
  outcome = with_differences(std::move(outcome), std::move(differences_));
  if (implementation != nullptr) {
    start_anew_if_needed(*implementation, outcome.cause);
    outcome.stderr_text = implementation->take_stderr();
  }
  if (stage_) {
    outcome.scenario = stage_->scenario();
    outcome.history = stage_->history();
  }
  if (second_) {
    std::ranges::copy(second_->scenario().steps, std::back_inserter(outcome.scenario->steps));
    std::ranges::copy(second_->history(), std::back_inserter(outcome.history));
  }
  second_.reset();
  stage_.reset();
  return outcome;
}

void Check::perform(kit::Implementation& implementation) {
  implementation.prepare();
  stage_.emplace(implementation, kind_, claim_->needs);
  try {
    holds();
  } catch (const NothingMoreToSee&) {
    return;
  }
  if (expectations_ == 0) throw std::logic_error("the claim compares nothing");
  if (pending_ || second_pending_) throw std::logic_error("the claim does not finish the call that it started");
}

kit::Call Check::expressible(const kit::Call& call) {
  written_ = call;
  const bool may_be_merged = !(claim_->needs | handshake().capabilities).contains(kit::Capability::kScatter);
  kit::Call asked = (may_be_merged ? kit::merged(call) : std::nullopt).value_or(call);
  if (asked.timeout) asked.timeout = handshake().timeout_of(*asked.timeout);
  return asked;
}

Expected Check::merged_alike(const Answer& answer, Expected expected) const {
  const bool is_merged = answer.call.buffers.size() != written_.buffers.size();
  if (is_merged && expected.storages && expected.storages->size() == written_.buffers.size()) {
    expected.storages = {kit::merged_storage(written_, *expected.storages)};
  }
  return expected;
}

void Check::begin(const kit::Call& call) {
  pending_ = expressible(call);
  stage_->start(*pending_);
}

Answer Check::receive(const kit::Call& call) {
  begin(call);
  return finish();
}

Answer Check::receive(const kit::Call& call, kit::Script script) {
  stage_->play(std::move(script));
  return receive(call);
}

void Check::start(const kit::Call& call) {
  // Before the call is begun, so that a host without it costs a skip and not a restart.
  if (!kit::can_see_system_calls())
    throw kit::EnvironmentLacks("what a process sleeps in cannot be seen in /proc/PID/syscall");
  begin(call);
}

Answer Check::finish() {
  Answer answer{*std::exchange(pending_, std::nullopt), {}};
  answer.seen = stage_->finish();
  return answer;
}

kit::Stage& Check::second() {
  if (!second_) second_.emplace(implementation(), kind_, claim_->needs);
  return *second_;
}

void Check::start_second(const kit::Call& call) {
  second_pending_ = expressible(call);
  second().start(*second_pending_);
}

Answer Check::finish_second() {
  Answer answer{*std::exchange(second_pending_, std::nullopt), {}};
  answer.seen = second().finish();
  return answer;
}

kit::Abi Check::abi() {
  return handshake().abi.value_or(kit::abi_of(implementation().process().pid()));
}

kit::Observation Check::by_recvmsg(const kit::Call& call) {
  if (call.ancbufsize && abi() != kit::kNativeAbi) {
    throw kit::EnvironmentLacks(
        fmt::format("the suite's own recvmsg(2) lays out ancillary data for {}-bit programs, and the implementation is "
                    "a {}-bit one",
                    8 * kit::kNativeAbi.word, 8 * abi().word));
  }
  return stage_->receive_by_the_suite(expressible(call));
}

std::optional<std::int64_t> Check::plenty() const {
  if (!handshake().capabilities.contains(kit::Capability::kAncbufsize)) return std::nullopt;
  return 512;
}

void Check::expect_sleep(std::source_location where) {
  const bool sleeps = stage_->await_sleep();
  expect_that("the call", "waits", sleeps ? "waits" : "has returned", sleeps, where);
}

void Check::interrupt(int signum, std::source_location where) {
  const bool sleeps = stage_->await_sleep();
  expect_that("the call", "waits", sleeps ? "waits" : "has returned", sleeps, where);
  if (sleeps) stage_->signal(signum);
}

void Check::require_memory_can_be_measured() {
  if (kit::private_memory(implementation_pid()) == 0)
    throw kit::EnvironmentLacks("the memory of a process cannot be seen in /proc/PID/statm");
  if (kit::has_address_sanitizer(implementation_pid()))
    throw kit::EnvironmentLacks("the implementation runs under AddressSanitizer, which keeps what is freed");
}

void Check::require_no_room_by_default() const {
  const bool is_none_in_python = handshake().capabilities.contains(kit::Capability::kPythonForms);
  const std::optional<std::size_t> none = 0;
  if (handshake().default_ancbufsize.value_or(is_none_in_python ? none : std::nullopt) == none) return;
  throw kit::Ended(kit::Cause::kNotDeclared, "needs default_ancbufsize 0, which the implementation does not declare");
}

void Check::require_words_of_64_bits() {
  if (abi() == kit::kAbi32) throw kit::EnvironmentLacks("the implementation is a 32-bit program");
}

void Check::require_lengths_may_lie() {
  if (kit::believes_kernel_lengths(implementation().process().pid())) {
    throw kit::EnvironmentLacks(
        "the implementation runs under AddressSanitizer, whose recvmsg takes lengths beyond the room for an overflow");
  }
}

void Check::expect_survived(const kit::answer::Result& result, std::optional<std::int64_t> ancbufsize,
                            std::source_location where) {
  const Answer answer =
      receive({.buffers = {kit::room(8)}, .ancbufsize = ancbufsize ? ancbufsize : plenty()}, {kit::gives(result)});
  expect(answer, {.data = result.data, .any_outcome = true, .receives = 1}, where);
  for (const kit::AncillaryItem& item : answer.seen.ancdata.value_or(Items{})) {
    // The numbers of planted descriptors are not known here: those items are compared by their descriptors.
    if (item.level == SOL_SOCKET && item.type == SCM_RIGHTS) continue;
    const kit::Bytes given = kit::control_bytes(result, abi(), std::vector<int>(64, 0));
    expect_that("data of an item", "bytes of the control data", kit::readable(item.data),
                given.find(item.data) != kit::Bytes::npos, where);
  }
  std::size_t files = 0;
  for (const kit::ScriptedMessage& message : result.control) files += message.files;
  const bool invented = answer.seen.descriptors.size() > files;
  expect_that("descriptors", fmt::format("at most {}", files), fmt::format("{}", answer.seen.descriptors.size()),
              !invented, where);
}

void Check::expect_closed(const kit::answer::Result& result, std::source_location where) {
  const Answer answer =
      receive({.buffers = {kit::room(8)}, .ancbufsize = plenty(), .warnings_are_errors = true}, {kit::gives(result)});
  expect(answer, {.data = result.data, .any_outcome = true, .receives = 1}, where);
  expect_that("error", "one", answer.seen.error ? kit::describe(*answer.seen.error) : "none",
              answer.seen.error.has_value(), where);
}

void Check::expect(const Answer& answer, const Expected& expected, std::source_location where) {
  if (const kit::Capabilities undeclared = needed_for(expected) - claim_->needs; !undeclared.empty()) {
    throw std::logic_error(
        fmt::format("this claim looks at {} and does not declare that it needs it", joined_names(undeclared)));
  }
  if (answer.seen.kernel && !answer.seen.kernel->troubles.empty()) {
    throw std::runtime_error("the script could not be played: " + answer.seen.kernel->troubles[0]);
  }
  Expected alike = merged_alike(answer, expected);
  alike.no_address_may_be_empty = kind().is_unix() && handshake().unnamed_address_is_empty;
  report(compare(answer, alike), where);
}

bool Check::expect_that(std::string_view what, std::string expected, std::string actual, bool agrees,
                        std::source_location where) {
  return report({{std::string(what), std::move(expected), std::move(actual), agrees}}, where);
}

void Check::expect_queue(const std::vector<kit::QueuedMessage>& expected, std::source_location where) {
  const auto describe = [](const std::vector<kit::QueuedMessage>& queue) {
    std::string text;
    for (const kit::QueuedMessage& message : queue) {
      text += (text.empty() ? "" : ", ") + kit::readable(message.data);
      if (message.descriptors != 0) text += fmt::format(" with {} descriptors", message.descriptors);
    }
    return text.empty() ? "nothing" : text;
  };
  const std::vector<kit::QueuedMessage> actual = stage_->drain();
  if (!expect_that("left in the queue", describe(expected), describe(actual), expected == actual, where)) {
    throw NothingMoreToSee();
  }
}

bool Check::report(const std::vector<Comparison>& comparisons, std::source_location where) {
  ++expectations_;
  const kit::Differences found = kit::differences_in(comparisons, place_of(where));
  if (found.empty()) return true;
  differences_.insert(differences_.end(), found.begin(), found.end());
  ADD_FAILURE_AT(where.file_name(),
                 static_cast<int>(where.line()));  // for HasFailure() and GoogleTest's own bookkeeping
  return false;
}

std::string fmt_milliseconds(std::chrono::microseconds time) {
  return fmt::format("{:.1f} ms", static_cast<double>(time.count()) / 1000.0);
}

}  // namespace recvinto::conformance
