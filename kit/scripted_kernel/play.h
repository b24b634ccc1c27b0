#pragma once

#include <span>
#include <vector>

#include "kit/values/call_log.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// A script being played, step by step, and the log of it: what both executors (ScriptedKernel, Supervisor) share.
class Play {
 public:
  /// Both are borrowed. `files`: descriptors here of the files to be planted, in order; at least as many as the script
  /// plants.
  explicit Play(const Script& script, std::span<const int> files = {});

  /// Whom the next receive is answered by; null: no step is left.
  [[nodiscard]] const ScriptStep* next() const;
  /// The files to plant with it.
  [[nodiscard]] std::span<const int> files_of(const ScriptStep& step) const;

  /// That step was played: the kernel took the answer.
  void commit(SeenCall&& call);
  /// A receive that used up no step.
  void note(SeenCall&& call);
  void trouble(std::string what);

  /// Whether the script answers waits.
  [[nodiscard]] bool answers_waits() const { return !script_->waits.empty(); }
  /// How the next wait is answered.
  [[nodiscard]] ScriptedWait next_wait() const;
  /// That wait was answered, or passed on.
  void commit_wait(SeenWait wait);
  /// Whether a receive is answered by the next step: if the script answers waits, one of them has to say so first.
  [[nodiscard]] bool is_ready() const { return is_ready_ || !answers_waits(); }

  /// Ends the play.
  CallLog finish();

 private:
  void keep(SeenCall call);

  const Script* script_;
  std::span<const int> files_;
  std::size_t played_ = 0;  // steps
  std::size_t waited_ = 0;  // waits that were answered
  bool is_ready_ = false;
  CallLog log_;
};

/// How many files a step plants.
std::size_t planted_files(const ScriptStep& step);

/// Whether any step sends a signal.
bool has_signals(const Script& script);

}  // namespace recvinto::kit
