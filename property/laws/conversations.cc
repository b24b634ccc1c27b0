// Whole conversations: stateful model tests (rc::state), whose model is that of the receive queue.

#include <netinet/in.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include "kit/oracle/receive_queue.h"
#include "kit/values/unix_options.h"
#include "property/framework/answers.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Capability;
using kit::Scenario;
using kit::Step;
namespace step = kit::step;

constexpr std::size_t kMostInQueue = 6;
constexpr int kSize = 12;  // RapidCheck's: the approximate number of commands

/// What is known when a command is chosen.
struct Conversation {
  const World* world;
  kit::ReceiveQueue queue;
};

/// What the commands add up to: a scenario to be performed.
using Steps = std::vector<Step>;

/// Steps that belong together. A command is a choice of them, made when it is generated.
class Command : public rc::state::Command<Conversation, Steps> {
 public:
  void checkPreconditions(const Conversation& conversation) const override {
    // Not RC_PRE, which puts its condition into words each time.
    if (steps_.empty()) RC_DISCARD("there is nothing to do");
    try {
      kit::ReceiveQueue queue = conversation.queue;
      for (const Step& step : steps_) {
        const auto* start = std::get_if<step::Start>(&step);
        if (start != nullptr && queue.would_wait(start->call)) RC_DISCARD("the call would wait");
        queue.apply(step);
      }
    } catch (const kit::Unpredictable&) {
      RC_DISCARD("the model cannot tell what comes of it");
    }
  }
  void apply(Conversation& conversation) const override {
    for (const Step& step : steps_) conversation.queue.apply(step);
  }
  void run(const Conversation& /*before*/, Steps& steps) const override {
    steps.insert(steps.end(), steps_.begin(), steps_.end());
  }

 protected:
  /// Each command draws its choices from a number of RapidCheck's.
  static Source source() { return Source(*rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>())); }
  void add(Step step) { steps_.push_back(std::move(step)); }

 private:
  Steps steps_;
};

class Sends : public Command {
 public:
  explicit Sends(const Conversation& now) {
    Source random = source();
    if (now.queue.messages() >= kMostInQueue || !now.queue.can_send(0)) return;
    step::Send send{.data = any_data(random)};
    const bool is_unix = now.queue.kind().is_unix();
    if (is_unix && now.world->can(Capability::kRights) && random.once_in(2)) send.files = random.between(1, 4);
    if (is_unix && now.world->reports(kCredentialsItem) && random.once_in(4)) {
      send.control.emplace_back(kit::sent::Credentials{});
    }
    if (send.files != 0) send.control.clear();
    add(std::move(send));
  }
};

class Receives : public Command {
 public:
  explicit Receives(const Conversation& now) {
    Source random = source();
    add_receive(now, random);
  }

 protected:
  Receives() = default;
  void add_receive(const Conversation& now, Source& random, int flags = 0) {
    const World& world = *now.world;
    Call call{.buffers = any_buffers(random, world)};
    if (call.buffers.size() > 64) call.buffers.resize(64);
    const bool may_be_left_out = world.model.default_room.has_value();
    if (world.can(Capability::kAncbufsize) && !(may_be_left_out && random.once_in(6))) {
      call.ancbufsize = any_room(random);
    }
    if (world.can(Capability::kFlags)) {
      if (random.once_in(8)) flags |= MSG_TRUNC;
      if (random.once_in(8)) flags |= MSG_CMSG_CLOEXEC;
      if (world.can(Capability::kSystemWait) && random.once_in(8)) flags |= MSG_WAITALL;
      call.flags = flags;
    }
    try {
      if (world.can(Capability::kNonblocking) && (now.queue.would_wait(call) || random.once_in(3))) {
        call.timeout = std::chrono::milliseconds(0);
      }
    } catch (const kit::Unpredictable&) {
      return;
    }
    add(step::Start{std::move(call)});
    add(step::Finish{});
  }
};

class Peeks : public Receives {
 public:
  explicit Peeks(const Conversation& now) {
    if (!now.world->can(Capability::kFlags)) return;
    Source random = source();
    add_receive(now, random, MSG_PEEK);
  }
};

/// The call that follows is interrupted a few times.
class IsInterrupted : public Receives {
 public:
  explicit IsInterrupted(const Conversation& now) {
    const World& world = *now.world;
    if (!world.scripts || !world.can(Capability::kSignals) || !world.can(Capability::kRecvmsg)) return;
    Source random = source();
    add(step::InstallHandler{SIGUSR1, kit::HandlerAction::kReturn});
    add(step::Play{
        {.steps = kit::times(random.between(1, 3), kit::interrupted_by(SIGUSR1), {kit::pass()}), .readable = false}});
    add_receive(now, random);
  }
};

class ChangesAnOption : public Command {
 public:
  explicit ChangesAnOption(const Conversation& now) {
    if (!now.world->can(Capability::kAllItems)) return;
    Source random = source();
    const kit::SocketKind& kind = now.queue.kind();
    if (kind.is_unix()) {
      add(unix_option(*now.world, random));
    } else if (kind.is_udp()) {
      add(any_packet_option(kind, random));
    }
  }

