#include "kit/performing/stage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kit/host/arrival.h"
#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/host/socket_options.h"
#include "kit/host/wait_until.h"
#include "kit/values/bytes.h"
#include "kit/values/unix_options.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// An abstract name belongs to the scenario: another process of this host that performs the same has it for a moment.
/// `may_become_free`: it is worth waiting for that.
void bind_to_name(int socket, const BoundName& name, const SystemAddress& address, bool may_become_free) {
  const auto binds = [&] {
    try {
      bind_to(socket, address);
      return true;
    } catch (const std::system_error& error) {
      if (name.kind != BoundName::Kind::kAbstract || error.code().value() != EADDRINUSE) throw;
      return false;
    }
  };
  if (!(may_become_free ? wait_until(binds) : binds()))
    throw EnvironmentLacks(fmt::format("the abstract name {} is taken", readable(name.name)));
}

}  // namespace

Stage::Stage(Implementation& implementation, const SocketKind& kind, Capabilities permitted)
    : implementation_(implementation),
      caller_(implementation.caller()),
      sockets_(implementation.sockets()),
      process_(implementation.process()),
      permitted_(std::move(permitted)),
      scenario_{kind, {}},
      play_(implementation),
      descriptors_(implementation) {}

Stage::~Stage() {
  network_.leave();
  play_.leave();
  if (supplied_) abort_connection(scenario_.kind, *supplied_, senders_);
}

bool Stage::is_reusable() const {
  return supplied_ && meeting_ != Meeting::kOtherwise && !network_.is_private() && !call_pending_ &&
         !reuse_.has_traces() && children_.empty();
}

void Stage::begin_again(const SocketKind& kind) {
  network_.leave();
  play_.leave();
  if (sockets_.has_few_sockets() && is_reusable()) {
    reuse_.switch_off(supplied_->receiver.get());
    if (is_ready(supplied_->receiver.get(), POLLIN)) take_out();
    if (meeting_ == Meeting::kAtAnAddress) senders_.clear();
    reuse_.keep({scenario_.kind, meeting_, std::move(*supplied_), std::move(senders_)});
    supplied_.reset();
  }
  if (supplied_) abort_connection(scenario_.kind, *supplied_, senders_);
  supplied_.reset();
  senders_.clear();
  closed_ports_.clear();
  directory_.reset();
  children_.clear();
  limit_.reset();
  descriptors_.begin_scenario();
  play_.begin_scenario();
  network_.begin_scenario();
  reuse_.begin_scenario();
  meeting_ = Meeting::kOtherwise;
  call_pending_ = false;
  is_fresh_ = true;
  history_.clear();
  scenario_.kind = kind;
  scenario_.steps.clear();
}

bool Stage::try_reuse_socket(Meeting meeting) {
  if (network_.is_private()) return false;
  std::optional<UsedSocket> used = reuse_.take(kind(), meeting);
  if (!used) return false;
  supplied_ = std::move(used->supplied);
  senders_ = std::move(used->senders);
  meeting_ = meeting;
  sockets_.supply_again(supplied_->receiver.get());
  return true;
}

std::vector<int> Stage::own_descriptors() const {
  std::vector<int> own{supplied_->receiver.get(), supplied_->name.number};
  for (const Sender& sender : senders_) own.push_back(sender.socket.get());
  return own;
}

std::optional<Observation> Stage::act(const Step& step) {
  return std::visit(
      [this]<typename SomeStep>(const SomeStep& one) -> std::optional<Observation> {
        if constexpr (std::is_same_v<SomeStep, step::Finish>) {
          return act(one);
        } else {
          act(one);
          return std::nullopt;
        }
      },
      step);
}

// --- sockets and senders ---------------------------------------------------------------------------------------------

int Stage::receiver() {
  require_plain();
  return supplied_->receiver.get();
}

void Stage::require_plain() {
  if (!supplied_ && !try_reuse_socket(Meeting::kWithAPeer)) open_with_peer();
}

void Stage::share_socket_of(Stage& other) {
  UniqueFd duplicate(fcntl(other.receiver(), F_DUPFD_CLOEXEC, 0));
  if (!duplicate) fail("fcntl F_DUPFD_CLOEXEC");
  supplied_ = Supplied{.receiver = std::move(duplicate), .peer = {}, .name = other.supplied_->name};
}

