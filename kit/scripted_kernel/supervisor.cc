#include "kit/scripted_kernel/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "kit/scripted_kernel/effects.h"
#include "kit/scripted_kernel/proxy.h"
#include "kit/scripted_kernel/quiet_thread.h"
#include "kit/scripted_kernel/remote_wait.h"
#include "kit/scripted_kernel/system_calls.h"
#include "kit/scripted_kernel/unfilled.h"
#include "kit/values/clock.h"

namespace recvinto::kit {
namespace {

/// recvmsg's arguments, which 32-bit x86 programs may pass in memory.
std::optional<std::array<std::uint64_t, 3>> receive_arguments(const HeldCall& call, const Architecture& architecture,
                                                              const RemoteMemory& memory) {
  if (call.number == architecture.recvmsg) return std::array{call.arguments[0], call.arguments[1], call.arguments[2]};
  std::array<std::uint32_t, 3> words{};
  if (!memory.read(call.arguments[1], std::as_writable_bytes(std::span(words)))) return std::nullopt;
  return std::array<std::uint64_t, 3>{words[0], words[1], words[2]};
}

int as_int(std::uint64_t argument) {
  return static_cast<int>(static_cast<std::uint32_t>(argument));
}

/// recvmmsg(2) of one message is recvmsg(2) with its length elsewhere. The timeout is none: it is heeded after a
/// message only.
bool is_recvmmsg_of_one(const HeldCall& call, const NamedCall& name) {
  return name.name.starts_with("recvmmsg") && static_cast<std::uint32_t>(call.arguments[2]) == 1;
}

/// Whether the limit of descriptors of that process was lowered below ours, which it began with.
bool is_short_of_descriptors(pid_t pid) {
  rlimit ours{};
  rlimit theirs{};
  return prlimit(0, RLIMIT_NOFILE, nullptr, &ours) == 0 && prlimit(pid, RLIMIT_NOFILE, nullptr, &theirs) == 0 &&
         theirs.rlim_cur < ours.rlim_cur;
}

/// Whether the memory of every buffer is there, at its beginning and at its end. Where it is not, only the kernel can
/// say how much of the data is taken out of the queue.
bool has_its_buffers(const SeenCall& seen, const RemoteMemory& memory) {
  return std::ranges::all_of(seen.buffers, [&](const SeenCall::Extent& buffer) {
    std::byte byte{};
    return buffer.length == 0 ||
           (memory.read(buffer.base, {&byte, 1}) && memory.read(buffer.base + buffer.length - 1, {&byte, 1}));
  });
}

}  // namespace

Supervisor::Supervisor(UniqueFd listener, Unscripted unscripted, RemoteMemory::Way way)
    : listener_(std::move(listener)),
      unscripted_(unscripted),
      way_(way),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_(quiet_thread([this] { run(); })) {}

Supervisor::~Supervisor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

void Supervisor::watch(int receiver) {
  struct stat status{};
  UniqueFd duplicate(fcntl(receiver, F_DUPFD_CLOEXEC, 0));
  if (!duplicate || fstat(duplicate.get(), &status) != 0) {
    throw std::system_error(errno, std::system_category(), "a duplicate of the receiving socket");
  }
  const std::lock_guard lock(mutex_);
  receiver_ = std::move(duplicate);
  family_ = family_of(receiver_.get());
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

void Supervisor::set_deadline(std::chrono::milliseconds deadline) {
  const std::lock_guard lock(mutex_);
  deadline_ = deadline;
}

void Supervisor::play(const Script& script, std::span<const int> files, int poke) {
  const std::lock_guard lock(mutex_);
  if (!receiver_) throw std::logic_error("a script is played on a socket that is watched");
  play_.emplace(script, files);
  poke_ = poke;
}

CallLog Supervisor::finish() {
  const std::lock_guard lock(mutex_);
  if (!play_) throw std::logic_error("no script is being played");
  if (held_) let_go(SeenCall::Outcome::kPassed);  // or it would be a step of the next script
  CallLog log = play_->finish();
  play_.reset();
  return log;
}

std::optional<std::uint64_t> Supervisor::calls_if_quiet() const {
  // In this order: a call that was taken up before the look at the queue has been counted as begun before the count.
  pollfd queue{.fd = listener_.descriptor(), .events = POLLIN, .revents = 0};
  if (::poll(&queue, 1, 0) > 0 && (queue.revents & POLLIN) != 0) return std::nullopt;
  const std::uint64_t begun = begun_;
  if (begun != done_) return std::nullopt;
  return begun;
}

bool Supervisor::await_hold() {
  std::unique_lock lock(mutex_);
  return held_changed_.wait_for(lock, deadline_, [this] { return held_.has_value(); });
}

void Supervisor::release() {
  {
    const std::lock_guard lock(mutex_);
    if (!held_) return;  // overdue, or its process ended: the next one is not meant
    released_ = true;
  }
  eventfd_write(wake_.get(), 1);
}

// --- the thread ------------------------------------------------------------------------------------------------------

int Supervisor::milliseconds_to_wait() {
  const std::lock_guard lock(mutex_);
  if (!held_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(held_->until - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

void Supervisor::run() {
  for (;;) {
    std::array<pollfd, 2> watched{{{.fd = listener_.descriptor(), .events = POLLIN, .revents = 0},
                                   {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    ::poll(watched.data(), watched.size(), milliseconds_to_wait());
    if ((watched[0].revents & POLLIN) != 0) {
      // Never from a blocking read: what was there may be gone, and older kernels then wait without end.
      ++begun_;
      if (const std::optional<HeldCall> call = listener_.take()) {
        const std::lock_guard lock(mutex_);
        try {
          serve(*call);
        } catch (const std::exception& error) {  // no call may stay unanswered
          if (play_) play_->trouble(error.what());
          listener_.fail(*call, EIO);
        }
      }
      ++done_;
    } else if ((watched[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
      return;  // the last process under the filter is gone
    }
    if ((watched[1].revents & POLLIN) != 0) {
      eventfd_t count = 0;
      eventfd_read(wake_.get(), &count);
    }
    const std::lock_guard lock(mutex_);
    if (held_ && !listener_.is_waiting(held_->call)) held_.reset();  // its process ended
    if (held_ && released_) let_go(SeenCall::Outcome::kPassed);
    if (held_ && held_->until <= Clock::now()) {
      if (play_) play_->trouble("a call was held for longer than the deadline");
      let_go(SeenCall::Outcome::kFailed);
    }
    if (stopping_) return;
  }
}

void Supervisor::let_go(SeenCall::Outcome outcome) {
  Held held = *std::exchange(held_, std::nullopt);
  released_ = false;
  const bool taken =
      outcome == SeenCall::Outcome::kPassed ? listener_.pass(held.call) : listener_.fail(held.call, ETIMEDOUT);
  if (taken)
    keep(std::move(held.seen), outcome, outcome == SeenCall::Outcome::kPassed ? 0 : ETIMEDOUT, /*is_step=*/true);
}

void Supervisor::keep(SeenCall seen, SeenCall::Outcome outcome, std::int64_t result, bool is_step) {
  if (!play_) return;
  seen.outcome = outcome;
  seen.result = result;
  if (is_step) {
    play_->commit(std::move(seen));
  } else {
    play_->note(std::move(seen));
  }
}

bool Supervisor::is_watched(pid_t tid, int number) const {
  if (!receiver_) return false;
  // By the open file description, of which ours is a duplicate; some hosts forbid to ask for it (EPERM).
  const long order = syscall(SYS_kcmp, tid, own_pid_, KCMP_FILE, number, receiver_.get());
  if (order >= 0) return order == 0;
  struct stat status{};
  std::array<char, 48> path{};
  *fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/fd/{}", tid, number).out = '\0';
  return stat(path.data(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
}

void Supervisor::serve(const HeldCall& call) {
  const Architecture* architecture = architecture_of(call.audit_architecture);
  if (architecture == nullptr) {
    listener_.pass(call);
    return;
  }
  const bool by_socketcall = architecture->socketcall == call.number;
  if (call.number == architecture->recvmsg || by_socketcall) {
    const auto arguments = receive_arguments(call, *architecture, RemoteMemory(call.tid, way_));
    if (!arguments || !is_watched(call.tid, as_int((*arguments)[0]))) {
      listener_.pass(call);
      return;
    }
    serve_receive(call, RemoteHeader((*arguments)[1], architecture->abi), as_int((*arguments)[2]));
    return;
  }
  const auto other = std::ranges::find(architecture->others, call.number, &NamedCall::number);
  if (other != architecture->others.end() && is_watched(call.tid, as_int(call.arguments[0]))) {
    if (is_recvmmsg_of_one(call, *other)) {
      serve_receive(call, RemoteHeader(call.arguments[1], architecture->abi, RemoteHeader::Form::kMmsghdr),
                    as_int(call.arguments[3]));
      return;
    }
    SeenCall seen;
    seen.system_call = other->name;
    keep(std::move(seen), SeenCall::Outcome::kPassed, 0, /*is_step=*/false);
  }
  const auto wait = std::ranges::find(architecture->readiness_calls, call.number, &ReadinessCall::number);
  if (wait != architecture->readiness_calls.end() && serve_wait(call, *wait, architecture->abi)) return;
  listener_.pass(call);
}

bool Supervisor::serve_wait(const HeldCall& call, const ReadinessCall& kind, const Abi& abi) {
  if (!play_ || !play_->answers_waits()) return false;
  const RemoteMemory memory(call.tid, way_);
  const std::optional<RemoteWait> wait =
      RemoteWait::read(call, kind, abi, memory, [&](int number) { return is_watched(call.tid, number); });
  if (!wait) return false;
  SeenWait seen{.system_call = kind.name, .timeout = wait->timeout(), .arrived = Clock::now()};
  const ScriptedWait next = play_->next_wait();
  if (next.answer == ScriptedWait::Answer::kTimedOut && !wait->timeout()) {
    seen.answered = seen.arrived;
    play_->commit_wait(seen);
    return false;
  }
  // A wait that ends by itself before the script's answer has its time up.
  std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(next.lasts, wait->timeout().value_or(next.lasts)));
  seen.answered = Clock::now();
  seen.answer = next.answer;
  if (!listener_.is_waiting(call)) return true;
  const auto left = std::max<std::chrono::nanoseconds>(
      wait->timeout().value_or(std::chrono::nanoseconds::zero()) - (seen.answered - seen.arrived), {});
  std::optional<std::int64_t> result;
  switch (next.answer) {
    case ScriptedWait::Answer::kReady:
      result = wait->become_ready(memory, left);
      break;
    case ScriptedWait::Answer::kTimedOut:
      result = wait->time_out(memory);
      break;
    case ScriptedWait::Answer::kInterrupted:
      wait->interrupt(memory, left);
      if (listener_.fail(call, EINTR)) play_->commit_wait(seen);
      return true;
  }
  if (!result) {
    listener_.fail(call, EFAULT);
  } else if (listener_.succeed(call, *result)) {
    play_->commit_wait(seen);
  }
  return true;
}

bool Supervisor::becomes_ready(const HeldCall& call, const SeenCall& seen) {
  const bool waits = seen.has_receive_timeout && (seen.flags & MSG_DONTWAIT) == 0 &&
                     (fcntl(receiver_.get(), F_GETFL) & O_NONBLOCK) == 0;
  int number = EAGAIN;
  if (waits) {
    SeenWait wait{.system_call = "recvmsg", .timeout = receive_timeout(receiver_.get()), .arrived = Clock::now()};
    const ScriptedWait next = play_->next_wait();
    std::this_thread::sleep_for(next.lasts);  // as long as the script says that the wait lasts
    wait.answered = Clock::now();
    wait.answer = next.answer;
    play_->commit_wait(wait);
    if (next.answer == ScriptedWait::Answer::kReady) return true;
    if (next.answer == ScriptedWait::Answer::kInterrupted) number = EINTR;
  }
  if (listener_.fail(call, number)) keep(seen, SeenCall::Outcome::kFailed, number, /*is_step=*/false);
  return false;
}

void Supervisor::serve_receive(const HeldCall& call, const RemoteHeader& header, int flags) {
  const Abi abi = header.abi();
  std::optional<SeenCall> seen = header.read(RemoteMemory(call.tid, way_), flags, last_buffers_);
  if (!seen) {
    listener_.pass(call);  // the kernel knows best what to say to such a header
    return;
  }
  if (!play_ && unscripted_ == Unscripted::kPass) {
    pass_on(call, *std::move(seen), /*is_step=*/false);
    return;
  }
  if (const int number = refusal_of(*seen, abi); number != 0) {
    if (listener_.fail(call, number)) keep(*std::move(seen), SeenCall::Outcome::kRefused, number, /*is_step=*/false);
    return;
  }
  seen->has_receive_timeout = receiver_ && has_receive_timeout(receiver_.get());
  if (!play_) {
    act_as_proxy(call, header, *std::move(seen), /*is_step=*/false);
  } else {
    play_step(call, header, *std::move(seen));
  }
}

void Supervisor::play_step(const HeldCall& call, const RemoteHeader& header, SeenCall seen) {
  if (held_ && !listener_.is_waiting(held_->call)) held_.reset();  // its process ended
  if (!play_->is_ready() && !becomes_ready(call, seen)) return;
  // While a call is held, the step is that call's.
  const ScriptStep* step = held_ ? nullptr : play_->next();
  if (step == nullptr) {
    if (listener_.fail(call, EBADMSG))
      keep(std::move(seen), SeenCall::Outcome::kUnscripted, EBADMSG, /*is_step=*/false);
    return;
  }
  // The thread is in our hands, so that it is this call which the signal meets.
  if (step->signum != 0 && listener_.is_waiting(call)) syscall(SYS_tkill, call.tid, step->signum);

  if (const auto* result = std::get_if<answer::Result>(&step->answer)) {
    give(call, header, std::move(seen), *result, play_->files_of(*step), /*is_step=*/true);
  } else if (const auto* failure = std::get_if<answer::Failure>(&step->answer)) {
    fail(call, header, std::move(seen), *failure);
  } else if (std::holds_alternative<answer::Proxy>(step->answer)) {
    act_as_proxy(call, header, std::move(seen), /*is_step=*/true);
  } else if (std::holds_alternative<answer::Hold>(step->answer)) {
    held_ = Held{call, std::move(seen), Clock::now() + deadline_};
    held_changed_.notify_all();
  } else {
    pass_on(call, std::move(seen), /*is_step=*/true);
  }
}

std::optional<std::int64_t> Supervisor::store(const HeldCall& call, const RemoteHeader& header, const SeenCall& seen,
                                              const answer::Result& result, std::span<const int> planted,
                                              std::span<const char> name_before) const {
  const Bytes control = control_bytes(result, header.abi(), planted);
  Effects effects = effects_of(result, seen, control);
  std::vector<Patch> patches = unfilled_by(effects, seen, header.abi(), name_before);
  const std::size_t unfilled = patches.size();
  patches.insert(patches.end(), effects.patches.begin(), effects.patches.end());
  const RemoteHeader::Results results = header.results_of(effects);
  header.append_patches(results, seen.name != 0, patches);
  if (!listener_.is_waiting(call)) return std::nullopt;
  const RemoteMemory memory(call.tid, way_);
  // Room that cannot be written is no reason to fail as long as nothing of the result belongs there.
  const std::int64_t returned = header.result_of(effects.returned);
  if (memory.write(patches)) return returned;
  if (unfilled != 0 && memory.write(std::span(patches).subspan(unfilled))) return returned;
  return std::nullopt;
}

Bytes Supervisor::name_room(const HeldCall& call, const SeenCall& seen) const {
  Bytes room(name_room_to_read(seen), '\0');
  if (!RemoteMemory(call.tid, way_).read(seen.name, std::as_writable_bytes(std::span(room)))) room.clear();
  return room;
}

void Supervisor::fill_rooms(const HeldCall& call, const SeenCall& seen) const {
  const std::vector<Patch> patches = unfilled_before(seen, family_, name_room(call, seen));
  if (!patches.empty() && listener_.is_waiting(call)) RemoteMemory(call.tid, way_).write(patches);
}

void Supervisor::give(const HeldCall& call, const RemoteHeader& header, SeenCall seen, const answer::Result& result,
                      std::span<const int> files, bool is_step) {
  files = files.first(std::min(files.size(), files_with_room(result, seen, header.abi())));
  const Bytes name_before = name_room(call, seen);
  // Once without the descriptors: where the memory is bad, none may be left behind in the process.
  std::vector<int> planted(files.size(), -1);
  std::optional<std::int64_t> returned = store(call, header, seen, result, planted, name_before);
  if (returned && !files.empty()) {
    planted.clear();
    for (const int file : files) {
      const int number = listener_.plant(call, file, (seen.flags & MSG_CMSG_CLOEXEC) != 0);
      if (number < 0) {
        if (!listener_.is_waiting(call)) return;
        if (play_) play_->trouble(fmt::format("a descriptor could not be planted: {}", std::strerror(errno)));
        break;
      }
      planted.push_back(number);
    }
    returned = store(call, header, seen, result, planted, name_before);
  }
  if (!returned) {
    if (listener_.fail(call, EFAULT)) keep(std::move(seen), SeenCall::Outcome::kFailed, EFAULT, is_step);
  } else if (listener_.succeed(call, *returned)) {
    keep(std::move(seen), SeenCall::Outcome::kReturned, *returned, is_step);
  }
}

void Supervisor::fail(const HeldCall& call, const RemoteHeader& header, SeenCall seen, const answer::Failure& failure) {
  if (failure.scribbled) store(call, header, seen, *failure.scribbled, {}, name_room(call, seen));
  if (!listener_.fail(call, failure.number)) return;
  keep(std::move(seen), SeenCall::Outcome::kFailed, failure.number, /*is_step=*/true);
  if (failure.number == EAGAIN && poke_ >= 0) send(poke_, "p", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Supervisor::act_as_proxy(const HeldCall& call, const RemoteHeader& header, SeenCall seen, bool is_step) {
  std::optional<Proxied> proxied;
  // Descriptors that were received here do not all find a place there.
  if (!is_short_of_descriptors(call.tid) && has_its_buffers(seen, RemoteMemory(call.tid, way_))) {
    proxied = receive_for(receiver_.get(), seen, header.abi());
  }
  if (!proxied) {
    pass_on(call, std::move(seen), is_step);
    return;
  }
  if (const auto* failure = std::get_if<answer::Failure>(&proxied->answer)) {
    if (listener_.fail(call, failure->number))
      keep(std::move(seen), SeenCall::Outcome::kFailed, failure->number, is_step);
    return;
  }
  std::vector<int> files;
  for (const UniqueFd& descriptor : proxied->descriptors) files.push_back(descriptor.get());
  give(call, header, std::move(seen), std::get<answer::Result>(proxied->answer), files, is_step);
}

void Supervisor::pass_on(const HeldCall& call, SeenCall seen, bool is_step) {
  fill_rooms(call, seen);
  if (listener_.pass(call)) keep(std::move(seen), SeenCall::Outcome::kPassed, 0, is_step);
}

}  // namespace recvinto::kit
