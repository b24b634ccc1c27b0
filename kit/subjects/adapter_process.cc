#include "kit/subjects/adapter_process.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "kit/host/interruption.h"
#include "kit/host/lacking.h"
#include "kit/host/process_facts.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/values/names.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

constexpr std::size_t kSocketsForOneCheck = 3;
constexpr int kGraceAtTheEnd = 200;  // milliseconds
constexpr int kGraceOfAnEnd = 1000;  // milliseconds: from the beginning of an end to the end

/// The file behind a descriptor, where its inode identifies it: before Linux 6.9 that of a pidfd does not.
std::optional<OpenDescriptor> identifiable(pid_t pid, int number) {
  struct stat status{};
  if (stat(fmt::format("/proc/{}/fd/{}", pid, number).c_str(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) && !S_ISSOCK(status.st_mode) && !S_ISFIFO(status.st_mode)) return std::nullopt;
  return OpenDescriptor{number, status.st_dev, status.st_ino};
}

[[noreturn]] void hang(std::string_view what) {
  throw ImplementationFailure(Verdict::kHang, fmt::format("the implementation {} within the deadline", what));
}

}  // namespace

AdapterProcess::Life::Life(const std::vector<std::string>& command, KernelMode mode, std::chrono::milliseconds deadline,
                           SocketPool::Stock stock)
    : pool(stock),
      launch(mode == KernelMode::kHost ? std::nullopt : std::optional<Launch>(std::in_place, SocketPool::numbers())),
      child(command, pool.inheritance(), launch ? &*launch : nullptr),
      channel(child) {
  // Without a listener it has ended before it became the adapter, which the reply to hello finds out.
  if (!launch || !launch->has_listener()) return;
  supervisor.emplace(launch->take_listener(), mode == KernelMode::kProxy ? Unscripted::kProxy : Unscripted::kPass,
                     scripted_kernel_support().way);
  supervisor->set_deadline(deadline);
  launch.reset();
}

AdapterProcess::AdapterProcess(std::vector<std::string> command, std::chrono::milliseconds deadline, KernelMode mode,
                               std::chrono::milliseconds patience_at_start, FailedStarts* failed_starts)
    : command_(std::move(command)),
      deadline_(deadline),
      patience_at_start_(std::max(deadline, patience_at_start)),
      mode_(mode),
      failed_starts_(failed_starts != nullptr ? *failed_starts : own_failed_starts_) {
  try {
    start_anew();
  } catch (const ImplementationFailure& failure) {
    const std::string stderr_text = take_stderr();
    throw CannotStart(fmt::format("no adapter: on hello, {}{}", failure.what(),
                                  stderr_text.empty() ? "" : "; its standard error:\n" + stderr_text));
  }
}

AdapterProcess::~AdapterProcess() {
  if (!running_) return;
  try {
    if (pending_.empty() && !is_untrusted_) running_->channel.write_line(encode_bye(next_id_), Clock::now());
  } catch (const std::exception&) {  // it is being ended anyway
  }
  running_->child.dismiss(kGraceAtTheEnd);
}

void AdapterProcess::start_anew(SocketPool::Stock stock) {
  if (running_) {
    last_words_ += running_->channel.take_stderr();
    if (!is_untrusted_ && pending_.empty()) {
      running_->child.dismiss(0);
      dismissed_ = std::move(running_);
    }
  }
  running_.reset();
  pending_.clear();
  pending_closes_.clear();
  are_sockets_exhausted_ = false;
  ++generation_;
  was_asked_ = false;
  is_untrusted_ = true;  // until it has said hello
  try {
    begin_life(stock);
  } catch (const Ended& end) {
    if (end.cause() != Cause::kInterrupted) failed_starts_.add();
    throw;
  }
  failed_starts_.forget();
  is_untrusted_ = false;
}

void AdapterProcess::begin_life(SocketPool::Stock stock) {
  running_ = std::make_unique<Life>(command_, mode_, deadline_, stock);
  const auto latest = Clock::now() + patience_at_start_;
  running_->channel.write_line(encode_hello(0), latest);
  handshake_ = running_->channel.read_reply(latest, [](const std::string& line) { return decode_hello(line, 0); });
  if (handshake_.pid && getpgid(*handshake_.pid) != running_->child.pid()) {
    throw ImplementationFailure(
        Verdict::kProtocol,
        fmt::format("the reply to hello names process {}, which is not of its group", *handshake_.pid));
  }
  handshake_.capabilities = handshake_.capabilities - withheld_;
}

void AdapterProcess::withhold(Capabilities capabilities) {
  withheld_ = withheld_ | capabilities;
  handshake_.capabilities = handshake_.capabilities - withheld_;
}

void AdapterProcess::prepare() {
  throw_if_interrupted();
  if (failed_starts_.are_enough()) {
    throw ImplementationFailure(Verdict::kNotRun,
                                fmt::format("given up after {} failed starts in a row", FailedStarts::kEnough));
  }
  try {
    conclude();  // where the check before was left before its end
  } catch (const ImplementationFailure&) {
    is_untrusted_ = true;
  }
  if (!pending_.empty() || is_untrusted_ || are_sockets_exhausted_ || !running_->pool.has_at_least(kSocketsForOneCheck))
    start_anew();
  running_->channel.expect_silence();
  close_now();
  running_->channel.take_stderr();
}

