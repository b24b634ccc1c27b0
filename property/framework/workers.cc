#include "property/framework/workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "fixtures/implementations/fail.h"
#include "fixtures/implementations/implementation.h"
#include "fixtures/implementations/interruption.h"
#include "fixtures/implementations/specification.h"
#include "property/framework/results_json.h"
#include "recvinto/unique_fd.h"

namespace recvinto::property {
namespace {

using Clock = std::chrono::steady_clock;

/// Memory that a worker shares with its parent, so that the parent knows where the worker was when it ended.
class SharedProgress {
 public:
  SharedProgress()
      : memory_(mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) kit::fail("mmap");
    new (memory_) Progress();
  }
  ~SharedProgress() { munmap(memory_, sizeof(Progress)); }
  SharedProgress(const SharedProgress&) = delete;
  SharedProgress& operator=(const SharedProgress&) = delete;

  [[nodiscard]] volatile Progress& get() const { return *static_cast<volatile Progress*>(memory_); }

 private:
  void* memory_;
};

/// What ended a worker before its time, and is its parent's to throw.
nlohmann::json told(std::string_view kind, const std::exception& error) {
  return {{"ended", kind}, {"what", error.what()}};
}

nlohmann::json work(const Plan& plan, unsigned index, volatile Progress& progress) {
  // Cases take much memory at times, and the next ones take it again: handing it back costs more than the rest of them.
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  try {
    return to_json(run_cases(plan, index, progress));
  } catch (const kit::CannotStart& error) {
    return told("cannot start", error);
  } catch (const kit::Interrupted& error) {
    return told("interrupted", error);
  } catch (const kit::ImplementationFailure& error) {
    return told("not run", error);
  } catch (const std::exception& error) {
    return told("suite", error);
  }
}

[[noreturn]] void throw_again(const nlohmann::json& ended) {
  const std::string what = ended.at("what");
  const std::string kind = ended.at("ended");
  if (kind == "cannot start") throw kit::CannotStart(what);
  if (kind == "interrupted") throw kit::Interrupted(what);
  if (kind == "not run") throw kit::ImplementationFailure(kit::Verdict::kNotRun, what);
  throw std::runtime_error(what);
}

/// One worker: a process of its own.
class Child {
 public:
  Child(const Plan& plan, unsigned index) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) kit::fail("pipe2");
    output_ = UniqueFd(ends[0]);
    UniqueFd writing(ends[1]);
    // Where an implementation that closes numbers at random hardly meets it.
    if (UniqueFd high(fcntl(ends[1], F_DUPFD_CLOEXEC, kit::kOutOfTheWay)); high) writing = std::move(high);
    std::fflush(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) kit::fail("fork");
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    output_.reset();
    kit::adopt_orphans();
    const std::string text = work(plan, index, progress_.get()).dump();
    for (std::size_t written = 0; written < text.size();) {
      const ssize_t count = write(writing.get(), text.data() + written, text.size() - written);
      if (count < 0 && errno != EINTR) _exit(1);
      if (count > 0) written += static_cast<std::size_t>(count);
    }
    _exit(0);
  }
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int output() const { return output_.get(); }
  [[nodiscard]] const volatile Progress& progress() const { return progress_.get(); }

  /// Reads what is there; true at the end of what it has to say.
  bool read_on() {
    std::array<char, 65536> chunk;
    const ssize_t count = read(output_.get(), chunk.data(), chunk.size());
    if (count < 0) return errno != EINTR && errno != EAGAIN;
    said_.append(chunk.data(), static_cast<std::size_t>(count));
    return count == 0;
  }

  /// After the end: what it said, or nothing, and `how_it_ended` for people.
  std::optional<nlohmann::json> take(std::string& how_it_ended) {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      nlohmann::json said = nlohmann::json::parse(said_, nullptr, /*allow_exceptions=*/false);
      if (!said.is_discarded()) return said;
      how_it_ended = "has closed a descriptor that was the suite's, and cannot be heard any more";
      return std::nullopt;
    }
    how_it_ended = WIFSIGNALED(status) ? fmt::format("ended by SIG{}", sigabbrev_np(WTERMSIG(status)))
                                       : fmt::format("exited with status {}", WEXITSTATUS(status));
    return std::nullopt;
  }

  void kill_now() const { kill(pid_, SIGKILL); }

  // For whoever watches whether it goes on.
  std::uint64_t cases_seen = 0;
  Clock::time_point seen_at = Clock::now();
  bool hung = false;

 private:
  SharedProgress progress_;
  pid_t pid_ = -1;
  UniqueFd output_;
  std::string said_;
};

