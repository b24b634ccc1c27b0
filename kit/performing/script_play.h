#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "kit/subjects/implementation.h"
#include "kit/values/script.h"

namespace recvinto::kit {

/// The script that answers the receives of one call: set before the call, played until it is finished.
class ScriptPlay {
 public:
  explicit ScriptPlay(Implementation& implementation) : implementation_(implementation) {}

  void set(Script script) { script_ = std::move(script); }
  [[nodiscard]] bool is_set() const { return script_.has_value(); }
  /// How many files the script plants.
  [[nodiscard]] std::size_t files() const;
  /// True, once, if the receiving socket needs data in its queue for the script: its answers take nothing out.
  bool takes_priming();
  /// `planted`: descriptors of the files; `peer`: of the socket's peer, -1 if there is none. Throws std::logic_error if
  /// the implementation does not run under a scripted kernel.
  void begin(std::vector<int> planted, int peer);
  /// `nullopt` if no script is being played.
  std::optional<CallLog> finish();

  /// Throws std::logic_error if no script is being played.
  void require() const;
  /// Throws ImplementationFailure if no receive is held in time.
  void await_hold();
  void release_hold();

  /// Ends a play that was not finished.
  void leave() noexcept;
  /// Another scenario begins.
  void begin_scenario();

 private:
  Implementation& implementation_;
  std::optional<Script> script_;  // of the next call, or of the pending one
  std::vector<int> planted_;
  bool is_playing_ = false;
  bool is_primed_ = false;
};

}  // namespace recvinto::kit
