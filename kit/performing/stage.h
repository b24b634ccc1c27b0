#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "kit/host/child_sender.h"
#include "kit/host/control_bytes.h"
#include "kit/host/descriptor_limit.h"
#include "kit/host/sockets.h"
#include "kit/host/temporary_directory.h"
#include "kit/performing/descriptor_watch.h"
#include "kit/performing/script_play.h"
#include "kit/performing/sender.h"
#include "kit/performing/socket_reuse.h"
#include "kit/performing/stage_network.h"
#include "kit/subjects/implementation.h"
#include "kit/values/observation.h"
#include "kit/values/step.h"
#include "kit/values/verdict.h"
#include "recvinto/unique_fd.h"

namespace recvinto::kit {

struct Scenario;

/// A message that was still in the receiver's queue, taken out by the suite itself.
struct QueuedMessage {
  Bytes data;
  std::size_t descriptors = 0;

  friend bool operator==(const QueuedMessage&, const QueuedMessage&) = default;
};

/// True for a step that makes the receiving socket what it is, or is not about it.
template <typename SomeStep>
inline constexpr bool kNeedsNoSocket =
    kIsAnyOf<SomeStep, step::AddSender, step::ConnectTo, step::BecomeAPipe, step::BecomeBlank, step::Listen,
             step::MeetAt, step::CloseFiles, step::InstallHandler, step::Signal, step::StopAndContinue,
             step::AskCmsgSizes, step::SendUndeliverable, step::RenameInterface>;
/// True for a step that is about a pending call.
template <typename SomeStep>
inline constexpr bool kIsOfACall = kIsAnyOf<SomeStep, step::AwaitSleep, step::AwaitAnswer, step::Finish>;
/// True for a step that is about a receive which a script answers.
template <typename SomeStep>
inline constexpr bool kIsOfAPlay = kIsAnyOf<SomeStep, step::AwaitHold, step::ReleaseHold>;

/// One receiving socket, its senders, and the implementation that is to receive from it. Performs a scenario step by
/// step and records it.
///
/// Sending returns when the data has arrived in the receiver's queue, so a call that follows finds it. Setup failures
/// throw std::system_error: a fault of the suite or the host, not of the implementation.
class Stage {
 public:
  /// `permitted`: the capabilities that the check declared to need; a call that needs another is a fault of the check.
  Stage(Implementation& implementation, const SocketKind& kind, Capabilities permitted);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] const SocketKind& kind() const;

  /// Begins another scenario, on a socket of that kind, with an empty record. Reuses files of earlier scenarios and, if
  /// sockets are scarce, a receiving socket that one of them left reusable.
  void begin_again(const SocketKind& kind);

  /// Performs a step and records it. Returns the observation if the step ends a call.
  std::optional<Observation> act(const Step& step);

  // Claims spell steps as calls of these functions, each of which is act() of one step.

  // Senders. A stage to which none was added has one, the peer: sender 0.
  std::size_t add_sender(const BoundName& name = {});
  /// Unix stream and seqpacket: the receiver becomes a client of a server bound to `name`, which is sender 0.
  void connect_to_server(const BoundName& name);
  /// Where data from this sender comes from; `nullopt` if its socket has no name, or there is no such sender.
  [[nodiscard]] std::optional<Address> address_of(std::size_t sender) const {
    return sender < senders_.size() ? senders_[sender].address : std::nullopt;
  }
  /// The same for a sender that the system has named since it was added (unix(7), Autobind feature).
  [[nodiscard]] std::optional<Address> address_now_of(std::size_t sender) const;

  /// `files` new files are sent as SCM_RIGHTS; files count from 0 over the whole stage.
  void send(const Bytes& data, std::size_t files = 0, std::size_t sender = 0, int flags = 0);
  /// Unix: with these control messages. A sender's own socket that is sent stays open until close_files(), too.
  /// Throws EnvironmentLacks if this process may not send such credentials.
  void send_with(const Bytes& data, const std::vector<SentControl>& control, std::size_t sender = 0);
  /// Unix: a child of this process sends it through the sender's socket, and lives as long as the stage. Its pid.
  pid_t send_from_a_child(const Bytes& data, const std::vector<SentControl>& control = {}, std::size_t sender = 0);
  /// The senders close their own descriptors of the files that they have sent.
  void close_files();
  /// setsockopt(2) on the receiving socket; throws EnvironmentLacks if this host has no such option, or forbids it.
  void set_option(int level, int name, int value);
  void set_sender_option(int level, int name, int value, std::size_t sender = 0);
  /// SO_RCVTIMEO of the receiving socket.
  void set_receive_timeout(std::chrono::milliseconds time);
  void peer_shuts_down_writing();
  void peer_closes();
  /// TCP: the peer aborts the connection.
  void peer_resets();
  void shut_down(int how);
  /// During the next call the implementation's process can open at most `more` additional descriptors.
  void limit_descriptors(std::size_t more);
  /// How many descriptors the implementation's process has open, those of the pool among them.
  [[nodiscard]] std::size_t count_descriptors() const;
  /// Throws EnvironmentLacks if the implementation's process has other process or user ids than this one: credentials
  /// name others there.
  void require_shared_ids() const;
  /// The other direction: from the receiving socket to the peer. Returns the error, since the implementation may have
  /// broken the socket.
  std::error_code send_backwards(const Bytes& data, int flags = 0);
  Bytes peer_reads();

