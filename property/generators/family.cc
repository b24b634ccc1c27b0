// Whether a scenario is of a family that any_scenario() makes: one that was shrunk still is, one that a person has
// edited need not be.

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <variant>

#include "kit/values/unix_options.h"
#include "property/framework/options_of_times.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
namespace step = kit::step;

constexpr std::size_t kMostCapacity = std::size_t{1} << 20;  // of a call: other buffers of that size take their time
constexpr std::int64_t kFlags =
    MSG_PEEK | MSG_TRUNC | MSG_CMSG_CLOEXEC | MSG_CTRUNC | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL;

bool has_no_refused_argument(const Call& call) {
  const std::int64_t room = call.ancbufsize.value_or(0);
  return call.buffers.size() <= kit::kIovMax && room >= 0 && room <= kPlentyForScripts &&
         (call.flags.value_or(0) & ~kFlags) == 0;
}

/// A timeout that is over at once, or long after a call that finds something has returned on any machine.
bool is_far_from_other_times(std::chrono::milliseconds timeout) {
  return timeout.count() <= 1 || timeout.count() >= 1000;
}

/// A step that any_scenario() makes for the family.
struct IsOf {
  const Family& family;
  const kit::SocketKind& kind;

  bool operator()(const step::AddSender&) const { return family.several_senders; }
  bool operator()(const step::SetOption& option) const {
    if (is_option_of_times(option)) return false;
    if (kind.is_udp()) return family.packet_options;
    return family.credentials || (option.level == SOL_SOCKET && option.name == kit::kSoPassRights);
  }
  bool operator()(const step::Send& send) const {
    return send.flags == 0 && !send.by_a_child && (send.files == 0 || family.descriptors) &&
           std::ranges::all_of(send.control, [this](const kit::SentControl& control) {
             if (std::holds_alternative<kit::sent::Credentials>(control)) return family.credentials;
             return family.own_sockets || (family.descriptors && kit::files_in(control) == 0);
           });
  }
  bool operator()(const step::Drain&) const { return family.history; }
  bool operator()(const step::PeerShutsDownWriting&) const { return family.ends; }
  bool operator()(const step::PeerCloses&) const { return family.ends; }
  bool operator()(const step::ShutDown&) const { return family.ends; }
  bool operator()(const step::Start& start) const {
    const Call& call = start.call;
    const bool has_a_fitting_timeout =
        !call.timeout || call.timeout->count() == 0 || (family.timeouts && is_far_from_other_times(*call.timeout));
    return is_plain(call) && has_a_fitting_timeout && (family.refusals || has_no_refused_argument(call)) &&
           (family.peeks || (call.flags.value_or(0) & MSG_PEEK) == 0) && (family.overlaps || !overlap(call.buffers));
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }
};

}  // namespace

bool is_plain(const Call& call) {
  return call.form.empty() && !call.warnings_are_errors && kit::capacity(call.buffers) <= kMostCapacity &&
         std::ranges::all_of(call.buffers, kit::is_all_shown);
}

bool is_of(const Family& family, const Scenario& scenario) {
  if (std::ranges::find(family.kinds, scenario.kind) == family.kinds.end()) return false;
  bool is_called = false;
  for (const kit::Step& step : scenario.steps) {
    if (std::holds_alternative<step::Finish>(step) != is_called) return false;  // nothing happens during a call
    is_called = std::holds_alternative<step::Start>(step);
    if (!std::holds_alternative<step::Finish>(step) && !std::visit(IsOf{family, scenario.kind}, step)) return false;
  }
  return !is_called && !calls_of(scenario).empty();
}

}  // namespace recvinto::property