/// Whether performing the scenario ends a process of its own, or hangs it.
bool ends_a_process(const Plan& plan, const Law& law, const kit::Scenario& scenario) {
  const pid_t pid = fork();
  if (pid < 0) kit::fail("fork");
  if (pid == 0) {
    alarm(static_cast<unsigned>(plan.deadline.count() / 1000 + 1));
    try {
      Seat seat(plan.implementation, plan.this_program, plan.deadline);
      static_cast<void>(judge(law, scenario, seat, nullptr));
    } catch (const std::exception&) {
      _exit(0);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

class Watch {
 public:
  Watch(const Plan& plan, const std::function<void(std::uint64_t)>& progress) : plan_(plan), tell_(progress) {
    for (const Law* law : plan.laws) {
      LawResult& result = results_.emplace_back();
      result.law = law;
    }
  }

  std::vector<LawResult> run() {
    for (unsigned index = 0; index < plan_.jobs; ++index) run_one_more(index);
    while (!children_.empty()) {
      look();
      if (is_enough()) end_all();
    }
    return std::move(results_);
  }

 private:
  struct Running {
    Plan plan;  // without the laws that ended the worker before
    unsigned index;
    std::unique_ptr<Child> child;
  };

  static bool is_broken(const LawResult& result) { return result.counterexample.has_value(); }

  [[nodiscard]] bool is_enough() const { return plan_.fail_fast && std::ranges::any_of(results_, is_broken); }

  /// At once: one of them may hang in a call.
  void end_all() {
    for (const Running& one : children_) one.child->kill_now();
    children_.clear();
  }

  void run_one_more(unsigned index) {
    Plan plan = plan_;
    std::erase_if(plan.laws, [this](const Law* law) { return is_broken(result_of(law)); });
    if (plan.laws.empty()) return;
    plan.cases = plan_.cases_of_each() * plan.laws.size();
    Running& running = children_.emplace_back(Running{std::move(plan), index, nullptr});
    running.child = std::make_unique<Child>(running.plan, index);
  }

  LawResult& result_of(const Law* law) { return *std::ranges::find(results_, law, &LawResult::law); }

  void look() {
    std::vector<pollfd> watched;
    for (const Running& one : children_) watched.push_back({one.child->output(), POLLIN, 0});
    poll(watched.data(), watched.size(), 200);
    kit::throw_if_interrupted();
    std::list<Running> ended;
    auto running = children_.begin();
    for (const pollfd& entry : watched) {
      const auto next = std::next(running);
      if (entry.revents != 0 && running->child->read_on()) {
        ended.splice(ended.end(), children_, running);
      } else {
        end_if_it_hangs(*running->child);
      }
      running = next;
    }
    for (Running& one : ended) account(one);
    std::uint64_t cases = 0;
    for (const LawResult& result : results_) cases += result.cases;
    for (const Running& one : children_) cases += one.child->progress().cases;
    tell_(cases);
  }

  /// An adapter process has a deadline of its own, after which it is started again.
  void end_if_it_hangs(Child& child) const {
    const std::uint64_t cases = child.progress().cases;
    const auto now = Clock::now();
    if (cases != child.cases_seen) {
      child.cases_seen = cases;
      child.seen_at = now;
    } else if (now - child.seen_at > plan_.deadline * (is_of_this_program(plan_.implementation) ? 1 : 20)) {
      child.hung = true;
      child.kill_now();
    }
  }

  void account(Running& ended) {
    std::string how;
    if (const auto said = ended.child->take(how)) {
      if (said->is_object()) throw_again(*said);
      add(results_from_json(*said, ended.plan));
      return;
    }
    const Law* law = ended.plan.laws.at(ended.child->progress().law);
    const std::uint64_t number = ended.child->progress().case_number;
    LawResult& result = result_of(law);
    if (!result.counterexample) result.counterexample = simplest(*law, number, ended.child->hung, how);
    if (!is_enough()) run_one_more(ended.index);
  }

  Counterexample simplest(const Law& law, std::uint64_t number, bool hung, const std::string& how) const {
    Counterexample found{.case_number = number,
                         .verdict = hung ? kit::Verdict::kHang : kit::Verdict::kCrash,
                         .text = hung ? "no answer within the deadline" : "the process " + how};
    const Seat seat(plan_.implementation, plan_.this_program, plan_.deadline);
    const std::uint64_t seed = seed_of(plan_, law, number);
    const std::uint64_t tries = std::min<std::uint64_t>(plan_.tries, hung ? 20 : 400);
    std::tie(found.scenario, found.tried) = shrunk(law, seat.world(), seed, tries, [&](const kit::Scenario& candidate) {
      return ends_a_process(plan_, law, candidate);
    });
    return found;
  }

  void add(std::vector<LawResult> some) {
    for (LawResult& one : some) {
      LawResult& result = result_of(one.law);
      result.not_tried = one.not_tried;
      result.cases += one.cases;
      result.kernel_deviates += one.kernel_deviates;
      for (const auto& [reason, count] : one.skipped) result.skipped[reason] += count;
      for (std::size_t i = 0; i < kFeatures; ++i) result.shown[i] += one.shown[i];
      const bool is_first = one.counterexample && (!result.counterexample || one.counterexample->case_number <
                                                                                 result.counterexample->case_number);
      if (is_first) result.counterexample = std::move(one.counterexample);
    }
  }

  const Plan& plan_;
  const std::function<void(std::uint64_t)>& tell_;
  std::vector<LawResult> results_;
  std::list<Running> children_;
};

}  // namespace

std::vector<LawResult> run(const Plan& plan, const std::function<void(std::uint64_t)>& progress) {
  return Watch(plan, progress).run();
}

}  // namespace recvinto::property
