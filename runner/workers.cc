#include "runner/workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <list>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "kit/host/child_process.h"
#include "kit/host/end_of_child.h"
#include "kit/host/fail.h"
#include "kit/host/interruption.h"
#include "kit/host/lacking.h"
#include "kit/performing/outcome.h"
#include "kit/subjects/implementation.h"
#include "kit/subjects/protocol.h"
#include "kit/values/names.h"
#include "runner/result_json.h"

namespace recvinto::runner {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr int kMostFailedStarts = 10;       // in a row: of adapters, and of workers that performed nothing
constexpr std::chrono::seconds kGrace{10};  // beyond the deadline of an answer, for a worker that is to end

/// The exit status of a worker whose parent has ended, or whose parent it cannot see.
constexpr int kWithoutParent = 112;

/// Asks a process to end when this one does.
void end_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kWithoutParent);
}

/// A worker as its parent sees it.
class WorkerProcess {
 public:
  /// `work` is what the child does, with the descriptor that it writes to; it does not return.
  template <typename Work>
  WorkerProcess(unsigned number, const Work& work) : number_(number) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) kit::fail("pipe2");
    output_ = UniqueFd(ends[0]);
    UniqueFd writing(ends[1]);
    std::fflush(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) kit::lack("fork");
    if (pid_ == 0) {
      end_with(parent);
      output_.reset();
      // Where no descriptor of a check is.
      if (UniqueFd high(fcntl(writing.get(), F_DUPFD_CLOEXEC, kit::kOutOfTheWay)); high) writing = std::move(high);
      work(std::move(writing));
    }
    ended_.emplace(pid_);
    fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  }
  ~WorkerProcess() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    reap();
  }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] unsigned number() const { return number_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int output() const { return output_.get(); }
  [[nodiscard]] int ended() const { return ended_->descriptor().get(); }
  void signal(int signum) const { kill(pid_, signum); }

  /// Reads what is there, and returns the next whole line of it.
  std::optional<std::string> next_line() {
    std::size_t end = said_.find('\n', searched_);
    while (end == std::string::npos) {
      searched_ = said_.size();
      std::array<char, 65536> chunk;
      const ssize_t count = read(output_.get(), chunk.data(), chunk.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      said_.append(chunk.data(), static_cast<std::size_t>(count));
      end = said_.find('\n', searched_);
    }
    std::string line = said_.substr(0, end);
    said_.erase(0, end + 1);
    searched_ = 0;
    if (said_.empty()) said_.shrink_to_fit();  // a check may have much to say
    return line;
  }

  /// After its end. Returns its status as of wait(2).
  int reap() {
    ended_.reset();  // before there is no such child any more
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  std::optional<Tickets::Place> delivered;  ///< the last check whose result has come
  bool is_performing = false;               ///< it has said hello
  bool has_given_up = false;                ///< it has said that it cannot start

 private:
  unsigned number_;
  pid_t pid_ = -1;
  UniqueFd output_;
  std::optional<kit::EndOfChild> ended_;
  std::string said_;
  std::size_t searched_ = 0;
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by {}", kit::signal_name(WTERMSIG(status)));
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

/// The outcome of the check that a worker was performing when it ended.
kit::Outcome outcome_of_a_lost_worker(int status) {
  const bool is_from_outside = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM ||
                                                       WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGHUP);
  const std::string what = fmt::format("the process of the suite that performed this check {}", how_it_ended(status));
  if (is_from_outside) return kit::ended(kit::Cause::kInterrupted, what + ", from outside or for lack of memory");
  return kit::ended(kit::Cause::kSuiteFault, "the suite's own fault, not judged: " + what);
}

class Crew {
 public:
  Crew(unsigned count, const Assignment& assignment, const std::vector<RegisteredCheck>& checks, Tickets& tickets,
       Turn& turn, const Listener& listener)
      : count_(count),
        assignment_(assignment),
        checks_(checks),
        tickets_(tickets),
        turn_(turn),
        listener_(listener),
        has_started_(assignment.has_started) {
    for (std::size_t i = 0; i < checks.size(); ++i) numbers_[checks[i].id] = i;
  }
  /// Where something was thrown.
  ~Crew() {
    if (workers_.empty()) return;
    workers_.clear();
    kit::end_orphans({});
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  PassEnd run() {
    start(0);
    if (has_started_) start_others();
    while (!workers_.empty()) {
      wait();
      end_if_interrupted();
      for (auto worker = workers_.begin(); worker != workers_.end();) {
        const auto next = std::next(worker);
        look(worker);
        worker = next;
      }
    }
    return std::move(end_);
  }

 private:
  using Workers = std::list<WorkerProcess>;

  void start(unsigned number) {
    tickets_.leave(number);
    workers_.emplace_back(number, [&](UniqueFd output) {
      for (const WorkerProcess& other : workers_) {  // its siblings', which it has inherited
        if (other.output() >= 0) close(other.output());
        if (other.ended() >= 0) close(other.ended());
      }
      work(assignment_, checks_, tickets_, turn_, number, std::move(output));
    });
  }

  /// Once it is known that the implementation can be started.
  void start_others() {
    is_whole_ = true;
    for (unsigned number = 1; number < count_; ++number) start_if_there_is_room(number);
  }

  /// One that this host has no room for is not needed as long as there is another.
  void start_if_there_is_room(unsigned number) {
    try {
      start(number);
    } catch (const kit::EnvironmentLacks& lack) {
      lacking_ = lack.what();
      if (workers_.empty()) end_.lacking = lacking_;
    }
  }

  void wait() {
    std::vector<pollfd> watched;
    for (const WorkerProcess& worker : workers_) {
      watched.push_back({.fd = worker.output(), .events = POLLIN, .revents = 0});
      watched.push_back({.fd = worker.ended(), .events = POLLIN, .revents = 0});
    }
    poll(watched.data(), watched.size(), 100);  // a signal may come just before
  }

  void end_if_interrupted() {
    if (!kit::is_interrupted()) return;
    if (!interrupted_at_) {
      interrupted_at_ = Clock::now();
      tickets_.stop();
      for (const WorkerProcess& worker : workers_) worker.signal(SIGTERM);
    } else if (Clock::now() > *interrupted_at_ + assignment_.deadline + kGrace) {
      for (const WorkerProcess& worker : workers_) worker.signal(SIGKILL);
    }
  }

  void look(Workers::iterator worker) {
    // In this order: what it has written is there when it has ended.
    pollfd ended{.fd = worker->ended(), .events = POLLIN, .revents = 0};
    const bool has_ended = poll(&ended, 1, 0) == 1;
    while (const auto line = worker->next_line()) hear(*worker, *line);
    if (has_ended) account(worker);
  }

  void hear(WorkerProcess& worker, const std::string& line) {
    const json message = json::parse(line);
    if (const auto hello = message.find("hello"); hello != message.end()) {
      worker.is_performing = true;
      failed_starts_ = 0;
      has_started_ = true;
      if (is_whole_) return;
      listener_.hello(kit::decode_hello(hello->dump(), 0));
      start_others();
    } else if (const auto why = message.find("cannot_start"); why != message.end()) {
      worker.has_given_up = true;
      if (!has_started_) throw kit::CannotStart(why->get<std::string>());
      reason_ = why->get<std::string>();
    } else if (const auto lack = message.find("lacking"); lack != message.end()) {
      worker.has_given_up = true;
      lacking_ = lack->get<std::string>();
      if (!has_started_) throw kit::EnvironmentLacks(lacking_);
    } else if (const auto fault = message.find("fault"); fault != message.end()) {
      if (!has_started_) throw std::runtime_error(fault->get<std::string>());
      end_.fault = fault->get<std::string>();
    } else {
      Result result = result_from_json(message.at("result"));
      const unsigned round = message.at("round").get<unsigned>();
      worker.delivered = {.check = numbers_.at(result.id), .round = round};
      listener_.result(std::move(result), round);
    }
  }

  void account(Workers::iterator worker) {
    const unsigned number = worker->number();
    const int status = worker->reap();
    const bool is_in_order = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == kWithoutParent) {
      throw kit::EnvironmentLacks("a process does not see which one is its parent: getpid, getppid");
    }
    const auto place = tickets_.place(number);
    const bool has_lost_one = place && worker->delivered != place;
    const bool performed = worker->is_performing;
    const bool cannot_start = worker->has_given_up;
    workers_.erase(worker);
    if (!is_in_order) end_orphans();
    if (has_lost_one) {
      const RegisteredCheck& check = checks_.at(place->check);
      listener_.result(result_of(*check.claim, check.id, outcome_of_a_lost_worker(status), assignment_.keep),
                       place->round);
    }
    if ((is_in_order && !cannot_start) || tickets_.is_stopped() || !has_left()) return;
    if (!performed && ++failed_starts_ >= kMostFailedStarts) {
      if (!workers_.empty()) return;
      if (!has_started_) throw std::runtime_error(fmt::format("the process that judges {}", how_it_ended(status)));
      if (reason_.empty() && !lacking_.empty()) {
        end_.lacking = lacking_;
        return;
      }
      end_.cannot_start = fmt::format("the implementation cannot be started any more: {}",
                                      reason_.empty() ? how_it_ended(status) : reason_);
      return;
    }
    start_if_there_is_room(number);
  }

  [[nodiscard]] bool has_left() const { return assignment_.rounds == 0 || tickets_.has_left(assignment_.rounds); }

  /// What the adapter of a worker left behind that could not end it.
  void end_orphans() const {
    std::set<pid_t> spared;
    for (const WorkerProcess& worker : workers_) spared.insert(worker.pid());
    kit::end_orphans(spared);
  }

  unsigned count_;
  const Assignment& assignment_;
  const std::vector<RegisteredCheck>& checks_;
  Tickets& tickets_;
  Turn& turn_;
  const Listener& listener_;
  std::map<std::string, std::size_t> numbers_;  // of checks, by their ids
  Workers workers_;
  bool has_started_;
  bool is_whole_ = false;  // all of the crew have been started
  int failed_starts_ = 0;
  std::string reason_;
  std::string lacking_;
  std::optional<Clock::time_point> interrupted_at_;
  PassEnd end_;
};

}  // namespace

PassEnd run_workers(unsigned count, const Assignment& assignment, const std::vector<RegisteredCheck>& checks,
                    Tickets& tickets, Turn& turn, const Listener& listener) {
  return Crew(count, assignment, checks, tickets, turn, listener).run();
}

}  // namespace recvinto::runner