void AdapterProcess::conclude() {
  if (is_untrusted_ || !pending_.empty()) return;
  close_now();
  if (!was_asked_) return;
  const int id = next_id_++;
  ask(encode_close(id, {}));
  acknowledge(id);
  was_asked_ = false;
}

void AdapterProcess::throw_if_ended() {
  if (!running_) return;
  ChildProcess& child = running_->child;
  if (exit_state_of(child.pid()) != ExitState::kRuns) {
    pollfd ended{.fd = child.ended().get(), .events = POLLIN, .revents = 0};
    poll(&ended, 1, kGraceOfAnEnd);
  }
  if (const auto end = child.end()) throw ImplementationFailure(Verdict::kCrash, "the process " + *end);
  if (!handshake_.pid || exit_state_of(*handshake_.pid) == ExitState::kRuns) return;
  throw ImplementationFailure(Verdict::kCrash, fmt::format("process {}, which answers, has ended", *handshake_.pid));
}

void AdapterProcess::ask(const std::string& request) {
  was_asked_ = true;
  running_->channel.write_line(request, deadline());
}

template <typename Decode>
auto AdapterProcess::reply(Decode decode) {
  return running_->channel.read_reply(deadline(), decode);
}

Supplied AdapterProcess::supply(const SocketKind& kind, Form form) {
  // It is the first that a check asks for: no more is lost by a fresh start than the time that it takes.
  if (running_->pool.is_out_of(kind, form)) start_anew(SocketPool::Stock::kEverything);
  Supplied supplied = running_->pool.take(kind, form);
  if (running_->supervisor) running_->supervisor->watch(supplied.receiver.get());
  return supplied;
}

void AdapterProcess::supply_again(int receiver) {
  if (running_->supervisor) running_->supervisor->watch(receiver);
}

Supervisor& AdapterProcess::supervisor() {
  if (!running_->supervisor) throw std::logic_error("this implementation does not run under a scripted kernel");
  return *running_->supervisor;
}

void AdapterProcess::play(const Script& script, std::span<const int> files, int poke) {
  if (has_signals(script) && !scripted_kernel_support().holds_against_signals) {
    throw EnvironmentLacks(
        "a signal takes a scripted call out of the suite's hands (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19)");
  }
  supervisor().play(script, files, poke);
}

int AdapterProcess::start(const SocketName& socket, const Call& call) {
  if (pending_.empty()) {
    running_->channel.expect_silence();
    close_now();
  }
  const Pending& asked = pending_.emplace_back(Pending{.id = next_id_++, .call = call, .begin = Clock::now()});
  ask(encode_call(asked.id, socket, call));
  return asked.id;
}

AdapterProcess::Pending& AdapterProcess::pending(int call) {
  return *std::ranges::find(pending_, call, &Pending::id);
}

AdapterProcess::Pending* AdapterProcess::concurrent_call_of(const std::string& reply) {
  const auto is_open = [](const Pending& asked) { return asked.call.concurrent && !asked.reply; };
  if (std::ranges::none_of(pending_, is_open)) return nullptr;
  const std::optional<int> id = id_in(reply);
  const auto named =
      std::ranges::find_if(pending_, [&](const Pending& asked) { return asked.id == id && is_open(asked); });
  return named != pending_.end() ? &*named : nullptr;
}

AdapterProcess::Pending& AdapterProcess::read_answer_to(int call) {
  std::string line = running_->channel.read_line(deadline());
  Pending* const concurrent = concurrent_call_of(line);
  Pending& answered = concurrent != nullptr ? *concurrent : pending(call);
  answered.answer(std::move(line));
  return answered;
}

bool AdapterProcess::has_answer() {
  const bool is_kept = pending_.size() == 1 && pending_.front().reply;
  return is_kept || running_->channel.line_is_there();
}

int AdapterProcess::first_answered() {
  return read_answer_to(pending_.front().id).id;
}

Observation AdapterProcess::finish(int call) {
  while (!pending(call).reply) read_answer_to(call);
  const Pending asked = std::move(pending(call));
  std::erase_if(pending_, [call](const Pending& other) { return other.id == call; });
  Observation observation = running_->channel.decoded(
      *asked.reply, [&](const std::string& line) { return decode_result(line, asked.id, asked.call, handshake_); });
  observation.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(asked.end - asked.begin);
  if (pending_.empty()) running_->channel.expect_silence();
  return observation;
}

void AdapterProcess::install_handler(int signum, HandlerAction action) {
  const int id = next_id_++;
  ask(encode_signal(id, signum, action));
  acknowledge(id);
}

void AdapterProcess::close_descriptors(const std::vector<int>& numbers) {
  pending_closes_.insert(pending_closes_.end(), numbers.begin(), numbers.end());
  if (pending_.empty()) close_now();
}

