#include "kit/tests/random_scenarios.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <random>
#include <utility>

#include "kit/oracle/receive_queue.h"

namespace recvinto::kit {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;

constexpr std::size_t kMostSteps = 8;
constexpr std::size_t kMostQueued = 6;  // net.unix.max_dgram_qlen may be 10
constexpr std::size_t kTries = 20;

class Maker {
 public:
  Maker(const SocketKind& kind, std::uint64_t seed, const RandomScenarios& what)
      : random_(seed), what_(what), scenario_{kind, {}}, queue_(kind, world_) {
    world_.receiver.emplace();  // its port is known after the performance
  }

  Scenario make() {
    begin();
    const std::size_t count = 1 + below(kMostSteps);
    for (std::size_t i = 0; i < count; ++i) {
      if (chance(2)) {
        try_step(other_step());
      } else {
        call();
      }
    }
    call();
    return std::move(scenario_);
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t of) { return below(of) == 0; }
  template <typename T, std::size_t N>
  const T& one_of(const std::array<T, N>& choices) {
    return choices[below(N)];
  }
  [[nodiscard]] const SocketKind& kind() const { return scenario_.kind; }

  /// Whether the model can tell what comes of it; else it is left out.
  bool try_step(const Step& step) {
    ReceiveQueue after = queue_;
    try {
      after.apply(step);
    } catch (const Unpredictable&) {
      return false;
    }
    queue_ = std::move(after);
    scenario_.steps.push_back(step);
    return true;
  }

  void begin() {
    using enum BoundName::Kind;
    if ((kind() == kUnixStream || kind() == kUnixSeqpacket) && chance(40)) {
      try_step(step::ConnectTo{{.kind = chance(2) ? kPathname : kAutobound}});
    }
    if ((kind() == kUnixDatagram || kind().is_udp()) && chance(4)) {
      const std::size_t count = 1 + below(3);
      for (std::size_t i = 0; i < count; ++i) {
        BoundName name{.kind =
                           kind().is_udp() ? kUnnamed : one_of(std::array{kUnnamed, kPathname, kAbstract, kAutobound})};
        if (name.kind == kAbstract) name.name = "\0recvinto-model-"s + fmt::format("{}-{}", getpid(), random_());
        try_step(step::AddSender{name});
      }
    }
    if (chance(3)) try_step(option());
  }

  Step option() {
    const bool on = !chance(4);
    if (kind().is_unix()) return step::SetOption{SOL_SOCKET, SO_PASSCRED, on};
    if (kind().family == AF_INET) {
      const int name = one_of(std::array{IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR});
      return step::SetOption{IPPROTO_IP, name, on};
    }
    const int name = one_of(std::array{IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVORIGDSTADDR});
    return step::SetOption{IPPROTO_IPV6, name, on};
  }

  Step sender_option() {
    const std::size_t sender = below(3);
    const int value = static_cast<int>(below(256));
    if (kind().family == AF_INET) return step::SetSenderOption{sender, IPPROTO_IP, chance(2) ? IP_TTL : IP_TOS, value};
    return step::SetSenderOption{sender, IPPROTO_IPV6, chance(2) ? IPV6_UNICAST_HOPS : IPV6_TCLASS, value};
  }

