#include "property/generators/scenarios.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

#include "kit/oracle/receive_queue.h"
#include "kit/values/unix_options.h"
#include "kit/values/verdict.h"
#include "property/framework/options_of_times.h"
#include "property/generators/buffers.h"
#include "property/generators/sizes.h"

namespace recvinto::property {
namespace {

using namespace std::string_literals;
using kit::Call;
using kit::Capability;
using kit::Scenario;
using kit::SocketKind;
using kit::Step;
namespace step = kit::step;
namespace sent = kit::sent;

/// Beyond it a sender would wait (net.unix.max_dgram_qlen).
constexpr std::size_t kMostQueued = 6;

/// Of data that are no long ones, and of those that come when long ones are queued.
constexpr std::size_t kShort = 9000;
constexpr std::size_t kBesideMuch = 1000;

constexpr std::chrono::milliseconds kNoWait{0};

/// Calls of a history: more than what counts them up to a small number has seen.
constexpr std::size_t kLongHistory = 24;

class Maker {
 public:
  Maker(const Family& family, Source& source, const World& world)
      : family_(family),
        source_(source),
        world_(world),
        scenario_{any_kind(family.kinds, source, world), {}},
        queue_(scenario_.kind, world.model) {}

  Scenario make() {
    begin();
    if (family_.history) {
      const std::size_t calls = source_.once_in(12) ? source_.between(9, kLongHistory) : source_.between(1, 4);
      sends_and_calls(source_.between(1, calls + 1), calls, /*may_end=*/false);
      add(step::Drain{});
    }
    const std::size_t sends = source_.between(family_.least_sends, family_.most_sends);
    sends_and_calls(sends, source_.between(1, family_.most_calls), family_.ends);
    return std::move(scenario_);
  }

 private:
  [[nodiscard]] const SocketKind& kind() const { return scenario_.kind; }

  void add(Step step) {
    queue_.apply(step);
    scenario_.steps.push_back(std::move(step));
  }

  void begin() {
    if (family_.several_senders && kit::kUnixDatagram == kind() && source_.once_in(4)) {
      using enum kit::BoundName::Kind;
      for (std::size_t count = source_.between(1, 3); count != 0; --count) {
        kit::BoundName name{.kind = source_.pick({kUnnamed, kPathname, kAbstract, kAutobound})};
        if (name.kind == kAbstract)
          name.name =
              "\0recvinto-property-"s + std::to_string(getpid()) + "-" + std::to_string(source_.next() % 1'000'000);
        add(step::AddSender{std::move(name)});
      }
    } else if (family_.several_senders && kind().is_udp() && source_.once_in(4)) {
      for (std::size_t count = source_.between(1, 3); count != 0; --count) add(step::AddSender{});
    }
    if (kind().is_unix() && family_.credentials && world_.reports(kCredentialsItem) && source_.once_in(3)) {
      add(step::SetOption{SOL_SOCKET, SO_PASSCRED, 1});
    }
    if (kind().is_unix() && family_.credentials && world_.reports(kPidfdItem) && world_.pidfds && source_.once_in(24)) {
      add(step::SetOption{SOL_SOCKET, kit::kSoPassPidfd, 1});
    }
    if (kind().is_udp() && family_.packet_options && world_.reports_of_packets() && !source_.once_in(3)) {
      for (std::size_t count = source_.between(1, 3); count != 0; --count) add(any_packet_option(kind(), source_));
    }
  }

  void sends_and_calls(std::size_t sends, std::size_t calls, bool may_end) {
    const std::size_t first = scenario_.steps.size();
    while (sends + calls != 0) {
      if (sends != 0 && (calls == 0 || queue_.messages() == 0 || source_.once_in(2)) &&
          queue_.messages() < kMostQueued) {
        --sends;
        send();
      } else if (calls != 0) {
        --calls;
        call();
      } else {
        break;
      }
      if (may_end && calls == 1 && sends == 0 && source_.once_in(6)) end();
    }
    const auto is_a_call = [](const Step& step) { return std::holds_alternative<step::Start>(step); };
    const auto begin = scenario_.steps.begin() + static_cast<std::ptrdiff_t>(first);
    if (std::none_of(begin, scenario_.steps.end(), is_a_call)) plain_call();
  }

