#pragma once

#include <span>

#include "kit/values/call_log.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// The scripted kernel that the implementation under test runs under.
class ScriptPlayer {
 public:
  virtual ~ScriptPlayer() = default;

  /// The script answers the receives on the current socket until finish_play(). Arguments are borrowed; see
  /// Supervisor::play.
  virtual void play(const Script& script, std::span<const int> files, int poke) = 0;
  virtual CallLog finish_play() = 0;
};

}  // namespace recvinto::kit
