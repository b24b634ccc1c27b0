#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "kit/values/scenario.h"
#include "property/framework/source.h"
#include "property/framework/world.h"

namespace recvinto::property {

/// What may come up in the scenarios of a law. Whatever the world cannot do is left out in any case.
struct Family {
  std::span<const kit::SocketKind> kinds = kit::kEveryKind;
  std::size_t least_sends = 0;
  std::size_t most_sends = 4;
  std::size_t most_calls = 3;
  bool descriptors = true;
  bool own_sockets = false;     ///< a sender's own socket among the descriptors, once for each sender
  bool credentials = true;      ///< SO_PASSCRED, and credentials of the sender's choice
  bool packet_options = true;   ///< options of IP that make items
  bool several_senders = true;  ///< of datagrams, with names of all sorts
  bool narrow_room = true;      ///< ancbufsize around every boundary; else it is plenty
  bool peeks = true;
  bool flags = true;          ///< flags other than MSG_PEEK
  bool ends = true;           ///< the peer shuts down, closes, ...
  bool timeouts = true;       ///< calls that do not wait, and calls with a timeout
  bool finds_nothing = true;  ///< calls that come when nothing is there
  bool overlaps = true;       ///< of buffers
  bool refusals = true;       ///< arguments that are refused
  /// Two parts with a Drain between: sends and calls, of which nothing is left then, and those that the rest says.
  bool history = false;
};

/// Sends and calls in turn. No call of it waits: what would is left out.
kit::Scenario any_scenario(const Family& family, Source& source, const World& world);
/// Whether any_scenario() could have made it, or one that it is a simpler form of.
bool is_of(const Family& family, const kit::Scenario& scenario);
/// A call as generators make it: of ordinary memory, not too much, with the arguments handed over plainly.
bool is_plain(const kit::Call& call);

/// One of the kinds that the implementation can be given. Throws Ended where it is none of them.
kit::SocketKind any_kind(std::span<const kit::SocketKind> kinds, Source& source, const World& world);

/// The timeout of a call: none, or one that no call needs which finds something.
std::optional<std::chrono::milliseconds> any_timeout(Source& source, const World& world);

/// Bytes, of any number and value: none and one often, thousands seldom, at most `most`.
kit::Bytes any_data(Source& source, std::size_t most = 9000);
/// What a queue of the kind takes for certain, in one message and in all.
std::size_t longest_message(const kit::SocketKind& kind);

/// An ancbufsize around the boundaries of items: a few bytes more or less than fits them whole, cut, or not at all.
std::int64_t any_room(Source& source);

/// How often something comes between a call and its data: a few times, seldom up to a hundred.
std::size_t any_times(Source& source);

/// An option of UDP that makes items, on or seldom off.
kit::Step any_packet_option(const kit::SocketKind& kind, Source& source);

/// An option that stamps messages with the time of their arrival, which no model can predict.
kit::Step any_option_of_times(Source& source);

/// An ancbufsize that is negative, or larger than any memory. The latter only Python refuses in any case: others may do
/// with less room than they are asked for.
std::int64_t any_impossible_room(Source& source);
inline constexpr std::int64_t kBeyondMemory = std::int64_t{1} << 48;
/// A flag beyond those of a C int.
std::int64_t any_impossible_flags(Source& source);

/// Enough that nothing a scenario sends is cut.
inline constexpr std::int64_t kPlenty = 4096;
/// The same of scripts.
inline constexpr std::int64_t kPlentyForScripts = 1 << 18;

/// The call in the scenario's last steps, if any.
void add_call(kit::Scenario& scenario, kit::Call call);

/// The files that the step sends.
std::size_t files_sent_by(const kit::Step& step);
/// The calls, in order.
std::vector<kit::Call> calls_of(const kit::Scenario& scenario);
/// The same scenario, each of its calls changed; the change gets the call and its number.
kit::Scenario with_calls(const kit::Scenario& scenario, const std::function<void(kit::Call&, std::size_t)>& change);

}  // namespace recvinto::property