void Stage::open_with_peer() {
  if (kind().is_unix()) {
    supplied_ = sockets_.supply(kind(), Form::kPair);
    senders_.push_back({std::move(supplied_->peer), std::nullopt});
  } else if (kind().is_udp()) {
    open_addressable();
    senders_.push_back(make_inet_sender());
  } else if (!kind().is_tcp()) {
    open_uncommon();
  } else {
    supplied_ = sockets_.supply(kind(), network_.blank_form());
    const UniqueFd listener = network_.open(kind());
    bind_to(listener.get(), loopback(kind()));
    if (listen(listener.get(), 1) != 0) fail("listen");
    connect_to(supplied_->receiver.get(), local_address(listener.get()));
    UniqueFd peer = accept_from(listener.get());
    set_int_option(peer.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    senders_.push_back({std::move(peer), std::nullopt});
  }
  meeting_ = Meeting::kWithAPeer;
}

void Stage::open_addressable() {
  if (supplied_ || try_reuse_socket(Meeting::kAtAnAddress)) return;
  meeting_ = Meeting::kAtAnAddress;
  supplied_ = sockets_.supply(kind(), network_.blank_form());
  bind_to(supplied_->receiver.get(), kind().is_unix() ? unix_address("") : loopback(kind()));
}

Sender Stage::make_inet_sender() {
  Sender sender{network_.open(kind()), std::nullopt};
  bind_to(sender.socket.get(), loopback(kind()));
  connect_to(sender.socket.get(), local_address(supplied_->receiver.get()));
  sender.address = observed(local_address(sender.socket.get()));
  return sender;
}

SystemAddress Stage::name_for(const BoundName& name) {
  switch (name.kind) {
    case BoundName::Kind::kPathname: {
      if (!directory_) directory_.emplace();
      std::string path = fmt::format("{}/s{}", directory_->path(), senders_.size());
      path += name.name;
      if (name.length != 0) {
        if (path.size() > name.length) throw EnvironmentLacks("the directory for temporary files has too long a name");
        path.resize(name.length, 'p');
      }
      return unix_address(path);
    }
    case BoundName::Kind::kAbstract:
      return unix_address(name.name);
    case BoundName::Kind::kAutobound:
    case BoundName::Kind::kUnnamed:
      break;
  }
  return unix_address("");
}

/// Not where another sender of this scenario has it, nor where many scenarios are performed one after the other in this
/// process, which then has it itself.
bool Stage::may_become_free(const BoundName& name) const {
  return !process_.shares_descriptors() && std::ranges::none_of(senders_, [&](const Sender& sender) {
    return sender.address && sender.address->path == name.name;
  });
}

std::size_t Stage::perform(const step::AddSender& step) {
  open_addressable();
  if (!kind().is_unix()) {
    senders_.push_back(make_inet_sender());
    return senders_.size() - 1;
  }
  Sender sender{open_socket(kind()), std::nullopt};
  if (step.name.kind != BoundName::Kind::kUnnamed) {
    bind_to_name(sender.socket.get(), step.name, name_for(step.name), may_become_free(step.name));
    sender.address = observed(local_address(sender.socket.get()));
  }
  connect_to(sender.socket.get(), local_address(supplied_->receiver.get()));
  senders_.push_back(std::move(sender));
  return senders_.size() - 1;
}

void Stage::perform(const step::ConnectTo& step) {
  supplied_ = sockets_.supply(kind(), Form::kBlank);
  const UniqueFd listener = open_socket(kind());
  bind_to_name(listener.get(), step.name, name_for(step.name), may_become_free(step.name));
  if (listen(listener.get(), 1) != 0) fail("listen");
  const SystemAddress address = local_address(listener.get());
  connect_to(supplied_->receiver.get(), address);
  senders_.push_back({accept_from(listener.get()), observed(address)});
}

void Stage::perform(const step::BecomeAPipe& /*step*/) {
  supplied_ = sockets_.supply(kUnixStream, Form::kPipe);
}

void Stage::perform(const step::BecomeBlank& /*step*/) {
  supplied_ = sockets_.supply(kind(), Form::kBlank);
}

// --- what senders do -------------------------------------------------------------------------------------------------

template <typename Condition>
void Stage::await_arrival(Condition arrived) const {
  // A call that waits already takes the data as it comes.
  if (call_pending_) return;
  if (!wait_until(arrived)) throw std::runtime_error("what was sent over loopback did not arrive within 10 s");
}

void Stage::deliver(const Bytes& data, const std::vector<int>& descriptors, std::size_t sender, int flags) {
  const int from = senders_.at(sender).socket.get();
  if (kind().is_unix()) {
    // Without a call on its way no one makes room: EAGAIN, and not a wait without an end.
    send_message(from, data, descriptors, flags | (call_pending_ ? 0 : MSG_DONTWAIT));
    return;
  }
  const Arrival arrival(supplied_->receiver.get(), kind());
  send_message(from, data, descriptors, flags);
  await_arrival([&] { return arrival.has_come(data.size(), (flags & MSG_OOB) != 0); });
}

void Stage::perform(const step::SetOption& step) {
  reuse_.note_option(step.level, step.name);
  set_option_if_there_is(supplied_->receiver.get(), step.level, step.name, step.value);
  if (step.level == SOL_SOCKET && step.name == kSoPassPidfd && step.value != 0) descriptors_.expect_pidfds();
}

void Stage::perform(const step::SetSenderOption& step) {
  set_option_if_there_is(senders_.at(step.sender).socket.get(), step.level, step.name, step.value);
}

void Stage::perform(const step::SetReceiveTimeout& step) {
  const timeval value{.tv_sec = step.time.count() / 1000, .tv_usec = step.time.count() % 1000 * 1000};
  if (setsockopt(supplied_->receiver.get(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) {
    fail("setsockopt SO_RCVTIMEO");
  }
}

void Stage::perform(const step::PeerShutsDownWriting& /*step*/) {
  if (shutdown(senders_.at(0).socket.get(), SHUT_WR) != 0) fail("shutdown");
  if (kind().is_tcp()) await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLRDHUP); });
}

