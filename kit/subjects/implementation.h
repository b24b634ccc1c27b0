#pragma once

#include <string>
#include <string_view>

#include "kit/subjects/caller.h"
#include "kit/subjects/process_watch.h"
#include "kit/subjects/script_player.h"
#include "kit/subjects/socket_supply.h"
#include "kit/subjects/waiting_call.h"
#include "kit/values/handshake.h"

namespace recvinto::kit {

/// The implementation under test.
///
/// Every member, here and in its parts, may throw ImplementationFailure (it crashed, hung or broke the protocol) and
/// Interrupted, except for plain accessors; after a failure, prepare() restarts it.
class Implementation {
 public:
  virtual ~Implementation() = default;

  [[nodiscard]] virtual const Handshake& handshake() const = 0;

  /// Call before each check. Ensures the process is running, idle, and has sockets left; restarts it otherwise.
  virtual void prepare() = 0;
  /// Call at the end of a check, or of a batch of cases: if the process has answered its last request and ended since,
  /// that is a CRASH of this check, not of the next one.
  virtual void conclude() {}
  /// The next prepare() restarts it.
  virtual void mark_untrusted() = 0;
  /// What it wrote to its standard error since the last call.
  virtual std::string take_stderr() = 0;

  [[nodiscard]] virtual Caller& caller() = 0;
  [[nodiscard]] virtual SocketSupply& sockets() = 0;
  [[nodiscard]] virtual ProcessWatch& process() = 0;
  /// Null if no scripted kernel answers its receives.
  [[nodiscard]] virtual ScriptPlayer* script_player() { return nullptr; }
  /// Null if a call is over when Caller::start() returns.
  [[nodiscard]] virtual WaitingCall* waiting_call() { return nullptr; }
  /// Throws EnvironmentLacks if waiting_call() is null: "an implementation on the calling thread cannot WHAT".
  [[nodiscard]] WaitingCall& require_waiting_call(std::string_view what);
};

}  // namespace recvinto::kit
