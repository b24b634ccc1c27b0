#include "kit/scripted_kernel/play.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace recvinto::kit {

namespace {

/// A script of a file, or of a fuzzer, may ask for hours.
constexpr std::chrono::milliseconds kLongestWait{1000};

}  // namespace

bool has_signals(const Script& script) {
  return std::ranges::any_of(script.steps, [](const ScriptStep& step) { return step.signum != 0; });
}

std::size_t planted_files(const ScriptStep& step) {
  const auto* result = std::get_if<answer::Result>(&step.answer);
  if (result == nullptr) return 0;
  std::size_t count = 0;
  for (const ScriptedMessage& message : result->control) count += message.files;
  return count;
}

Play::Play(const Script& script, std::span<const int> files) : script_(&script), files_(files) {
  log_.calls.reserve(script.steps.size());
}

const ScriptStep* Play::next() const {
  if (script_->steps.empty()) return nullptr;
  if (played_ >= script_->steps.size()) return script_->last_repeats ? &script_->steps.back() : nullptr;
  return &script_->steps[played_];
}

std::span<const int> Play::files_of(const ScriptStep& step) const {
  return files_.first(std::min(planted_files(step), files_.size()));
}

void Play::commit(SeenCall&& call) {
  if (const ScriptStep* step = next()) files_ = files_.subspan(files_of(*step).size());
  ++played_;
  if (call.outcome == SeenCall::Outcome::kFailed && call.result == EAGAIN) is_ready_ = false;
  keep(std::move(call));
}

ScriptedWait Play::next_wait() const {
  if (waited_ >= script_->waits.size()) return wait_is_ready();
  ScriptedWait wait = script_->waits[waited_];
  wait.lasts = std::min(wait.lasts, kLongestWait);
  return wait;
}

void Play::commit_wait(SeenWait wait) {
  if (wait.answer) {
    ++waited_;
    is_ready_ = wait.answer == ScriptedWait::Answer::kReady;
  }
  if (log_.waits.size() < CallLog::kMostCalls) log_.waits.push_back(wait);
}

void Play::note(SeenCall&& call) {
  if (call.outcome == SeenCall::Outcome::kUnscripted) ++log_.unscripted;
  keep(std::move(call));
}

void Play::keep(SeenCall call) {
  if (log_.calls.size() < CallLog::kMostCalls) {
    log_.calls.push_back(std::move(call));
  } else {
    ++log_.further_calls;  // an implementation that tries again and again is no reason to run out of memory
  }
}

void Play::trouble(std::string what) {
  log_.troubles.push_back(std::move(what));
}

CallLog Play::finish() {
  const std::size_t steps = script_->steps.size();
  log_.unused_steps = steps - std::min(played_, steps);
  return std::move(log_);
}

}  // namespace recvinto::kit
