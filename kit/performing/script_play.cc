#include "kit/performing/script_play.h"

#include <stdexcept>
#include <utility>

#include "kit/host/lacking.h"
#include "kit/scripted_kernel/play.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

ScriptPlayer& player_of(Implementation& implementation) {
  if (ScriptPlayer* const player = implementation.script_player()) return *player;
  throw std::logic_error("this implementation does not run under a scripted kernel");
}

}  // namespace

std::size_t ScriptPlay::files() const {
  std::size_t files = 0;
  for (const ScriptStep& step : script_->steps) files += planted_files(step);
  return files;
}

bool ScriptPlay::takes_priming() {
  return script_->readable && !std::exchange(is_primed_, true);
}

void ScriptPlay::begin(std::vector<int> planted, int peer) {
  if (has_signals(*script_)) require_signals_to_threads();
  planted_ = std::move(planted);
  player_of(implementation_).play(*script_, planted_, peer);
  is_playing_ = true;
}

std::optional<CallLog> ScriptPlay::finish() {
  if (!is_playing_) return std::nullopt;
  CallLog log = player_of(implementation_).finish_play();
  is_playing_ = false;
  script_.reset();
  return log;
}

void ScriptPlay::require() const {
  if (!is_playing_) throw std::logic_error("no script is played that could hold a call");
}

void ScriptPlay::await_hold() {
  if (!implementation_.require_waiting_call("be held").await_hold()) {
    throw ImplementationFailure(Verdict::kHang, "the implementation does not receive within the deadline");
  }
}

void ScriptPlay::release_hold() {
  implementation_.require_waiting_call("be held").release_hold();
}

void ScriptPlay::leave() noexcept {
  if (!std::exchange(is_playing_, false)) return;
  try {
    player_of(implementation_).finish_play();
  } catch (const std::exception&) {  // it ended with its process
  }
}

void ScriptPlay::begin_scenario() {
  script_.reset();
  planted_.clear();
  is_primed_ = false;
}

}  // namespace recvinto::kit
