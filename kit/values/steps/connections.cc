// Receiving sockets and their senders.

#include <fmt/format.h>
#include <sys/socket.h>

#include <string>

#include "kit/values/bytes.h"
#include "kit/values/steps/step_form.h"

namespace recvinto::kit {
namespace {

std::string describe_name(const BoundName& name) {
  switch (name.kind) {
    case BoundName::Kind::kUnnamed:
      return "without a name";
    case BoundName::Kind::kPathname:
      if (!name.name.empty()) return fmt::format("bound to a pathname that ends with {}", readable(name.name));
      return name.length == 0 ? "bound to a pathname" : fmt::format("bound to a pathname of {} bytes", name.length);
    case BoundName::Kind::kAbstract:
      return fmt::format("bound to the abstract name {}", readable(name.name));
    case BoundName::Kind::kAutobound:
      return "bound to a name of the system's choice";
  }
  return {};
}

std::string_view describe_place(Place place) {
  switch (place) {
    case Place::kDualStack:
      return "over IPv4 on an IPv6 socket";
    case Place::kLinkLocal:
      return "on a link-local address";
    case Place::kMulticast:
      return "in a multicast group";
  }
  return {};
}

}  // namespace

template <>
struct Words<BoundName::Kind> {
  using enum BoundName::Kind;
  static constexpr std::array<std::pair<BoundName::Kind, std::string_view>, 4> kWords{
      {{kUnnamed, "unnamed"}, {kPathname, "pathname"}, {kAbstract, "abstract"}, {kAutobound, "autobound"}}};
};
template <>
struct Words<Place> {
  static constexpr std::array<std::pair<Place, std::string_view>, 3> kWords{
      {{Place::kDualStack, "dual_stack"}, {Place::kLinkLocal, "link_local"}, {Place::kMulticast, "multicast"}}};
};

template <>
struct Shape<BoundName> {
  static constexpr std::size_t kLongest = 108;  // unix(7): sun_path
  static constexpr std::tuple kFields{required("kind", &BoundName::kind), optional("name", &BoundName::name),
                                      optional<UpTo<kLongest>>("length", &BoundName::length)};

  /// A file may bind names in the directory of the scenario, and nowhere else.
  static void check(const BoundName& name, const JsonValue& place) {
    if (name.name.size() > kLongest) place.complain("the name has more than 108 bytes");
    if (name.kind == BoundName::Kind::kPathname && name.name.find_first_of(std::string_view("/\0", 2)) != Bytes::npos) {
      place.complain("the end of a pathname has neither a slash nor a zero byte");
    }
    if (name.kind == BoundName::Kind::kAbstract && !name.name.starts_with('\0')) {
      place.complain("an abstract name begins with a zero byte");
    }
  }
};
template <>
inline constexpr std::string_view kDefinition<BoundName> = "bound_name";

template <>
struct Shape<step::AddSender> {
  static constexpr std::string_view kName = "add_sender";
  static constexpr std::string_view kMeaning = "A sender appears, bound to a name.";
  static constexpr std::tuple kFields{optional("name", &step::AddSender::name)};

  static std::string describe(const step::AddSender& step) {
    return fmt::format("a sender appears, {}", describe_name(step.name));
  }
  static step::AddSender example() { return {{.kind = BoundName::Kind::kPathname, .name = "\xff-", .length = 108}}; }
};
template <>
struct Shape<step::ConnectTo> {
  static constexpr std::string_view kName = "connect_to";
  static constexpr std::string_view kMeaning = "The receiver connects to a server bound to a name.";
  static constexpr std::tuple kFields{optional("name", &step::ConnectTo::name)};

  static std::string describe(const step::ConnectTo& step) {
    return fmt::format("the receiver connects to a server {}", describe_name(step.name));
  }
  static step::ConnectTo example() { return {{.kind = BoundName::Kind::kAbstract, .name = Bytes("\0abc", 4)}}; }
};
template <>
struct Shape<step::ConnectToNowhere> : NoFields {
  static constexpr std::string_view kName = "connect_to_nowhere";
  static constexpr std::string_view kWords = "the receiver connects to a closed port";
};
template <>
struct Shape<step::ConnectToPeer> : NoFields {
  static constexpr std::string_view kName = "connect_to_peer";
  static constexpr std::string_view kWords = "the receiver connects to sender 0";
};
template <>
struct Shape<step::Listen> : NoFields {
  static constexpr std::string_view kName = "listen";
  static constexpr std::string_view kWords = "the receiver listens";
};
template <>
struct Shape<step::BecomeAPipe> : NoFields {
  static constexpr std::string_view kName = "become_a_pipe";
  static constexpr std::string_view kWords = "the receiver is a pipe's reading end";
};
template <>
struct Shape<step::BecomeBlank> : NoFields {
  static constexpr std::string_view kName = "become_blank";
  static constexpr std::string_view kWords = "the receiver is neither bound nor connected";
};
template <>
struct Shape<step::MeetAt> {
  static constexpr std::string_view kName = "meet_at";
  static constexpr std::string_view kMeaning = "Where receiver and sender 0 are.";
  static constexpr std::tuple kFields{required("place", &step::MeetAt::place)};

  static std::string describe(const step::MeetAt& step) {
    return fmt::format("receiver and sender meet {}", describe_place(step.place));
  }
  static step::MeetAt example() { return {Place::kMulticast}; }
};
template <>
struct Shape<step::PeerShutsDownWriting> : NoFields {
  static constexpr std::string_view kName = "peer_shuts_down_writing";
  static constexpr std::string_view kWords = "the peer shuts down its writing side";
};
template <>
struct Shape<step::PeerCloses> : NoFields {
  static constexpr std::string_view kName = "peer_closes";
  static constexpr std::string_view kWords = "the peer closes";
};
template <>
struct Shape<step::PeerResets> : NoFields {
  static constexpr std::string_view kName = "peer_resets";
  static constexpr std::string_view kWords = "the peer aborts the connection";
};
template <>
struct Shape<step::ShutDown> {
  static constexpr std::string_view kName = "shut_down";
  static constexpr std::string_view kMeaning = "shutdown(2) of the receiver: SHUT_RD, SHUT_WR, SHUT_RDWR.";
  static constexpr std::tuple kFields{required<Within<int, 0, 2>>("how", &step::ShutDown::how)};

  static std::string describe(const step::ShutDown& step) {
    return fmt::format("shutdown({}) of the receiver", step.how == SHUT_RD   ? "SHUT_RD"
                                                       : step.how == SHUT_WR ? "SHUT_WR"
                                                                             : "SHUT_RDWR");
  }
  static step::ShutDown example() { return {SHUT_RDWR}; }
};

std::span<const StepForm> connection_steps() {
  static constexpr auto kForms =
      forms_of<step::AddSender, step::ConnectTo, step::ConnectToNowhere, step::ConnectToPeer, step::Listen,
               step::BecomeAPipe, step::BecomeBlank, step::MeetAt, step::PeerShutsDownWriting, step::PeerCloses,
               step::PeerResets, step::ShutDown>();
  return kForms;
}

}  // namespace recvinto::kit