  void send() {
    step::Send send{.data = any_data(source_, room_left())};
    if (queue_.senders() > 1) send.sender = source_.below(queue_.senders());
    if (send.data.size() > kShort) {
      // Without descriptors: a unix stream keeps no more than kShort bytes together for certain.
    } else if (family_.own_sockets && may_send_files() && source_.once_in(4) && sends_its_socket_first(send.sender)) {
      send.control.emplace_back(sent::OwnSocket{});
      if (source_.once_in(2)) {
        const auto place = source_.once_in(2) ? send.control.begin() : send.control.end();
        send.control.insert(place, sent::Rights{.files = source_.between(1, 3)});
      }
    } else if (kind().is_unix() && may_send_files() && source_.once_in(24)) {
      send.control.emplace_back(sent::Rights{.files = 0, .more = source_.once_in(2) ? "" : "abc"});
    } else if (kind().is_unix() && may_send_files() && source_.once_in(2)) {
      const bool chooses = world_.can(Capability::kAncbufsize);
      send.files = source_.between(1, 4);
      if (chooses && source_.once_in(100)) send.files = source_.between(source_.once_in(2) ? 200 : 5, 253);
    } else if (kind().is_unix() && family_.credentials && world_.reports(kCredentialsItem) && source_.once_in(5)) {
      sent::Credentials other;
      if (world_.model.uid == 0) other = {.pid = {}, .uid = source_.below(2), .gid = source_.below(2)};
      send.control.emplace_back(other);
    }
    add(std::move(send));
  }

  /// What a send may have beside what is queued: another long message may find no room.
  [[nodiscard]] std::size_t room_left() const {
    const std::size_t longest = longest_message(kind());
    return queue_.bytes() < kShort ? longest - (kind().is_stream() ? queue_.bytes() : 0) : kBesideMuch;
  }

  [[nodiscard]] bool may_send_files() const {
    return family_.descriptors && world_.can(Capability::kRights) && !rights_are_forbidden_;
  }

  /// A second time it would be the same open file again, and receiving it twice could not be detected.
  bool sends_its_socket_first(std::size_t sender) { return own_sockets_of_.insert(sender).second; }

  /// Those that are queued already are received all the same (SO_PASSRIGHTS).
  void forbid_rights() {
    if (rights_are_forbidden_ || queue_.files() == 0 || !world_.model.can_forbid_rights) return;
    rights_are_forbidden_ = true;
    add(step::SetOption{SOL_SOCKET, kit::kSoPassRights, 0});
  }

  void end() {
    if (kind().is_unix() && kind().type == SOCK_DGRAM) return;
    if (kind().is_udp()) return;
    const bool peer_stays_open = !own_sockets_of_.empty();  // the files that were sent have its socket
    if (source_.once_in(3)) {
      add(step::ShutDown{SHUT_RD});
    } else if (peer_stays_open || source_.once_in(2)) {
      add(step::PeerShutsDownWriting{});
    } else {
      add(step::PeerCloses{});
    }
  }

  Call any_call() {
    Call call{.buffers = buffers_for(queue_.bytes(), source_, world_)};
    if (!family_.overlaps && overlap(call.buffers)) call.buffers = {kit::room(source_.between(1, 40))};
    if (call.buffers.size() > kit::kIovMax && !family_.refusals) call.buffers.resize(kit::kIovMax);
    if (world_.can(Capability::kAncbufsize)) {
      if (!family_.narrow_room) {
        call.ancbufsize = kPlenty;
      } else if (!world_.model.default_room || !source_.once_in(8)) {
        call.ancbufsize = any_room(source_);
      }
    }
    if (world_.can(Capability::kFlags)) {
      int flags = 0;
      if (family_.peeks && source_.once_in(4)) flags |= MSG_PEEK;
      if (family_.flags) flags |= other_flags();
      if (flags != 0 || source_.once_in(2)) call.flags = flags;
    }
    if (family_.timeouts && world_.can(Capability::kNonblocking) && source_.once_in(3)) {
      call.timeout = kNoWait;
    } else if (family_.timeouts && (call.flags.value_or(0) & MSG_WAITALL) == 0) {
      call.timeout = any_timeout(source_, world_);
    }
    if (family_.refusals && world_.can(Capability::kArguments) && source_.once_in(48)) spoil(call);
    return call;
  }

