// Unix senders that say more than data: control messages of their own choice, from this process or another one.

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "kit/performing/act.h"

namespace recvinto::kit {
namespace {

ControlBytes laid_out(const std::vector<SentControl>& control, std::span<const int> files) {
  ControlBytes bytes;
  for (const SentControl& message : control) {
    bytes.add(message, files.first(files_in(message)));
    files = files.subspan(files_in(message));
  }
  return bytes;
}

bool has_credentials(const std::vector<SentControl>& control) {
  for (const SentControl& message : control) {
    if (std::holds_alternative<sent::Credentials>(message)) return true;
  }
  return false;
}

/// Sends; throws EnvironmentLacks if credentials are refused, or are those of no process.
template <typename Action>
void unless_refused(const std::vector<SentControl>& control, Action send) {
  try {
    send();
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    if (!has_credentials(control) || (number != EPERM && number != EINVAL && number != ESRCH)) throw;
    if (number == ESRCH) throw EnvironmentLacks("no process has the pid that credentials name");
    throw EnvironmentLacks("credentials of another user may not be sent (CAP_SETUID, CAP_SETGID)");
  }
}

}  // namespace

std::vector<int> Stage::files_for(const std::vector<SentControl>& control, std::size_t sender) {
  std::vector<int> descriptors;
  for (const SentControl& message : control) {
    if (std::holds_alternative<sent::OwnSocket>(message)) {
      UniqueFd duplicate(fcntl(senders_.at(sender).socket.get(), F_DUPFD_CLOEXEC, 0));
      if (!duplicate) throw std::system_error(errno, std::system_category(), "fcntl F_DUPFD_CLOEXEC");
      descriptors.push_back(descriptors_.add_socket(std::move(duplicate)));
    } else {
      for (const int file : descriptors_.make_files(files_in(message))) descriptors.push_back(file);
    }
  }
  return descriptors;
}

void Stage::send(const Bytes& data, std::size_t files, std::size_t sender, int flags) {
  act_one(step::Send{.sender = sender, .data = data, .files = files, .flags = flags});
}

void Stage::send_with(const Bytes& data, const std::vector<SentControl>& control, std::size_t sender) {
  act_one(step::Send{.sender = sender, .data = data, .control = control});
}

pid_t Stage::send_from_a_child(const Bytes& data, const std::vector<SentControl>& control, std::size_t sender) {
  act_one(step::Send{.sender = sender, .data = data, .control = control, .by_a_child = true});
  return children_.back().pid();
}

void Stage::perform(const step::Send& step) {
  if (step.control.empty() && !step.by_a_child) {
    deliver(step.data, descriptors_.make_files(step.files), step.sender, step.flags);
    return;
  }
  std::vector<SentControl> control = step.control;
  if (step.files != 0) control.insert(control.begin(), sent::Rights{.files = step.files});
  const std::vector<int> files = files_for(control, step.sender);
  const auto act = [&] {
    const int flags = step.flags | (call_pending_ ? 0 : MSG_DONTWAIT);  // as in deliver()
    send_with_control(senders_.at(step.sender).socket.get(), step.data, laid_out(control, files), flags);
  };
  unless_refused(control, [&] {
    if (step.by_a_child) {
      children_.emplace_back(act);
    } else {
      act();
    }
  });
}

std::optional<Address> Stage::address_now_of(std::size_t sender) const {
  return observed(local_address(senders_.at(sender).socket.get()));
}

}  // namespace recvinto::kit
