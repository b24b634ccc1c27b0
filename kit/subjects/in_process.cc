#include "kit/subjects/in_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kit/host/fail.h"
#include "kit/host/loopback_kinds.h"
#include "kit/scripted_kernel/interposed_recvmsg.h"
#include "kit/values/verdict.h"

namespace recvinto::kit {
namespace {

/// What readlink(2) says of a file that Stage sends along.
constexpr std::string_view kFilesOfStages = "/memfd:recvinto";

UniqueFd duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy) fail("fcntl F_DUPFD_CLOEXEC");
  return copy;
}

}  // namespace

struct InProcess::Concurrent {
  int socket;
  std::future<Observation> observation;

  Concurrent(int number, const std::function<Observation()>& perform)
      : socket(number), observation(std::async(std::launch::async, perform)) {}
  Concurrent(const Concurrent&) = delete;
  Concurrent& operator=(const Concurrent&) = delete;
  /// Waits for the thread. A call that was given up may wait for what is never sent.
  ~Concurrent() {
    if (observation.valid()) shutdown(socket, SHUT_RDWR);
  }
};

InProcess::~InProcess() = default;

InProcess::InProcess(std::unique_ptr<Receiver> receiver)
    : receiver_(std::move(receiver)), handshake_(receiver_->handshake()) {
  allow_many_descriptors();
  int highest = -1;
  for (const OpenDescriptor& open : kit::open_descriptors(getpid())) {
    if (open.number < kOutOfTheWay) highest = std::max(highest, open.number);
  }
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) fail("open /dev/null");
  while (lowest_ <= highest) {
    filling_.push_back(duplicate(null.get()));
    lowest_ = filling_.back().get() + 1;
  }
}

void InProcess::prepare() {
  concurrent_.clear();
  receiver_->reset();
  sockets_.clear();
  observation_.reset();
}

Supplied InProcess::supply(const SocketKind& kind, Form form) {
  std::array<int, 2> ends{-1, -1};
  if (form == Form::kPair) {
    if (socketpair(kind.family, kind.type | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
  } else if (form == Form::kPipe) {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  } else if (form == Form::kPrivate) {
    throw EnvironmentLacks("an implementation on the calling thread has no sockets of the private network");
  } else {
    if (std::ranges::find(kEveryKind, kind) != kEveryKind.end()) require_loopback(kind);
    ends[0] = socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol);
    if (ends[0] < 0) fail("socket");
  }
  const UniqueFd& socket = sockets_.emplace_back(ends[0]);
  return {
      .receiver = duplicate(socket.get()), .peer = UniqueFd(ends[1]), .name = {socket.get(), kind.family, kind.type}};
}

int InProcess::start(const SocketName& socket, const Call& call) {
  if (call.concurrent) {
    concurrent_[++last_number_] = std::make_unique<Concurrent>(
        socket.number, [this, number = socket.number, call] { return perform(*receiver_, number, call, signals_); });
    return last_number_;
  }
  // Else what it calls is what it gets: recvmmsg(2) of one message is not recvmsg(2).
  std::optional<InterposedRecvmsg> interposed;
  if (kernel_.is_playing()) interposed.emplace(kernel_);
  observation_ = perform(*receiver_, socket.number, call, signals_);
  observation_->known_msg_flags = handshake_.known_msg_flags;
  return 0;
}

Observation InProcess::finish(int call) {
  if (const auto concurrent = concurrent_.extract(call)) {
    Observation observation = concurrent.mapped()->observation.get();
    observation.known_msg_flags = handshake_.known_msg_flags;
    return observation;
  }
  return *std::exchange(observation_, std::nullopt);
}

void InProcess::install_handler(int signum, HandlerAction action) {
  if (!signals_.install(signum, action)) throw Unsupported("signals");
}

void InProcess::close_descriptors(const std::vector<int>& numbers) {
  receiver_->reset();
  for (const int number : numbers) {
    const auto socket = std::ranges::find(sockets_, number, &UniqueFd::get);
    if (socket != sockets_.end()) {
      sockets_.erase(socket);
    } else {
      close(number);
    }
  }
}

void InProcess::play(const Script& script, std::span<const int> files, int /*poke*/) {
  kernel_.play(script, files);
}

void InProcess::mark_untrusted() {
  prepare();
  for (int number = lowest_; number < kOutOfTheWay; ++number) {
    std::array<char, 32> target{};
    const std::string link = "/proc/self/fd/" + std::to_string(number);
    if (readlink(link.c_str(), target.data(), target.size()) < 0) continue;
    if (std::string_view(target.data(), target.size()).starts_with(kFilesOfStages)) close(number);
  }
}

pid_t InProcess::pid() const {
  return getpid();
}

std::vector<OpenDescriptor> InProcess::open_descriptors(const Wanted& wanted, int highest) const {
  std::vector<OpenDescriptor> open;
  struct stat status{};
  for (int number = lowest_; number <= highest; ++number) {
    if (wanted && !wanted(number)) continue;
    if (fstat(number, &status) == 0) open.push_back({number, status.st_dev, status.st_ino});
  }
  return open;
}

std::optional<DescriptorFacts> InProcess::descriptor_facts(int number) const {
  const int flags = fcntl(number, F_GETFD);
  if (flags < 0) return std::nullopt;
  DescriptorFacts facts{.close_on_exec = (flags & FD_CLOEXEC) != 0};
  const off_t offset = lseek(number, 0, SEEK_CUR);
  if (offset >= 0) facts.offset = static_cast<std::uint64_t>(offset);
  return facts;
}

}  // namespace recvinto::kit