bool AdapterProcess::has_pending_close(int number) const {
  return std::ranges::find(pending_closes_, number) != pending_closes_.end();
}

void AdapterProcess::close_at_once(int number) {
  if (std::ranges::all_of(pending_, [](const Pending& asked) { return asked.call.concurrent; })) {
    close_there({number});
  } else {
    close_descriptors({number});
  }
}

void AdapterProcess::close_now() {
  if (!pending_closes_.empty()) close_there(std::exchange(pending_closes_, {}));
}

void AdapterProcess::close_there(const std::vector<int>& numbers) {
  std::vector<OpenDescriptor> before;
  for (const int number : numbers) {
    if (const auto file = identifiable(pid(), number)) before.push_back(*file);
  }
  const int id = next_id_++;
  ask(encode_close(id, numbers));
  acknowledge(id);
  for (const OpenDescriptor& closed : before) {
    if (identifiable(pid(), closed.number) != closed) continue;
    throw ImplementationFailure(
        Verdict::kProtocol,
        fmt::format("after the reply to close, descriptor {} is still open on the same file", closed.number));
  }
}

CmsgSizes AdapterProcess::cmsg_sizes(const std::vector<std::int64_t>& lengths) {
  const int id = next_id_++;
  ask(encode_cmsg_sizes(id, lengths));
  return reply([&](const std::string& line) { return decode_cmsg_sizes(line, id, lengths.size()); });
}

void AdapterProcess::acknowledge(int id) {
  std::string line = running_->channel.read_line(deadline());
  while (Pending* const answered = concurrent_call_of(line)) {
    answered->answer(std::move(line));
    line = running_->channel.read_line(deadline());
  }
  running_->channel.decoded(line, [id](const std::string& text) { decode_acknowledgement(text, id); });
}

template <typename Condition>
bool AdapterProcess::comes_to(Condition reached) const {
  const auto latest = deadline();
  while (!reached()) {
    throw_if_interrupted();
    if (Clock::now() >= latest) return false;
    sched_yield();
  }
  return true;
}

std::optional<std::uint64_t> AdapterProcess::calls_if_quiet() const {
  return running_->supervisor ? running_->supervisor->calls_if_quiet() : 0;
}

bool AdapterProcess::wait_until_asleep(int number) {
  if (!can_see_system_calls()) throw EnvironmentLacks("what a process sleeps in cannot be seen in /proc/PID/syscall");
  WaitingThreads threads;
  bool asleep = false;
  bool always_runs = true;
  const bool decided = comes_to([&] {
    // The request must have been read: an adapter that waits for its next request by poll sleeps too. And a receive
    // that the supervisor has not passed on yet does not sleep in the kernel, although it looks so.
    const auto before = calls_if_quiet();
    const bool is_read = before && running_->channel.input_is_drained();
    threads = look_at_threads(pid(), number);
    always_runs = always_runs && threads.runs;
    asleep = is_read && threads.in_receive && before == calls_if_quiet();
    return asleep || has_answer() || threads.hidden;
  });
  if (asleep || has_answer()) return asleep;
  if (threads.hidden) throw EnvironmentLacks("what the implementation's threads sleep in cannot be seen in /proc");
  if (decided || always_runs || threads.elsewhere.empty()) hang("neither waits for its socket nor answers");
  throw EnvironmentLacks(fmt::format(
      "the implementation's threads sleep in {}: whether that is a wait for its socket cannot be seen from outside",
      fmt::join(threads.elsewhere, ", ")));
}

void AdapterProcess::send_signal(int signum) {
  if (kill(pid(), signum) != 0 && errno != ESRCH) lack("a process cannot be sent a signal: kill");
  if (!comes_to([&] { return !has_pending_signal(pid(), signum) || has_answer(); })) hang("does not take the signal");
}

void AdapterProcess::stop_and_continue() {
  const auto becomes = [this](bool stopped) {
    return comes_to([&] {
      if (running_->child.end()) throw_if_ended();
      return is_stopped(pid()) == stopped;
    });
  };
  if (kill(pid(), SIGSTOP) != 0 && errno != ESRCH) lack("a process cannot be sent a signal: kill");
  if (!becomes(true)) hang("does not stop");
  kill(pid(), SIGCONT);
  if (!becomes(false)) hang("does not go on after a stop");
}

bool AdapterProcess::wait_for_answer(std::chrono::milliseconds at_most) {
  const auto latest = Clock::now() + at_most;
  while (!has_answer()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(latest - Clock::now()).count();
    if (left <= 0) return false;
    pollfd output{.fd = running_->child.output().get(), .events = POLLIN, .revents = 0};
    poll(&output, 1, static_cast<int>(left));
    throw_if_interrupted();
  }
  return true;
}

std::string AdapterProcess::take_stderr() {
  std::string text = std::exchange(last_words_, {});
  if (running_) text += running_->channel.take_stderr();
  return text;
}

}  // namespace recvinto::kit
