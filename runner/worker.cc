#include "runner/worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "kit/host/child_process.h"
#include "kit/host/interruption.h"
#include "kit/host/lacking.h"
#include "kit/performing/outcome.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/protocol.h"
#include "property/framework/subject.h"
#include "runner/result_json.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// The judged implementation under a scripted kernel: a second process, started by the first check that needs it.
class ScriptedTwin {
 public:
  ScriptedTwin(kit::AdapterProcess& plain, const Assignment& assignment, kit::FailedStarts& failed_starts)
      : plain_(plain), assignment_(assignment), failed_starts_(failed_starts) {}

  kit::Implementation& get() {
    if (assignment_.kernel != kit::KernelMode::kHost) return plain_;
    if (!kit::scripted_kernel_support().available()) {
      throw kit::EnvironmentLacks("no scripted kernel: " + kit::scripted_kernel_support().lacking);
    }
    if (scripted_) return *scripted_;
    // Each attempt may take as long as an answer may.
    if (failed_starts_.are_enough()) {
      throw kit::CannotStart(fmt::format("given up after {} failed starts in a row", kit::FailedStarts::kEnough));
    }
    scripted_.emplace(assignment_.command, assignment_.deadline, kit::KernelMode::kPass,
                      kit::AdapterProcess::kPatienceAtStart, &failed_starts_);
    if (assignment_.merges_buffers) scripted_->withhold({kit::Capability::kScatter});
    return *scripted_;
  }

 private:
  kit::AdapterProcess& plain_;
  const Assignment& assignment_;
  std::optional<kit::AdapterProcess> scripted_;
  kit::FailedStarts& failed_starts_;
};

/// What one process of an implementation has performed.
struct Performed {
  unsigned generation = 0;
  std::vector<std::string> checks = {};
};

class Worker final : public testing::EmptyTestEventListener {
 public:
  Worker(const Assignment& assignment, const std::vector<RegisteredCheck>& checks, Tickets& tickets, unsigned number,
         UniqueFd output)
      : assignment_(assignment), checks_(checks), tickets_(tickets), number_(number), output_(std::move(output)) {}

  void say(const json& message) const {
    const std::string line = line_of(message) + '\n';
    for (std::size_t written = 0; written < line.size();) {
      const ssize_t count = write(output_.get(), line.data() + written, line.size() - written);
      if (count < 0 && errno != EINTR) _exit(1);  // the parent has ended
      if (count > 0) written += static_cast<std::size_t>(count);
    }
  }

  void start() {
    implementation_.emplace(assignment_.command, assignment_.deadline, assignment_.kernel,
                            kit::AdapterProcess::kPatienceAtStart, &tickets_.failed_starts());
    twin_.emplace(*implementation_, assignment_, tickets_.failed_scripted_starts());
    subject_.implementation = &*implementation_;
    subject_.scripted = [this]() -> kit::Implementation& { return twin_->get(); };
    subject_.take = [this](kit::Outcome outcome) { outcome_ = std::move(outcome); };
    say({{"hello", json::parse(kit::encode_hello_reply(0, implementation_->handshake()))}});
    merges_buffers_ =
        assignment_.merges_buffers && implementation_->handshake().capabilities.contains(kit::Capability::kScatter);
    if (merges_buffers_) implementation_->withhold({kit::Capability::kScatter});
  }
  /// Ends the adapter in order.
  void end() {
    twin_.reset();
    implementation_.reset();
  }

  [[nodiscard]] const conformance::Subject& subject() const { return subject_; }

  /// Whether this worker is to perform the check, now.
  bool takes(std::size_t check) {
    if (kit::is_interrupted() || !tickets_.take(check, round_, number_)) return false;
    check_ = check;
    outcome_.reset();
    begin_ = std::chrono::steady_clock::now();
    return true;
  }

