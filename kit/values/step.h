#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "kit/values/call.h"
#include "kit/values/handler_action.h"
#include "kit/values/script.h"
#include "kit/values/sent_control.h"
#include "kit/values/socket_kind.h"

namespace recvinto::kit {

// What a stage can do, as plain data.

/// What a name is bound to, for sockets that are not anonymous.
struct BoundName {
  enum class Kind {
    kUnnamed,    ///< not bound
    kPathname,   ///< a file of `length` bytes of path, 0: a short one; `name`, unless empty, is how its path ends
    kAbstract,   ///< `name`, whose first byte is zero
    kAutobound,  ///< the system chooses (unix(7), "Autobind feature")
  };
  Kind kind = Kind::kUnnamed;
  Bytes name = {};
  std::size_t length = 0;

  friend bool operator==(const BoundName&, const BoundName&) = default;
};

/// Where receiver and sender meet, if not on the loopback address of the receiver's family.
enum class Place {
  kDualStack,  ///< the receiver, of IPv6, has every address, of IPv4 too; the sender is of IPv4
  kLinkLocal,  ///< both have the link-local address of an interface
  kMulticast,  ///< the receiver has joined a group on that interface, and the sender sends to the group
};

namespace step {

/// A sender appears and is bound to `name`; senders count from 0. Sender 0 of a plain scenario is the peer.
struct AddSender {
  BoundName name;

  friend bool operator==(const AddSender&, const AddSender&) = default;
};
/// The receiver, a client, is connected to a server bound to `name`.
struct ConnectTo {
  BoundName name;

  friend bool operator==(const ConnectTo&, const ConnectTo&) = default;
};
struct Send {
  std::size_t sender = 0;
  Bytes data;
  std::size_t files = 0;  ///< how many new files are sent along as SCM_RIGHTS
  int flags = 0;
  std::vector<SentControl> control = {};  ///< control messages behind those of `files`
  bool by_a_child = false;                ///< a process of its own sends it, through the sender's socket

  friend bool operator==(const Send&, const Send&) = default;
};
/// setsockopt(2) with an int value on the receiving socket.
struct SetOption {
  int level = 0;
  int name = 0;
  int value = 0;

  friend bool operator==(const SetOption&, const SetOption&) = default;
};
/// SO_RCVTIMEO of the receiving socket, whose value is no int.
struct SetReceiveTimeout {
  std::chrono::milliseconds time{0};

  friend bool operator==(const SetReceiveTimeout&, const SetReceiveTimeout&) = default;
};
/// setsockopt(2) with an int value on a sender's socket.
struct SetSenderOption {
  std::size_t sender = 0;
  int level = 0;
  int name = 0;
  int value = 0;

  friend bool operator==(const SetSenderOption&, const SetSenderOption&) = default;
};
/// The senders close their own descriptors of all files that were sent.
struct CloseFiles {
  friend bool operator==(const CloseFiles&, const CloseFiles&) = default;
};
/// RLIMIT_NOFILE lets the implementation's process open at most `more` additional descriptors until the next call ends.
struct LimitDescriptors {
  std::size_t more = 0;

  friend bool operator==(const LimitDescriptors&, const LimitDescriptors&) = default;
};
struct PeerShutsDownWriting {
  friend bool operator==(const PeerShutsDownWriting&, const PeerShutsDownWriting&) = default;
};
struct PeerCloses {
  friend bool operator==(const PeerCloses&, const PeerCloses&) = default;
};
/// The peer aborts its connection.
struct PeerResets {
  friend bool operator==(const PeerResets&, const PeerResets&) = default;
};
/// The receiver is no socket at all, but a pipe's reading end.
struct BecomeAPipe {
  friend bool operator==(const BecomeAPipe&, const BecomeAPipe&) = default;
};
/// The receiver is a fresh socket, neither bound nor connected.
struct BecomeBlank {
  friend bool operator==(const BecomeBlank&, const BecomeBlank&) = default;
};
/// Data go the other way, from the receiving socket to the peer.
struct SendBackwards {
  Bytes data;
  int flags = 0;