void Stage::perform(const step::PeerCloses& /*step*/) {
  senders_.at(0).socket.reset();
  if (kind().is_tcp()) {
    await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLRDHUP | POLLHUP | POLLERR); });
  }
}

void Stage::perform(const step::PeerResets& /*step*/) {
  abort_when_closed(senders_.at(0).socket.get());
  senders_.at(0).socket.reset();
  await_arrival([this] { return is_ready(supplied_->receiver.get(), POLLHUP | POLLERR); });
}

void Stage::perform(const step::ShutDown& step) {
  if (shutdown(supplied_->receiver.get(), step.how) != 0) fail("shutdown");
}

std::error_code Stage::perform(const step::SendBackwards& step) {
  try {
    if (kind().is_udp()) {
      send_to(supplied_->receiver.get(), step.data, local_address(senders_.at(0).socket.get()), step.flags);
    } else {
      send_message(supplied_->receiver.get(), step.data, {}, step.flags);
    }
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

Bytes Stage::perform(const step::PeerReads& /*step*/) {
  const int peer = senders_.at(0).socket.get();
  await_arrival([&] { return is_ready(peer, POLLIN); });
  Bytes data(4096, '\0');
  const ssize_t count = recv(peer, data.data(), data.size(), MSG_DONTWAIT);
  if (count < 0) fail("recv");
  data.resize(static_cast<std::size_t>(count));
  return data;
}

// --- the call --------------------------------------------------------------------------------------------------------

void Stage::prepare_for(const step::Start& step) {
  require_plain();
  if (call_pending_) throw std::logic_error("a call is begun while another one is on its way");
  Capabilities undeclared = needed_for(step.call) - permitted_;
  // A claim may ask for several buffers, for room, or that nothing is waited for, where, and only where, the
  // implementation lets one choose: Check::receive(), Check::plenty(), without_waiting().
  const Capabilities kWhereThereIsAChoice{Capability::kScatter, Capability::kAncbufsize, Capability::kNonblocking};
  undeclared = undeclared - (implementation_.handshake().capabilities & kWhereThereIsAChoice);
  if (!undeclared.empty()) {
    throw std::logic_error(
        fmt::format("this check asks for {} and does not declare that it needs it", joined_names(undeclared)));
  }
  std::uint64_t sparse = 0;
  for (const Buffer& buffer : step.call.buffers) {
    if (buffer.memory == Memory::kSparse && !buffer.storage) sparse += buffer.size;
  }
  if (sparse != 0) require_address_space(implementation_.process().pid(), sparse);
  if (play_.is_set()) begin_play();
  descriptors_.before_call([this] { return own_descriptors(); });
}

void Stage::perform(const step::Start& step) {
  call_number_ = caller_.start(supplied_->name, step.call);
  call_pending_ = true;
}

CmsgSizes Stage::perform(const step::AskCmsgSizes& step) {
  return caller_.cmsg_sizes(step.lengths);
}

void Stage::require_call() const {
  if (!call_pending_) throw std::logic_error("no call is on its way");
}

bool Stage::perform(const step::AwaitSleep& /*step*/) {
  return implementation_.require_waiting_call("be seen to sleep").wait_until_asleep(supplied_->name.number);
}

bool Stage::perform(const step::AwaitAnswer& step) {
  return caller_.wait_for_answer(step.at_most);
}

void Stage::perform(const step::InstallHandler& step) {
  caller_.install_handler(step.signum, step.action);
}

void Stage::perform(const step::Signal& step) {
  implementation_.require_waiting_call("be sent a signal while it waits").send_signal(step.signum);
}

void Stage::perform(const step::StopAndContinue& /*step*/) {
  implementation_.require_waiting_call("be stopped").stop_and_continue();
}

Observation Stage::perform(const step::Finish& /*step*/) {
  call_pending_ = false;
  Observation observation = caller_.finish(call_number_);
  limit_.reset();
  if (std::optional<CallLog> log = play_.finish()) observation.kernel = std::move(log);
  descriptors_.inspect(observation, [this] { return own_descriptors(); });
  if (keeps_record_) history_.emplace_back(observation);
  return observation;
}

// --- the scripted kernel ---------------------------------------------------------------------------------------------

void Stage::perform(const step::Play& step) {
  play_.set(step.script);
}

void Stage::begin_play() {
  std::vector<int> planted = descriptors_.make_files(play_.files());
  if (play_.takes_priming()) deliver("?", {}, 0, 0);
  const bool has_peer = !senders_.empty() && senders_[0].socket;
  play_.begin(std::move(planted), has_peer ? senders_[0].socket.get() : -1);
}

void Stage::perform(const step::AwaitHold& /*step*/) {
  play_.await_hold();
}

void Stage::perform(const step::ReleaseHold& /*step*/) {
  play_.release_hold();
}

void Stage::perform(const step::CloseReceiver& /*step*/) {
  sockets_.close_at_once(supplied_->name.number);
}

}  // namespace recvinto::kit