  /// An argument that no C int holds, or no system takes.
  void spoil(Call& call) {
    const bool spoils_flags = world_.can(Capability::kFlags) && source_.once_in(2);
    if (spoils_flags) call.flags = call.flags.value_or(0) + any_impossible_flags(source_);
    if (!spoils_flags && world_.can(Capability::kAncbufsize)) call.ancbufsize = any_impossible_room(source_);
  }

  int other_flags() {
    int flags = 0;
    if (source_.once_in(6)) flags |= MSG_TRUNC;
    if (source_.once_in(8)) flags |= MSG_CMSG_CLOEXEC;
    if (source_.once_in(12)) flags |= MSG_CTRUNC;
    if (world_.can(Capability::kSystemWait)) {
      if (source_.once_in(8)) flags |= MSG_DONTWAIT;
      if (kind().is_stream() && source_.once_in(10)) flags |= MSG_WAITALL;
    }
    if (source_.once_in(24)) flags |= MSG_NOSIGNAL;
    return flags;
  }

  /// Tries until it has one that the model can predict, and that does not wait.
  void call() {
    if (kind().is_unix() && !family_.history && source_.once_in(32)) forbid_rights();
    for (int tries = 0; tries < 4; ++tries) {
      Call call = any_call();
      try {
        const bool waits = queue_.would_wait(call) || times_out(call);
        if (waits && (!family_.finds_nothing || !world_.can(Capability::kNonblocking))) continue;
        if (waits) call.timeout = times_out(call) ? shortest_timeout() : kNoWait;
        if (queue_.would_wait(call)) continue;
        kit::ReceiveQueue after = queue_;
        Step start = step::Start{std::move(call)};
        after.apply(start);
        after.apply(step::Finish{});
        queue_ = std::move(after);
        scenario_.steps.push_back(std::move(start));
        scenario_.steps.emplace_back(step::Finish{});
        return;
      } catch (const kit::Unpredictable&) {
      }
    }
  }

  /// Whether it has a timeout, and nothing else ends its wait.
  [[nodiscard]] bool times_out(Call call) const {
    const bool is_timed = call.timeout && *call.timeout != kNoWait;
    call.timeout.reset();
    return is_timed && queue_.would_wait(call);
  }

  /// Seldom one that passes: it takes its time.
  std::chrono::milliseconds shortest_timeout() {
    constexpr std::chrono::milliseconds kSoon{1};
    return world_.timeout_resolution <= kSoon && source_.once_in(3) ? kSoon : kNoWait;
  }

  /// One that finds something, whatever there is: a scenario without a call says nothing.
  void plain_call() {
    Call call{.buffers = {kit::room(4)}};
    if (world_.can(Capability::kAncbufsize)) call.ancbufsize = kPlenty;
    if (queue_.would_wait(call)) add(step::Send{.data = "?"});
    add(step::Start{std::move(call)});
    add(step::Finish{});
  }

