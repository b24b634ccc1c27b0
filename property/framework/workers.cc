#include "property/framework/workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "kit/host/fail.h"
#include "kit/host/interruption.h"
#include "property/framework/judging.h"
#include "property/framework/results_json.h"
#include "property/framework/simpler.h"
#include "property/framework/subject.h"
#include "property/framework/worker_process.h"

namespace recvinto::property {
namespace {

constexpr int kLook = 200;  ///< milliseconds between two looks at the workers
/// An adapter's answers have a deadline of their own, so that a worker which waits this many of them is stuck itself.
constexpr int kDeadlinesOfAWorker = 20;
constexpr std::uint64_t kMostTries = 400;  ///< simpler scenarios, each in a process of its own

/// Performs and judges the scenario in a child of this process, which it may end or hang.
kit::Outcome judge_in_a_child(const Plan& plan, const Law& law, const kit::Scenario& scenario) {
  kit::throw_if_interrupted();
  const pid_t pid = fork();
  if (pid < 0) kit::fail("fork");
  if (pid == 0) {
    std::signal(SIGALRM, SIG_DFL);
    alarm(static_cast<unsigned>(plan.deadline.count() / 1000 + 1));
    try {
      Subject subject(plan.implementation, plan.access());
      static_cast<void>(judge(law, scenario, subject));
    } catch (const std::exception&) {
      _exit(0);
    }
    _exit(0);
  }
  const ProcessEnd end = wait_for_end(pid);
  if (end.in_order) return {};
  if (end.signal == SIGALRM) return kit::ended(kit::Cause::kTimedOut, "no answer within the deadline");
  return kit::ended(kit::Cause::kEnded, "the process " + end.text);
}

class Campaign {
 public:
  Campaign(const Plan& plan, const CampaignObserver& observer) : plan_(plan), observer_(observer) {
    plan_.failed_starts = &failed_starts_.get();
    for (const Law* law : plan.laws) result_.laws.emplace_back().law = law;
  }

  CampaignResult run() {
    try {
      for (unsigned index = 0; index < plan_.jobs; ++index) start(index, {});
      while (!workers_.empty()) {
        look();
        if (is_enough()) break;
      }
    } catch (...) {
      result_.ended = kit::outcome_of_current_exception();
    }
    // At once: one of them may hang in a call.
    if (is_enough()) std::ranges::for_each(workers_, [](const auto& worker) { worker->kill_now(); });
    workers_.clear();
    account_for_the_rest();
    show_progress();
    return std::move(result_);
  }

 private:
  using Workers = std::list<std::unique_ptr<WorkerProcess>>;

  [[nodiscard]] bool has_ended(const LawResult& law) const { return law.counterexample || !law.fault.empty(); }

  [[nodiscard]] bool is_enough() const {
    return plan_.fail_fast && std::ranges::any_of(result_.laws, [this](const LawResult& law) {
             return law.counterexample && plan_.counts(*law.law);
           });
  }

  /// Laws of which no case was tried before the campaign ended.
  void account_for_the_rest() {
    for (LawResult& law : result_.laws) {
      if (law.cases != 0 || law.not_tried || has_ended(law)) continue;
      if (result_.ended) {
        law.not_tried = {result_.ended->cause, result_.ended->reason};
      } else if (is_enough()) {
        law.not_tried = {kit::Cause::kNotReached, "not reached: --fail-fast"};
      }
    }
  }

  void start(unsigned index, Resume resume) {
    resume.ended_laws.assign(plan_.laws.size(), false);
    for (std::size_t i = 0; i < plan_.laws.size(); ++i) {
      resume.ended_laws[i] = has_ended(result_.laws[i]) || result_.laws[i].not_tried;
    }
    workers_.push_back(std::make_unique<WorkerProcess>(plan_, index, std::move(resume)));
  }

  void look() {
    std::vector<pollfd> watched;
    for (const auto& worker : workers_) watched.push_back({worker->output(), POLLIN, 0});
    poll(watched.data(), watched.size(), kLook);
    kit::throw_if_interrupted();
    Workers ended;
    auto next = workers_.begin();
    for (const pollfd& entry : watched) {
      const auto worker = next++;
      if (entry.revents != 0) {
        const bool goes_on = (*worker)->read_on();
        take_lines(**worker);
        if (!goes_on) ended.splice(ended.end(), workers_, worker);
      } else if ((*worker)->is_stuck_for(plan_.deadline * (is_in_process() ? 1 : kDeadlinesOfAWorker))) {
        (*worker)->kill_now();
        stuck_.push_back(worker->get());
      }
    }
    for (auto& worker : ended) take_over(*worker);
    show_progress();
  }

  [[nodiscard]] bool is_in_process() const { return plan_.catalogue.is_in_this_program(plan_.implementation); }