  void OnTestIterationStart(const testing::UnitTest& /*unit_test*/, int iteration) override {
    round_ = static_cast<unsigned>(iteration);
  }
  void OnTestEnd(const testing::TestInfo& /*info*/) override {
    if (!check_) return;
    const RegisteredCheck& check = checks_.at(*std::exchange(check_, std::nullopt));
    if (!outcome_)
      outcome_ = kit::ended(kit::Cause::kSuiteFault, "the suite's own fault: the check reported no outcome");
    if (merges_buffers_ && outcome_->cause == kit::Cause::kNotDeclared &&
        check.claim->needs.contains(kit::Capability::kScatter)) {
      outcome_->reason = property::kAboutSeveralBuffers;
    }
    const bool failed = outcome_->verdict != kit::Verdict::kPass && outcome_->verdict != kit::Verdict::kSkip;
    Result result = result_of(*check.claim, check.id, *std::exchange(outcome_, std::nullopt), assignment_.keep);
    result.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
    note_performed(*check.claim, result);
    if (failed && assignment_.fail_fast) tickets_.stop();
    say({{"round", round_}, {"result", to_message(result)}});
    tickets_.leave(number_);
  }
  void OnTestIterationEnd(const testing::UnitTest& /*unit_test*/, int /*iteration*/) override {
    if (!tickets_.is_stopped() && !kit::is_interrupted()) return;
    end();  // no round that follows would perform anything, and there may be no last one
    _exit(0);
  }

 private:
  void note_performed(const conformance::Claim& claim, Result& result) {
    if (result.outcome.verdict == kit::Verdict::kSkip || result.outcome.verdict == kit::Verdict::kNotRun) return;
    kit::Implementation& plain = *implementation_;
    kit::Implementation& implementation = claim.oddity ? twin_->get() : plain;
    Performed& performed = &implementation == &plain ? performed_ : performed_by_the_twin_;
    if (const unsigned generation = implementation.sockets().generation(); performed.generation != generation) {
      performed = {.generation = generation};
    }
    if (result.outcome.cause == kit::Cause::kEnded) result.before = performed.checks;
    performed.checks.push_back(result.id);
  }

  const Assignment& assignment_;
  const std::vector<RegisteredCheck>& checks_;
  Tickets& tickets_;
  unsigned number_;
  UniqueFd output_;
  std::optional<kit::AdapterProcess> implementation_;
  std::optional<ScriptedTwin> twin_;
  conformance::Subject subject_;
  unsigned round_ = 0;
  bool merges_buffers_ = false;
  Performed performed_;
  Performed performed_by_the_twin_;
  std::optional<std::size_t> check_;
  std::optional<kit::Outcome> outcome_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace

void work(const Assignment& assignment, const std::vector<RegisteredCheck>& checks, Tickets& tickets, Turn& turn,
          unsigned number, UniqueFd output) {
  kit::adopt_orphans();
  GTEST_FLAG_SET(repeat, assignment.rounds == 0 ? -1 : static_cast<int>(assignment.rounds));
  GTEST_FLAG_SET(fail_fast, false);  // the tickets are stopped, for all workers
  // GoogleTest deletes it, but this process ends before.
  auto* worker = new Worker(assignment, checks, tickets, number, std::move(output));
  turn.subject = &worker->subject();
  turn.is_ours = [worker](std::size_t check) { return worker->takes(check); };
  testing::UnitTest::GetInstance()->listeners().Append(worker);
  try {
    worker->start();
    [[maybe_unused]] const int status = RUN_ALL_TESTS();  // verdicts are in what it has said
    worker->end();
  } catch (const kit::CannotStart& error) {
    worker->say({{"cannot_start", error.what()}});
  } catch (const kit::Interrupted&) {  // the parent knows
  } catch (const kit::EnvironmentLacks& error) {
    worker->say({{"lacking", error.what()}});
  } catch (const std::system_error& error) {
    worker->say({{kit::is_the_hosts(error) ? "lacking" : "fault", error.what()}});
  } catch (const std::exception& error) {
    worker->say({{"fault", error.what()}});
  }
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace recvinto::runner