  // TCP and UDP (inet.cc).
  /// UDP: a datagram from the receiving socket to a loopback port that stays closed while the stage exists; `port`
  /// distinguishes several. If the socket gets the error, returns when it has. Returns the destination.
  Address send_to_nowhere(const Bytes& data, std::size_t port = 0);
  /// The receiving socket is connected to such a port: port 0 of send_to_nowhere(). TCP fails to, without waiting.
  void connect_to_nowhere();
  /// UDP: the receiving socket is connected to the peer.
  void connect_to_peer();
  /// The receiving socket is bound and listens.
  void listen_for_connections();
  /// Waits until the receiving socket has an error, pending or queued (POLLERR).
  void await_error();
  /// Linux begins to timestamp packets a while after the option is set: sends and takes out messages until one has a
  /// timestamp.
  void await_stamps();
  /// UDP: sends `data` that many times without waiting, and takes out the messages that fitted. Returns how many were
  /// lost.
  std::size_t flood(const Bytes& data, std::size_t times);

  // Other networks, and sockets other than unix, TCP and UDP (networks.cc).
  /// All sockets of this stage are opened in the private network. Before all other steps. Throws EnvironmentLacks.
  void enter_private_network();
  /// UDP of IPv6: opens the receiver, and sender 0, to meet at `place`. All but the dual stack need the private
  /// network.
  void meet_at(Place place);
  void set_sender_bytes(int level, int name, const Bytes& value);
  /// Sends a message that will not arrive; does not wait for it.
  void send_undeliverable(const Bytes& data, std::size_t sender);
  /// UDP of IPv6: a datagram with this flow label goes from the receiving socket to a closed loopback port; returns
  /// when the error is queued (IPV6_RECVERR). Returns the destination.
  Address send_flow_to_nowhere(std::uint32_t flow);
  /// Netlink: the receiver asks the kernel for the list of interfaces; the answer is there on return.
  void ask_for_interfaces();
  /// An interface of the private network changes, which the kernel announces to the group RTNLGRP_LINK.
  void change_interface();
  /// Does so until the receiver has lost a message.
  void overrun_receiver();
  /// Renames the interface of the private network, until the stage ends.
  void rename_interface(const Bytes& name);
  /// CMSG_LEN and CMSG_SPACE, as the implementation has them.
  CmsgSizes cmsg_sizes(const std::vector<std::int64_t>& lengths);

  // The call, whole or in parts.
  Observation receive(const Call& call) {
    start(call);
    return finish();
  }
  void start(const Call& call);
  /// Waits until the call sleeps; false if it has an answer already.
  bool await_sleep();
  void install_handler(int signum, HandlerAction action);
  void signal(int signum);
  void stop_and_continue();
  /// Of concurrent calls on this stage and on others: whether the first answer is that of the one that was started
  /// here. Waits for it.
  [[nodiscard]] bool is_first_answered() { return caller_.first_answered() == call_number_; }
  bool answers_within(std::chrono::milliseconds time);
  Observation finish();

  /// The script answers the receives of the next call, whose observation has the log. Only if the implementation runs
  /// under a scripted kernel.
  void play(Script script);
  /// Waits until the script holds a receive; throws if none comes.
  void await_hold();
  void release_hold();

  /// Closes the receiving descriptor in the implementation's process; concurrent calls may wait on it.
  void close_receiver();
  /// The number of that descriptor.
  [[nodiscard]] int receiver_there() const { return supplied_->name.number; }
  /// The receiver is no socket at all, but a pipe's reading end.
  void become_a_pipe();
  /// The receiver is a fresh socket, neither bound nor connected.
  void become_blank();
  /// Another reader takes that many bytes by recv(2) through the suite's duplicate, without waiting. Throws TookMore if
  /// fewer are left.
  void read_elsewhere(std::size_t bytes);
  /// The suite itself makes the call, with recvmsg(2) through its own duplicate.
  Observation receive_by_the_suite(const Call& call);
  /// getsockopt(2) of the receiving socket, of an int value.
  [[nodiscard]] int option(int level, int name);

  /// Takes out what is left in the receiver's queue, through our own duplicate. A stream is one message.
  std::vector<QueuedMessage> drain();
  /// Our duplicate of the receiving socket.
  [[nodiscard]] int receiver();
  /// Calls on this stage, to which nothing was done yet, receive from the socket of the other one.
  void share_socket_of(Stage& other);