  Bytes data() {
    Bytes bytes(chance(8) ? 0 : chance(20) ? 1000 + below(10'000) : 1 + below(12), '\0');
    for (char& byte : bytes) byte = static_cast<char>('a' + random_() % 26);
    return bytes;
  }

  SentControl control() {
    switch (below(6)) {
      case 0:
        return sent::OwnSocket{};
      case 1:
      case 2:
        return sent::Credentials{};
      case 3: {
        sent::Credentials other;
        if (getuid() == 0)
          other = {.pid = {}, .uid = static_cast<uid_t>(below(2)), .gid = static_cast<gid_t>(below(2))};
        return other;
      }
      default:
        return sent::Rights{.files = below(4), .more = chance(4) ? "abc" : ""};
    }
  }

  Step send() {
    step::Send send{.data = data()};
    if (queue_.senders() > 1) send.sender = below(queue_.senders());
    if (kind().is_unix() && chance(3)) {
      send.files = chance(20) ? 1 + below(253) : 1 + below(4);
    } else if (kind().is_unix() && chance(4)) {
      for (std::size_t i = 1 + below(3); i != 0; --i) send.control.push_back(control());
    } else if (chance(8)) {
      send.flags = MSG_EOR;
    }
    return send;
  }

  Step end() {
    switch (below(6)) {
      case 0:
        return step::PeerShutsDownWriting{};
      case 1:
      case 2:
        return step::PeerCloses{};
      case 3:
        return step::PeerResets{};
      default:
        return step::ShutDown{one_of(std::array{int{SHUT_RD}, int{SHUT_WR}, int{SHUT_RDWR}})};
    }
  }

  Step other_step() {
    if (queue_.messages() < kMostQueued && !chance(3)) return send();
    switch (below(12)) {
      case 0:
      case 1:
        return option();
      case 2:
      case 3:
        return end();
      case 4:
        return step::SendBackwards{data()};
      case 5:
        return step::ReadElsewhere{below(6)};
      case 6:
        return step::Drain{};
      case 7:
        return step::CloseFiles{};
      case 8:
        return step::ConnectToPeer{};
      case 9:
        if (kind().is_udp()) return sender_option();
        return option();
      default:
        return queue_.messages() < kMostQueued ? send() : Step(step::CloseFiles{});
    }
  }

  std::vector<Buffer> buffers() {
    if (chance(200)) return rooms(1025, 1);
    if (chance(20)) return rooms(1 + below(3), 4000);
    std::vector<Buffer> list;
    for (std::size_t i = below(5); i != 0; --i) {
      const std::size_t size = below(8);
      if (!list.empty() && chance(6)) {
        const std::size_t whole = list[0].size;
        const std::size_t from = below(whole + 1);
        list.push_back(part_of(0, from, from + below(whole - from + 1)));
      } else if (chance(4)) {
        const std::size_t from = below(size + 1);
        list.push_back(slice(size, from, from + below(size - from + 1), chance(2) ? "\xee" : "xyz"));
      } else {
        list.push_back(room(size));
      }
    }
    return list;
  }

  Call random_call() {
    Call call{.buffers = buffers()};
    if (!chance(5)) call.ancbufsize = chance(4) ? 1200 : static_cast<std::int64_t>(below(90));
    if (chance(2)) {
      int flags = 0;
      if (chance(2)) flags |= MSG_PEEK;
      if (chance(4)) flags |= MSG_TRUNC;
      if (chance(4)) flags |= MSG_WAITALL;
      if (chance(4)) flags |= MSG_DONTWAIT;
      if (chance(6)) flags |= MSG_CMSG_CLOEXEC;
      if (chance(10)) flags |= MSG_CTRUNC;
      if (chance(10)) flags |= MSG_NOSIGNAL | MSG_EOR | MSG_MORE;
      if (chance(16)) flags |= MSG_ERRQUEUE;
      if (chance(16)) flags |= MSG_OOB;
      call.flags = flags;
    }
    if (chance(3)) call.timeout = milliseconds(0);
    if (what_.capabilities.contains(Capability::kTimeout) && chance(24)) call.timeout = milliseconds(2);
    if (what_.capabilities.contains(Capability::kArguments) && chance(100)) {
      if (chance(2))
        call.flags = std::int64_t{1} << 33;
      else
        call.ancbufsize = -1;
    }
    if (chance(100)) call.flags = -1 - static_cast<std::int64_t>(below(5));
    return call;
  }

  /// Ends the wait of the call that was started.
  bool end_the_wait() {
    if (chance(2)) try_step(step::AwaitSleep{});
    for (std::size_t i = 0; i < kTries && queue_.is_waiting(); ++i) {
      if (chance(5)) {
        try_step(end());
      } else {
        try_step(send());
      }
    }
    return !queue_.is_waiting();
  }

  void play() {
    Script script;
    script.readable = chance(2);
    for (std::size_t i = below(3); i != 0; --i) script.steps.push_back(interrupted_by(SIGUSR1));
    if (!script.steps.empty()) try_step(step::InstallHandler{SIGUSR1, HandlerAction::kReturn});
    if (chance(2)) {
      script.steps.push_back(pass());
    } else if (chance(3)) {
      script.steps.push_back(fails(chance(2) ? ENOBUFS : EAGAIN));
    } else {
      answer::Result result{.data = data()};
      if (chance(2)) result.control.push_back({.type = SCM_RIGHTS, .files = 1 + below(3)});
      if (chance(3)) result.control.push_back({.level = IPPROTO_IP, .type = 99, .data = data()});
      if (chance(3)) result.msg_flags = MSG_EOR;
      script.steps.push_back(gives(std::move(result)));
    }
    try_step(step::Play{std::move(script)});
  }

  void call() {
    const ReceiveQueue before = queue_;
    const std::size_t steps = scenario_.steps.size();
    for (std::size_t i = 0; i < kTries; ++i) {
      if (what_.scripts && chance(4)) play();
      Call call = random_call();
      if (queue_.would_wait(call) && (!what_.waits || !chance(4))) call.timeout = milliseconds(0);
      if (try_step(step::Start{std::move(call)}) && (!queue_.is_waiting() || end_the_wait()) &&
          try_step(step::Finish{})) {
        return;
      }
      queue_ = before;
      scenario_.steps.resize(steps, step::Finish{});
    }
  }

  std::mt19937_64 random_;
  const RandomScenarios& what_;
  ModelWorld world_ = this_world();
  Scenario scenario_;
  ReceiveQueue queue_;
};

}  // namespace

Scenario random_scenario(const SocketKind& kind, std::uint64_t seed, const RandomScenarios& what) {
  return Maker(kind, seed, what).make();
}

}  // namespace recvinto::kit
