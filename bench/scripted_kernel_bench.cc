// What it costs that a script answers in the kernel's place; bench/scripted_kernel runs this and knows the limits.
//
//   scripted_kernel_bench calls REPETITIONS CALLS        nanoseconds a call, one line of JSON a repetition
//   scripted_kernel_bench cases CASES COMMAND...         scripted cases a second with this adapter, once started
//
// All subjects of a repetition take turns within it, so that whatever else the machine does strikes them alike.

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "kit/scripted_kernel/launch.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/scripted_kernel/scripted_kernel.h"
#include "kit/scripted_kernel/socket_pair.h"
#include "kit/scripted_kernel/supervisor.h"
#include "kit/subjects/adapter_process.h"
#include "recvinto/kernel.h"

namespace recvinto::bench {
namespace {

using namespace kit;

using Nanoseconds = std::chrono::duration<double, std::nano>;

/// A receive of ten bytes that stay where they are, with room for everything that an answer may bring.
class Receive {
 public:
  Receive() {
    message_.msg_iov = &buffer_;
    message_.msg_iovlen = 1;
  }

  ssize_t by(Kernel& kernel, int socket) {
    rewind();
    return kernel.recvmsg(socket, message_, MSG_PEEK);
  }
  ssize_t bare(int socket) {
    rewind();
    return ::recvmsg(socket, &message_, MSG_PEEK);
  }

 private:
  void rewind() {
    message_.msg_name = &name_;
    message_.msg_namelen = sizeof name_;
    message_.msg_control = control_.data();
    message_.msg_controllen = control_.size();
  }

  std::array<char, 10> data_{};
  alignas(cmsghdr) std::array<char, 64> control_{};
  sockaddr_storage name_{};
  iovec buffer_{.iov_base = data_.data(), .iov_len = data_.size()};
  msghdr message_{};
};

template <typename Call>
double nanoseconds_per_call(std::size_t calls, Call call) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < calls; ++i) call();
  return Nanoseconds(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(calls);
}

/// A socket with ten bytes in its queue.
Pair make_workload() {
  Pair ends = make_pair(SOCK_DGRAM);
  if (send(ends.other.get(), "0123456789", 10, 0) != 10) throw std::system_error(errno, std::system_category(), "send");
  return ends;
}

/// A process that receives, or waits for what is there, a given number of times, and says how long a call took;
/// supervised where there is a launch.
class Receiver {
 public:
  enum class Work { kReceive, kWait };