  const Family& family_;
  Source& source_;
  const World& world_;
  Scenario scenario_;
  kit::ReceiveQueue queue_;
  bool rights_are_forbidden_ = false;
  std::set<std::size_t> own_sockets_of_;  // senders
};

}  // namespace

Scenario any_scenario(const Family& family, Source& source, const World& world) {
  return Maker(family, source, world).make();
}

std::optional<std::chrono::milliseconds> any_timeout(Source& source, const World& world) {
  if (!world.can(Capability::kTimeout) || !source.once_in(6)) return std::nullopt;
  return world.long_timeout;
}

kit::Bytes any_data(Source& source, std::size_t most) {
  std::size_t length = source.between(1, 24);
  if (source.once_in(10)) length = source.below(2);
  if (source.once_in(10)) length = source.between(25, 300);
  if (source.once_in(100)) length = source.between(301, 9000);
  if (source.once_in(64)) length = size_at_an_edge(source, most);
  kit::Bytes data(std::min(length, most), '\0');
  for (std::size_t i = 0; i < data.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t word = source.next();
    std::memcpy(data.data() + i, &word, std::min(sizeof word, data.size() - i));
  }
  return data;
}

std::size_t longest_message(const SocketKind& kind) {
  return std::min(kLongest, kit::ReceiveQueue::most_data(kind, /*has_ancillary=*/false));
}

std::int64_t any_room(Source& source) {
  if (source.once_in(3)) return source.once_in(4) ? kPlentyForScripts : kPlenty;
  if (source.once_in(24)) return static_cast<std::int64_t>(size_at_an_edge(source, kLongest));
  // Items of nothing, of a few descriptors, of credentials, of addresses: the ends of one or two of them, and a little
  // more or less.
  constexpr std::array<std::size_t, 9> kLengths{0, 1, 4, 8, 12, 16, 20, 24, 28};
  std::size_t room = source.once_in(8) ? 0 : CMSG_LEN(source.pick(kLengths));
  if (source.once_in(3)) room = CMSG_SPACE(source.pick(kLengths)) + CMSG_LEN(source.pick(kLengths));
  if (source.once_in(4)) room = source.below(80);
  const std::size_t more = source.below(3);
  return static_cast<std::int64_t>(room + more > 0 ? room + more - 1 : 0);
}

std::size_t any_times(Source& source) {
  return source.between(1, source.once_in(12) ? 100 : 3);
}

SocketKind any_kind(std::span<const SocketKind> kinds, Source& source, const World& world) {
  if (!world.sockets) return kinds[source.below(kinds.size())];
  std::vector<SocketKind> taken;
  std::ranges::copy_if(kinds, std::back_inserter(taken), [&](const SocketKind& kind) { return world.takes(kind); });
  if (taken.empty()) throw kit::Ended(kit::Cause::kNotDeclared, "its sockets are of none of the law's kinds");
  return source.pick(taken);
}

Step any_packet_option(const SocketKind& kind, Source& source) {
  const int on = source.once_in(8) ? 0 : 1;
  if (kind.family == AF_INET) {
    return step::SetOption{IPPROTO_IP, source.pick({IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR}), on};
  }
  return step::SetOption{IPPROTO_IPV6, source.pick({IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS}), on};
}

Step any_option_of_times(Source& source) {
  return step::SetOption{SOL_SOCKET, source.pick(kOptionsOfTimes), source.once_in(8) ? 0 : 1};
}

std::int64_t any_impossible_room(Source& source) {
  // To an implementation that keeps 32 bits of them, those beyond all memory look like none, or small.
  return source.pick({std::int64_t{-1}, std::int64_t{-4096}, kBeyondMemory, kBeyondMemory + 64, std::int64_t{1} << 62});
}

std::int64_t any_impossible_flags(Source& source) {
  // To an implementation that keeps 32 bits of them, these look like none at all.
  return std::int64_t{1} << source.between(32, 40);
}

void add_call(Scenario& scenario, Call call) {
  scenario.steps.emplace_back(step::Start{std::move(call)});
  scenario.steps.emplace_back(step::Finish{});
}

std::size_t files_sent_by(const Step& step) {
  const auto* send = std::get_if<step::Send>(&step);
  if (send == nullptr) return 0;
  std::size_t files = send->files;
  for (const kit::SentControl& control : send->control) files += kit::files_in(control);
  return files;
}

std::vector<Call> calls_of(const Scenario& scenario) {
  std::vector<Call> calls;
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<step::Start>(&step)) calls.push_back(start->call);
  }
  return calls;
}

Scenario with_calls(const Scenario& scenario, const std::function<void(Call&, std::size_t)>& change) {
  Scenario changed = scenario;
  std::size_t number = 0;
  for (Step& step : changed.steps) {
    if (auto* start = std::get_if<step::Start>(&step)) change(start->call, number++);
  }
  return changed;
}

}  // namespace recvinto::property
