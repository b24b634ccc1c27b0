// How a stage opens its receiving socket and its senders.

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kit/host/fail.h"
#include "kit/host/lacking.h"
#include "kit/host/socket_options.h"
#include "kit/host/wait_until.h"
#include "kit/performing/act.h"
#include "kit/values/bytes.h"
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

std::size_t Stage::add_sender(const BoundName& name) {
  return act_one(step::AddSender{name});
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

void Stage::connect_to_server(const BoundName& name) {
  act_one(step::ConnectTo{name});
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

void Stage::become_a_pipe() {
  act_one(step::BecomeAPipe{});
}

void Stage::perform(const step::BecomeAPipe& /*step*/) {
  supplied_ = sockets_.supply(kUnixStream, Form::kPipe);
}

void Stage::become_blank() {
  act_one(step::BecomeBlank{});
}

void Stage::perform(const step::BecomeBlank& /*step*/) {
  supplied_ = sockets_.supply(kind(), Form::kBlank);
}

}  // namespace recvinto::kit
