#include "kit/scripted_kernel/scripted_kernel.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "kit/scripted_kernel/effects.h"
#include "kit/scripted_kernel/unfilled.h"
#include "recvinto/fitting.h"

namespace recvinto::kit {
namespace {

SeenCall seen(const msghdr& message, int flags) {
  SeenCall call;
  call.flags = flags;
  const std::span buffers(message.msg_iov, static_cast<std::size_t>(message.msg_iovlen));
  call.buffers.reserve(buffers.size());
  for (const iovec& buffer : buffers) {
    call.buffers.push_back({reinterpret_cast<std::uint64_t>(buffer.iov_base), buffer.iov_len});
  }
  call.name = reinterpret_cast<std::uint64_t>(message.msg_name);
  call.namelen = message.msg_namelen;
  call.control = reinterpret_cast<std::uint64_t>(message.msg_control);
  call.controllen = message.msg_controllen;
  call.msg_flags = message.msg_flags;
  return call;
}

void store(std::span<const Patch> patches) {
  for (const Patch& patch : patches) {
    std::memcpy(reinterpret_cast<void*>(patch.address), patch.bytes.data(), patch.bytes.size());
  }
}

/// The name room of the call, as its caller left it.
std::span<const char> name_of(const SeenCall& call) {
  return {reinterpret_cast<const char*>(call.name), name_room_to_read(call)};
}

void apply(const Effects& effects, const SeenCall& call, msghdr& message) {
  const std::vector<Patch> unfilled = unfilled_by(effects, call, kNativeAbi, name_of(call));
  store(effects.patches);
  store(unfilled);
  if (message.msg_name != nullptr) message.msg_namelen = effects.namelen;
  message.msg_controllen = Fitting(effects.controllen);
  message.msg_flags = effects.msg_flags;
}

std::vector<int> plant(std::span<const int> files, int flags) {
  const int duplicate = (flags & MSG_CMSG_CLOEXEC) != 0 ? F_DUPFD_CLOEXEC : F_DUPFD;
  std::vector<int> numbers;
  numbers.reserve(files.size());
  for (const int file : files) numbers.push_back(fcntl(file, duplicate, 0));
  return numbers;
}

ssize_t fail_with(int number) {
  errno = number;
  return -1;
}

}  // namespace

CallLog ScriptedKernel::finish() {
  if (!play_) throw std::logic_error("no script is being played");
  CallLog log = play_->finish();
  play_.reset();
  return log;
}

ssize_t ScriptedKernel::recvmsg(int fd, msghdr& message, int flags) noexcept {
  return play_ ? answer_by_script(fd, message, flags) : under_.recvmsg(fd, message, flags);
}

int ScriptedKernel::poll(pollfd& entry, std::chrono::nanoseconds timeout) noexcept {
  const auto wanted = static_cast<short>(entry.events & (POLLIN | POLLRDNORM));
  if (!play_ || !play_->answers_waits() || entry.fd < 0 || wanted == 0) return under_.poll(entry, timeout);
  const ScriptedWait next = play_->next_wait();
  SeenWait seen{.system_call = "poll", .timeout = timeout, .arrived = std::chrono::steady_clock::now()};
  // As long as the script says that the wait lasts.
  std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(next.lasts, timeout));
  seen.answered = std::chrono::steady_clock::now();
  seen.answer = next.answer;
  play_->commit_wait(seen);
  entry.revents = next.answer == ScriptedWait::Answer::kReady ? wanted : short{0};
  if (next.answer != ScriptedWait::Answer::kInterrupted) return entry.revents == 0 ? 0 : 1;
  errno = EINTR;
  return -1;
}

ssize_t ScriptedKernel::answer_by_script(int fd, msghdr& message, int flags) {
  SeenCall call = seen(message, flags);
  call.has_receive_timeout = has_receive_timeout(fd);
  const auto committed = [&](SeenCall::Outcome outcome, std::int64_t result) {
    call.outcome = outcome;
    call.result = result;
    play_->commit(std::move(call));
  };
  const auto noted = [&](SeenCall::Outcome outcome, int number) {
    call.outcome = outcome;
    call.result = number;
    play_->note(std::move(call));
    return fail_with(number);
  };
  if (const int number = refusal_of(call, kNativeAbi); number != 0) return noted(SeenCall::Outcome::kRefused, number);
  if (!play_->is_ready()) return noted(SeenCall::Outcome::kFailed, EAGAIN);
  const ScriptStep* step = play_->next();
  if (step == nullptr) return noted(SeenCall::Outcome::kUnscripted, EBADMSG);
  // To this very thread: the handler has run when raise() is back, as if in the middle of the system call.
  if (step->signum != 0) raise(step->signum);

  if (const auto* result = std::get_if<answer::Result>(&step->answer)) {
    const std::span<const int> files = play_->files_of(*step);
    const std::size_t with_room = files_with_room(*result, call, kNativeAbi);
    const std::vector<int> numbers = plant(files.first(std::min(files.size(), with_room)), flags);
    const Bytes control = control_bytes(*result, kNativeAbi, numbers);
    const Effects effects = effects_of(*result, call, control);
    apply(effects, call, message);
    committed(SeenCall::Outcome::kReturned, effects.returned);
    return static_cast<ssize_t>(effects.returned);
  }
  if (const auto* failure = std::get_if<answer::Failure>(&step->answer)) {
    if (failure->scribbled) {
      const Bytes control = control_bytes(*failure->scribbled, kNativeAbi, {});
      apply(effects_of(*failure->scribbled, call, control), call, message);
    }
    committed(SeenCall::Outcome::kFailed, failure->number);
    return fail_with(failure->number);
  }
  if (std::holds_alternative<answer::Hold>(step->answer)) {
    play_->trouble("a call cannot be held in the process that plays the script");
    return noted(SeenCall::Outcome::kFailed, EIO);
  }
  store(unfilled_before(call, family_of(fd), name_of(call)));
  // Here a proxy would make the very same call.
  const ssize_t result = under_.recvmsg(fd, message, flags);
  const int number = errno;
  committed(SeenCall::Outcome::kPassed, 0);
  errno = number;
  return result;
}

}  // namespace recvinto::kit