  void take_lines(WorkerProcess& worker) {
    while (const std::optional<std::string> line = worker.take_line()) {
      const nlohmann::json said = nlohmann::json::parse(*line, nullptr, /*allow_exceptions=*/false);
      if (said.is_discarded()) continue;  // the implementation wrote to the worker's descriptor: its end says how
      if (said.contains("found")) {
        add(law_result_from_json(said.at("found"), plan_));
      } else if (said.contains("ended")) {
        result_.ended = kit::ended(kit::cause_named(said.at("ended").at("cause").get<std::string>()),
                                   said.at("ended").at("reason").get<std::string>());
        done_.push_back(&worker);
      } else {
        done_.push_back(&worker);
      }
    }
  }

  void add(const LawResult& found) {
    LawResult& law = *std::ranges::find(result_.laws, found.law, &LawResult::law);
    const bool is_new = found.counterexample && !law.counterexample;
    law.add(found);
    if (is_new && observer_.broken) observer_.broken(law);
  }

  /// A worker has ended: in order, or in a case, behind which another one goes on.
  void take_over(WorkerProcess& worker) {
    const bool was_stuck = std::erase(stuck_, &worker) != 0;
    const bool is_done = std::erase(done_, &worker) != 0;
    const ProcessEnd end = worker.wait();
    if (is_done) return;
    if (end.status == kWithoutParent) {
      throw kit::EnvironmentLacks("a process does not see which one is its parent: getpid, getppid");
    }
    const Progress& progress = worker.progress();
    const std::uint32_t law = progress.law;
    Resume resume{.round = progress.round, .law = law, .case_number = progress.case_number};
    // Killed from outside: the case is tried once more.
    const bool is_retried = worker.resume().round == resume.round && worker.resume().law == law &&
                            worker.resume().case_number == resume.case_number && progress.steps == 0;
    if (end.signal == SIGKILL && !was_stuck && !is_retried) return start(worker.index(), std::move(resume));
    ++resume.case_number;
    if (!is_in_process()) {
      LawResult found{.law = plan_.laws.at(law)};
      found.fault =
          was_stuck ? "the suite's own fault: a worker does not go on" : "the suite's own fault: a worker " + end.text;
      add(found);
    } else {
      account(*plan_.laws.at(law), progress.case_number, was_stuck, end);
    }
    if (!is_enough()) start(worker.index(), std::move(resume));
  }

  void account(const Law& law, std::uint64_t case_number, bool was_stuck, const ProcessEnd& end) {
    LawResult found{.law = &law, .cases = 1};
    kit::Outcome outcome =
        was_stuck ? kit::ended(kit::Cause::kTimedOut, "no answer within the deadline")
        : end.status == kCannotReport
            ? kit::ended(kit::Cause::kTookMore, "the implementation closed a descriptor of the suite")
            : kit::ended(kit::Cause::kEnded, "the process " + end.text);
    const auto known =
        std::ranges::find_if(plan_.known, [&](const KnownFailure& entry) { return entry.covers(law, outcome); });
    if (known != plan_.known.end()) {
      found.known[static_cast<std::size_t>(known - plan_.known.begin())] = 1;
    } else if (!std::ranges::find(result_.laws, &law, &LawResult::law)->counterexample) {
      found.counterexample = simplest(law, case_number, std::move(outcome));
    }
    add(found);
  }

  [[nodiscard]] Counterexample simplest(const Law& law, std::uint64_t case_number, kit::Outcome outcome) const {
    Counterexample found{.case_number = case_number};
    const Subject subject(plan_.implementation, plan_.access());
    const World& world = subject.world();
    outcome.scenario = generated(law, seed_of(plan_.seed, law, case_number), world);
    ShrinkLimits limits = plan_.shrinking;
    limits.tries = std::min(limits.tries, kMostTries);
    Shrunk shrunk = shrink(
        std::move(outcome), [&](const kit::Scenario& candidate) { return makes_sense(candidate, law, world); },
        [&](const kit::Scenario& candidate) { return judge_in_a_child(plan_, law, candidate); }, limits);
    found.recurs_alone = kit::is_same_failure(judge_in_a_child(plan_, law, *shrunk.outcome.scenario), shrunk.outcome);
    found.outcome = std::move(shrunk.outcome);
    found.tried = shrunk.tried;
    found.gave_up = shrunk.gave_up;
    return found;
  }

  void show_progress() const {
    if (!observer_.progress) return;
    std::uint64_t cases = 0;
    for (const LawResult& law : result_.laws) cases += law.cases;
    observer_.progress(result_.laws, cases);
  }

  Plan plan_;
  const CampaignObserver& observer_;
  Shared<kit::FailedStarts> failed_starts_;
  CampaignResult result_;
  Workers workers_;
  std::vector<const WorkerProcess*> stuck_;  // killed for it
  std::vector<const WorkerProcess*> done_;   // have said so
};

}  // namespace

CampaignResult run(const Plan& plan, const CampaignObserver& observer) {
  return Campaign(plan, observer).run();
}

}  // namespace recvinto::property
