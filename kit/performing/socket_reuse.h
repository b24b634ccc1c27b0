#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "kit/performing/sender.h"
#include "kit/subjects/socket_pool.h"
#include "kit/values/step.h"

namespace recvinto::kit {

/// How a receiving socket was set up to be reached.
enum class Meeting {
  kOtherwise,
  kWithAPeer,    ///< connected to, or the destination of, sender 0
  kAtAnAddress,  ///< bound: senders are added and removed
};

/// A receiving socket and its senders.
struct UsedSocket {
  SocketKind kind;
  Meeting meeting;
  Supplied supplied;
  std::vector<Sender> senders;
};

template <typename One, typename... Others>
inline constexpr bool kIsAnyOf = (std::is_same_v<One, Others> || ...);

/// True if such a step leaves a receiving socket reusable, once the queue is drained and options are switched off.
template <typename SomeStep>
inline constexpr bool kLeavesNoTrace =
    kIsAnyOf<SomeStep, step::AddSender, step::Send /* but see ChildSender */, step::SetOption /* a switch */,
             step::CloseFiles, step::Start, step::Drain, step::ReadElsewhere, step::Play>;

/// Receiving sockets of earlier scenarios that are as new, and what the current scenario does to its own.
class SocketReuse {
 public:
  SocketReuse() = default;
  ~SocketReuse();
  SocketReuse(const SocketReuse&) = delete;
  SocketReuse& operator=(const SocketReuse&) = delete;

  /// The current scenario performs such a step.
  template <typename SomeStep>
  void note_step() {
    has_traces_ = has_traces_ || !kLeavesNoTrace<SomeStep>;
  }
  /// It sets this option of its receiving socket.
  void note_option(int level, int name);
  /// True if it did something to its receiving socket that cannot be undone.
  [[nodiscard]] bool has_traces() const { return has_traces_; }
  /// Switches off the options that it set.
  void switch_off(int receiver) const;

  void keep(UsedSocket used) { kept_.push_back(std::move(used)); }
  /// Removes and returns a kept socket; `nullopt` if there is none.
  std::optional<UsedSocket> take(const SocketKind& kind, Meeting meeting);
  /// Another scenario begins.
  void begin_scenario();

 private:
  std::vector<UsedSocket> kept_;
  bool has_traces_ = false;
  std::vector<std::pair<int, int>> switched_options_;  // level, name
};

/// Call before closing the sockets.
void abort_connection(const SocketKind& kind, const Supplied& supplied, const std::vector<Sender>& senders) noexcept;

}  // namespace recvinto::kit