 private:
  static Step unix_option(const World& world, Source& random) {
    const auto set = [&](int name) { return step::SetOption{SOL_SOCKET, name, static_cast<int>(random.below(2))}; };
    if (world.pidfds && random.once_in(6)) return set(kit::kSoPassPidfd);
    if (world.model.can_forbid_rights && random.once_in(4)) return set(kit::kSoPassRights);
    return set(SO_PASSCRED);
  }
};

/// From then on the packets of the peer have other items.
class ChangesAnOptionOfThePeer : public Command {
 public:
  explicit ChangesAnOptionOfThePeer(const Conversation& now) {
    const kit::SocketKind& kind = now.queue.kind();
    if (!kind.is_udp() || !now.world->can(Capability::kAllItems)) return;
    Source random = source();
    const bool v4 = kind.family == AF_INET;
    const int name = random.once_in(2) ? (v4 ? IP_TTL : IPV6_UNICAST_HOPS) : (v4 ? IP_TOS : IPV6_TCLASS);
    add(step::SetSenderOption{0, v4 ? IPPROTO_IP : IPPROTO_IPV6, name, static_cast<int>(random.between(1, 255))});
  }
};

/// What the peer does not read before it closes makes a reset of its end.
class TalksBack : public Command {
 public:
  explicit TalksBack(const Conversation& now) {
    const kit::SocketKind& kind = now.queue.kind();
    if (kind.is_udp() || kind == kit::kUnixDatagram) return;
    add(step::SendBackwards{"back"});
  }
};

class LosesBytesToAnotherReader : public Command {
 public:
  explicit LosesBytesToAnotherReader(const Conversation& now) {
    Source random = source();
    if (now.queue.bytes() != 0) add(step::ReadElsewhere{random.between(1, now.queue.bytes())});
  }
};

class ClosesFiles : public Command {
 public:
  explicit ClosesFiles(const Conversation& now) {
    if (now.queue.files_sent() != 0) add(step::CloseFiles{});
  }
};

class Ends : public Command {
 public:
  explicit Ends(const Conversation& now) {
    Source random = source();
    if (!random.once_in(4)) return;  // or there would be little conversation
    if (now.queue.has_an_end() && !random.once_in(4)) return;
    switch (random.below(5)) {
      case 0:
        add(step::PeerShutsDownWriting{});
        break;
      case 1:
        add(step::ShutDown{random.pick({int{SHUT_RD}, int{SHUT_WR}, int{SHUT_RDWR}})});
        break;
      case 2:
        if (now.queue.kind().is_tcp()) {
          add(step::PeerResets{});
          break;
        }
        [[fallthrough]];
      default:
        add(step::PeerCloses{});
        break;
    }
  }
};

Scenario any_conversation(Source& source, const World& world) {
  // Those of unix sockets have most to tell of.
  const bool takes_unix_sockets = std::ranges::any_of(kit::kUnixKinds, [&](auto& kind) { return world.takes(kind); });
  const bool is_any = source.once_in(3) || !takes_unix_sockets;
  const kit::SocketKind kind =
      is_any ? any_kind(kit::kEveryKind, source, world) : any_kind(kit::kUnixKinds, source, world);
  const Conversation beginning{&world, kit::ReceiveQueue(kind, world.model)};
  // Some stand twice: they are likelier.
  const auto commands = rc::state::gen::commands(
      beginning, rc::state::gen::execOneOfWithArgs<Sends, Sends, Sends, Receives, Receives, Receives, Peeks,
                                                   IsInterrupted, ChangesAnOption, ChangesAnOptionOfThePeer, TalksBack,
                                                   LosesBytesToAnotherReader, ClosesFiles, Ends>());
  Scenario scenario{kind, {}};
  Conversation conversation = beginning;
  for (const auto& command : commands(rc::Random(source.next()), kSize).value()) {
    command->run(conversation, scenario.steps);
    command->apply(conversation);
  }
  if (calls_of(scenario).empty()) {
    Call call{.buffers = {kit::room(4)}, .timeout = std::chrono::milliseconds(0)};
    if (world.can(Capability::kAncbufsize)) call.ancbufsize = kPlenty;
    add_call(scenario, std::move(call));
  }
  return scenario;
}

}  // namespace

std::vector<Law> conversation_laws() {
  using enum kit::Capability;
  return {
      {.name = "ConversationMatchesTheModel",
       .sentence = "However sends, calls, looks, signals, other readers, options, ends and resets follow each other, "
                   "each call returns what the model of the queue predicts.",
       .needs = {kNonblocking},
       .generate = any_conversation,
       .judge = [](std::span<const Performance> performances,
                   const World& world) { return unlike_the_model(performances[0], world); },
       .must_show = {"several calls", "several sends", "descriptors", "credentials", "a peek", "the end", "cut items"}},
  };
}

}  // namespace recvinto::property