  friend bool operator==(const SendBackwards&, const SendBackwards&) = default;
};
/// The peer takes what came the other way, once it has come.
struct PeerReads {
  friend bool operator==(const PeerReads&, const PeerReads&) = default;
};
/// A datagram goes from the receiving socket to one of the closed loopback ports.
struct SendToNowhere {
  Bytes data;
  std::size_t port = 0;

  friend bool operator==(const SendToNowhere&, const SendToNowhere&) = default;
};
/// connect(2) of the receiving socket to such a port.
struct ConnectToNowhere {
  friend bool operator==(const ConnectToNowhere&, const ConnectToNowhere&) = default;
};
/// connect(2) of the receiving socket, of UDP, to the peer.
struct ConnectToPeer {
  friend bool operator==(const ConnectToPeer&, const ConnectToPeer&) = default;
};
/// The receiving socket listens.
struct Listen {
  friend bool operator==(const Listen&, const Listen&) = default;
};
/// An error is pending or queued at the receiving socket.
struct AwaitError {
  friend bool operator==(const AwaitError&, const AwaitError&) = default;
};
/// Messages are sent and taken out by the suite, until one comes stamped with its time.
struct AwaitStamps {
  friend bool operator==(const AwaitStamps&, const AwaitStamps&) = default;
};
/// The suite takes out what is queued at the receiving socket.
struct Drain {
  friend bool operator==(const Drain&, const Drain&) = default;
};
/// The peer sends one datagram again and again; the suite takes out those that fitted, and `lost` did not.
struct Flood {
  Bytes data;
  std::size_t times = 0;
  std::size_t lost = 0;

  friend bool operator==(const Flood&, const Flood&) = default;
};
/// shutdown(2) of the receiving socket.
struct ShutDown {
  int how = 0;

  friend bool operator==(const ShutDown&, const ShutDown&) = default;
};
struct InstallHandler {
  int signum = 0;
  HandlerAction action = HandlerAction::kReturn;

  friend bool operator==(const InstallHandler&, const InstallHandler&) = default;
};
/// A call is begun; what follows happens while it waits, until Finish.
struct Start {
  Call call;

  friend bool operator==(const Start&, const Start&) = default;
};
struct AwaitSleep {
  friend bool operator==(const AwaitSleep&, const AwaitSleep&) = default;
};
/// The call is given so much time to return.
struct AwaitAnswer {
  std::chrono::milliseconds at_most{0};

  friend bool operator==(const AwaitAnswer&, const AwaitAnswer&) = default;
};
struct Signal {
  int signum = 0;

  friend bool operator==(const Signal&, const Signal&) = default;
};
struct StopAndContinue {
  friend bool operator==(const StopAndContinue&, const StopAndContinue&) = default;
};
struct Finish {
  friend bool operator==(const Finish&, const Finish&) = default;
};
/// The implementation is asked for CMSG_LEN and CMSG_SPACE.
struct AskCmsgSizes {
  std::vector<std::int64_t> lengths;

  friend bool operator==(const AskCmsgSizes&, const AskCmsgSizes&) = default;
};
/// The implementation's own descriptor of the socket is closed.
struct CloseReceiver {
  friend bool operator==(const CloseReceiver&, const CloseReceiver&) = default;
};
/// Another owner of the receiving socket takes this number of bytes from it by recv(2), which knows no ancillary data.
struct ReadElsewhere {
  std::size_t bytes = 0;

  friend bool operator==(const ReadElsewhere&, const ReadElsewhere&) = default;
};
/// The suite itself makes the call with recvmsg(2) on the receiving socket.
struct ReceiveByTheSuite {
  Call call;

  friend bool operator==(const ReceiveByTheSuite&, const ReceiveByTheSuite&) = default;
};
/// The receives of the next call are answered by the script.
struct Play {
  Script script;

  friend bool operator==(const Play&, const Play&) = default;
};
/// The call is held by the script; then it is let go.
struct AwaitHold {
  friend bool operator==(const AwaitHold&, const AwaitHold&) = default;
};
struct ReleaseHold {
  friend bool operator==(const ReleaseHold&, const ReleaseHold&) = default;
};

/// Every socket of the scenario is opened in a network of the suite's own.
struct EnterPrivateNetwork {
  friend bool operator==(const EnterPrivateNetwork&, const EnterPrivateNetwork&) = default;
};
/// Receiver and sender 0 meet there, not on the loopback address of the receiver's family.
struct MeetAt {
  Place place = Place::kDualStack;