  /// From now on neither scenario() nor history() has steps: who performs a scenario has it already.
  void keep_no_record() { keeps_record_ = false; }
  /// Nothing was performed yet.
  [[nodiscard]] bool is_fresh() const { return is_fresh_; }
  [[nodiscard]] const Scenario& scenario() const;
  /// Steps and, after each call, its observation, which stands for the step Finish.
  using Event = std::variant<Step, Observation>;
  [[nodiscard]] const std::vector<Event>& history() const;

 private:
  // act() of a step of that type; returns what perform() of it does (act.h).
  template <typename SomeStep>
  auto act_one(const SomeStep& step);
  // What a step needs before it is recorded and performed; throws if it cannot be had.
  template <typename SomeStep>
  void prepare_for(const SomeStep& step);
  void prepare_for(const step::ConnectToNowhere& step);
  void prepare_for(const step::EnterPrivateNetwork& step);
  void prepare_for(const step::Start& step);
  template <typename SomeStep>
  void record(const SomeStep& step);
  // In the history stands the observation instead.
  void record(const step::Finish& step);

  // What steps do.
  std::size_t perform(const step::AddSender& step);
  void perform(const step::ConnectTo& step);
  void perform(const step::Send& step);
  void perform(const step::SetOption& step);
  void perform(const step::SetReceiveTimeout& step);
  void perform(const step::SetSenderOption& step);
  void perform(const step::CloseFiles& step);
  void perform(const step::LimitDescriptors& step);
  void perform(const step::PeerShutsDownWriting& step);
  void perform(const step::PeerCloses& step);
  void perform(const step::PeerResets& step);
  void perform(const step::BecomeAPipe& step);
  void perform(const step::BecomeBlank& step);
  std::error_code perform(const step::SendBackwards& step);
  Bytes perform(const step::PeerReads& step);
  Address perform(const step::SendToNowhere& step);
  void perform(const step::ConnectToNowhere& step);
  void perform(const step::ConnectToPeer& step);
  void perform(const step::Listen& step);
  void perform(const step::AwaitError& step);
  void perform(const step::AwaitStamps& step);
  std::vector<QueuedMessage> perform(const step::Drain& step);
  std::size_t perform(const step::Flood& step);
  void perform(const step::ShutDown& step);
  void perform(const step::InstallHandler& step);
  void perform(const step::Start& step);
  bool perform(const step::AwaitSleep& step);
  bool perform(const step::AwaitAnswer& step);
  void perform(const step::Signal& step);
  void perform(const step::StopAndContinue& step);
  Observation perform(const step::Finish& step);
  CmsgSizes perform(const step::AskCmsgSizes& step);
  void perform(const step::CloseReceiver& step);
  void perform(const step::ReadElsewhere& step);
  Observation perform(const step::ReceiveByTheSuite& step);
  void perform(const step::Play& step);
  void perform(const step::AwaitHold& step);
  void perform(const step::ReleaseHold& step);
  void perform(const step::EnterPrivateNetwork& step);
  void perform(const step::MeetAt& step);
  void perform(const step::SetSenderBytes& step);
  void perform(const step::SendUndeliverable& step);
  Address perform(const step::SendFlowToNowhere& step);
  void perform(const step::AskForInterfaces& step);
  void perform(const step::ChangeInterface& step);
  void perform(const step::OverrunReceiver& step);
  void perform(const step::RenameInterface& step);

  /// True if the receiving socket can serve another scenario.
  [[nodiscard]] bool is_reusable() const;
  bool try_reuse_socket(Meeting meeting);
  [[nodiscard]] std::vector<int> own_descriptors() const;
  void require_plain();
  /// Throws std::logic_error if no call is pending.
  void require_call() const;
  void wait_for_error();
  void open_with_peer();
  void open_addressable();
  Sender make_inet_sender();
  void open_uncommon();
  SystemAddress name_for(const BoundName& name);
  [[nodiscard]] bool may_become_free(const BoundName& name) const;
  std::vector<int> files_for(const std::vector<SentControl>& control, std::size_t sender);
  template <typename Condition>
  void await_arrival(Condition arrived) const;
  void deliver(const Bytes& data, const std::vector<int>& descriptors, std::size_t sender, int flags);
  void begin_play();
  std::vector<QueuedMessage> take_out();
  SystemAddress closed_port(std::size_t index);

  Implementation& implementation_;
  Caller& caller_;
  SocketSupply& sockets_;
  ProcessWatch& process_;
  Capabilities permitted_;
  struct Record;  // act.h
  std::unique_ptr<Record> record_;
  std::optional<Supplied> supplied_;
  std::vector<Sender> senders_;
  std::vector<UniqueFd> closed_ports_;  // bound but not listening; each reserves its port
  Meeting meeting_ = Meeting::kOtherwise;
  bool keeps_record_ = true;
  bool is_fresh_ = true;
  std::optional<TemporaryDirectory> directory_;
  bool call_pending_ = false;
  int call_number_ = 0;  // of the pending call
  std::list<ChildSender> children_;
  std::optional<DescriptorLimit> limit_;

  ScriptPlay play_;
  DescriptorWatch descriptors_;
  StageNetwork network_;
  SocketReuse reuse_;
};

}  // namespace recvinto::kit