  Receiver(int socket, const Launch* launch) : words_(make_pair(SOCK_SEQPACKET)), pid_(fork()) {
    if (pid_ < 0) throw std::system_error(errno, std::system_category(), "fork");
    if (pid_ == 0) serve(socket, launch);
    words_.other.reset();
    ask({});  // it is supervised from now on
  }
  ~Receiver() {
    words_.one.reset();
    waitpid(pid_, nullptr, 0);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  double nanoseconds_per_call(std::size_t calls, Work work = Work::kReceive) { return ask({work, calls}); }

 private:
  struct Order {
    Work work = Work::kReceive;
    std::size_t calls = 0;
  };

  double ask(const Order& order) {
    double answer = 0;
    if (write(words_.one.get(), &order, sizeof order) < 0 || read(words_.one.get(), &answer, sizeof answer) <= 0) {
      throw std::runtime_error("the receiving process does not answer");
    }
    return answer;
  }

  [[noreturn]] void serve(int socket, const Launch* launch) const {
    const int suite = words_.other.get();
    close(words_.one.get());
    if (launch != nullptr && !launch->install()) _exit(1);
    Receive receive;
    Order order;
    while (read(suite, &order, sizeof order) > 0) {
      double time = 0;
      if (order.calls != 0 && order.work == Work::kReceive) {
        time = bench::nanoseconds_per_call(order.calls, [&] { receive.bare(socket); });
      } else if (order.calls != 0) {
        time = bench::nanoseconds_per_call(order.calls, [&] {
          pollfd watched{.fd = socket, .events = POLLIN, .revents = 0};
          poll(&watched, 1, 1000);
        });
      }
      if (write(suite, &time, sizeof time) < 0) break;
    }
    _exit(0);
  }

  Pair words_;
  pid_t pid_;
};

/// As often as it is asked for.
Script repeated(ScriptStep step) {
  return {.steps = {std::move(step)}, .last_repeats = true};
}

/// Data, a control message and an address.
ScriptStep full_answer() {
  return gives(answer::Result{.data = "0123456789",
                              .control = {{.type = SCM_RIGHTS + 100, .data = "0123"}},
                              .raw_control = {},
                              .address = "un"});
}

/// Once under each script; without a script, calls are passed on.
double supervised(Receiver& receiver, Supervisor& supervisor, std::size_t calls, const Script* script) {
  if (script == nullptr) return receiver.nanoseconds_per_call(calls);
  supervisor.play(*script, {}, -1);
  const double time = receiver.nanoseconds_per_call(calls);
  const CallLog log = supervisor.finish();
  if (log.calls.size() != calls || !log.troubles.empty()) throw std::runtime_error("the script was not played");
  return time;
}

/// Each wait is answered by the script, which says that the socket is ready: as the kernel does, for it is.
double supervised_waits(Receiver& receiver, Supervisor& supervisor, std::size_t calls) {
  Script script{.steps = {gives("0123456789")}};
  script.waits = {wait_is_ready()};
  supervisor.play(script, {}, -1);
  const double time = receiver.nanoseconds_per_call(calls, Receiver::Work::kWait);
  const CallLog log = supervisor.finish();
  if (log.waits.size() != calls || !log.troubles.empty()) throw std::runtime_error("the script was not played");
  return time;
}

/// Scripts as claims have them: some steps a play.
double in_process(ScriptedKernel& kernel, int socket, std::size_t calls, const ScriptStep& step) {
  constexpr std::size_t kCallsOfAPlay = 20;
  const Script script{.steps = times(kCallsOfAPlay, step, {})};
  Receive receive;
  const std::size_t plays = (calls + kCallsOfAPlay - 1) / kCallsOfAPlay;
  return nanoseconds_per_call(plays,
                              [&] {
                                kernel.play(script);
                                for (std::size_t i = 0; i < kCallsOfAPlay; ++i) receive.by(kernel, socket);
                                if (kernel.finish().calls.size() != kCallsOfAPlay)
                                  throw std::runtime_error("the script was not played");
                              }) /
         static_cast<double>(kCallsOfAPlay);
}

void measure_calls(std::size_t repetitions, std::size_t calls) {
  const Script full = repeated(full_answer());
  const Script failure = repeated(fails(ECONNRESET));
  const Pair workload = make_workload();
  const int socket = workload.one.get();

  Receiver plain(socket, nullptr);
  Launch launch({.first = socket, .last = socket});
  Receiver receiver(socket, &launch);
  Supervisor supervisor(launch.take_listener(), Unscripted::kPass, scripted_kernel_support().way);
  supervisor.watch(socket);
  ScriptedKernel kernel;
  for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
    Receive bare;
    Receive here;
    fmt::print(
        R"({{"plain":{},"answer":{},"errno":{},"pass":{},"poll":{},"wait":{},"bare":{},"answer_here":{},)"
        R"("through_here":{},"pass_here":{}}})"
        "\n",
        plain.nanoseconds_per_call(calls), supervised(receiver, supervisor, calls, &full),
        supervised(receiver, supervisor, calls, &failure), supervised(receiver, supervisor, calls, nullptr),
        plain.nanoseconds_per_call(calls, Receiver::Work::kWait), supervised_waits(receiver, supervisor, calls),
        nanoseconds_per_call(calls, [&] { bare.bare(socket); }), in_process(kernel, socket, calls, full_answer()),
        nanoseconds_per_call(calls, [&] { here.by(kernel, socket); }), in_process(kernel, socket, calls, pass()));
  }
}

void measure_cases(std::size_t cases, std::vector<std::string> command) {
  AdapterProcess adapter(std::move(command), std::chrono::seconds(30), KernelMode::kPass);
  adapter.prepare();
  const Supplied socket = adapter.supply(kUnixStream, Form::kPair);
  const Script script{.steps = {gives("abcd")}};
  const Call call{.buffers = {room(8)}};
  fmt::print("ready\n");
  std::fflush(stdout);
  if (std::getchar() == EOF) return;
  const double time = nanoseconds_per_call(cases, [&] {
    adapter.play(script, {}, -1);
    adapter.start(socket.name, call);
    const Observation observation = adapter.finish();
    if (observation.nbytes != 4 || adapter.finish_play().calls.size() != 1) {
      throw std::runtime_error("the script was not played");
    }
  });
  fmt::print("{}\n", 1e9 / time);
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    throw std::invalid_argument("not a number");
  return value;
}

void run(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "calls") {
    measure_calls(number(words[1]), number(words[2]));
  } else if (words.size() > 2 && words[0] == "cases") {
    measure_cases(number(words[1]), {words.begin() + 2, words.end()});
  } else {
    throw std::invalid_argument("expected: calls REPETITIONS CALLS, or cases CASES COMMAND...");
  }
}

}  // namespace
}  // namespace recvinto::bench

int main(int argc, char** argv) {
  try {
    if (const auto& support = recvinto::kit::scripted_kernel_support(); !support.available()) {
      fmt::print(stderr, "{}", recvinto::kit::describe(support));
      return 3;
    }
    recvinto::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "scripted_kernel_bench: {}\n", error.what());
    return 1;
  }
}