  friend bool operator==(const MeetAt&, const MeetAt&) = default;
};
/// setsockopt(2) with a value of bytes on the socket of sender 0.
struct SetSenderBytes {
  int level = 0;
  int name = 0;
  Bytes value;

  friend bool operator==(const SetSenderBytes&, const SetSenderBytes&) = default;
};
/// A sender sends a message that the receiver will not take.
struct SendUndeliverable {
  std::size_t sender = 0;
  Bytes data;

  friend bool operator==(const SendUndeliverable&, const SendUndeliverable&) = default;
};
/// A datagram with this flow label goes from the receiving socket to a closed port, and the error comes
/// back.
struct SendFlowToNowhere {
  std::uint32_t flow = 0;

  friend bool operator==(const SendFlowToNowhere&, const SendFlowToNowhere&) = default;
};
/// The receiver, of netlink(7), asks the kernel for the list of interfaces.
struct AskForInterfaces {
  friend bool operator==(const AskForInterfaces&, const AskForInterfaces&) = default;
};
/// An interface of the private network changes, and the kernel notifies the group.
struct ChangeInterface {
  friend bool operator==(const ChangeInterface&, const ChangeInterface&) = default;
};
/// So often that the receiver loses one of the messages.
struct OverrunReceiver {
  friend bool operator==(const OverrunReceiver&, const OverrunReceiver&) = default;
};
struct RenameInterface {
  Bytes name;

  friend bool operator==(const RenameInterface&, const RenameInterface&) = default;
};

}  // namespace step

using AnyStep =
    std::variant<step::AddSender, step::ConnectTo, step::Send, step::SetOption, step::SetReceiveTimeout,
                 step::SetSenderOption, step::CloseFiles, step::LimitDescriptors, step::PeerShutsDownWriting,
                 step::PeerCloses, step::PeerResets, step::BecomeAPipe, step::BecomeBlank, step::SendBackwards,
                 step::PeerReads, step::SendToNowhere, step::ConnectToNowhere, step::ConnectToPeer, step::Listen,
                 step::AwaitError, step::AwaitStamps, step::Drain, step::Flood, step::ShutDown, step::InstallHandler,
                 step::Start, step::AwaitSleep, step::AwaitAnswer, step::Signal, step::StopAndContinue, step::Finish,
                 step::AskCmsgSizes, step::CloseReceiver, step::ReadElsewhere, step::ReceiveByTheSuite, step::Play,
                 step::AwaitHold, step::ReleaseHold, step::EnterPrivateNetwork, step::MeetAt, step::SetSenderBytes,
                 step::SendUndeliverable, step::SendFlowToNowhere, step::AskForInterfaces, step::ChangeInterface,
                 step::OverrunReceiver, step::RenameInterface>;

template <typename One, typename Variant>
inline constexpr bool kIsAlternative = false;
template <typename One, typename... Alternatives>
inline constexpr bool kIsAlternative<One, std::variant<Alternatives...>> = (std::is_same_v<One, Alternatives> || ...);

/// One of `step`. A class, so that what copies, moves, destroys and compares its alternatives is compiled in
/// step.cc, and not in each source that holds a Step or a Scenario. std::visit, std::get and std::get_if take it as
/// they take a variant.
struct Step : AnyStep {
  Step();  ///< of the first alternative
  template <typename Alternative>
    requires kIsAlternative<std::remove_cvref_t<Alternative>, AnyStep>
  Step(Alternative&& alternative)  // NOLINT(google-explicit-constructor): as that of a variant
      : AnyStep(std::in_place_type<std::remove_cvref_t<Alternative>>, std::forward<Alternative>(alternative)) {}
  Step(const Step& other);
  Step(Step&& other) noexcept;
  Step& operator=(const Step& other);
  Step& operator=(Step&& other) noexcept;
  ~Step();

  friend bool operator==(const Step& left, const Step& right);
};

/// One line for people: `the peer sends "abc" with 2 descriptors`.
std::string describe(const Step& step);
/// "buffers 4, 10[2:9], 14; ancbufsize 64; flags MSG_PEEK; timeout 100 ms".
std::string describe(const Call& call);

}  // namespace recvinto::kit
