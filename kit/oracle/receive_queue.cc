#include "kit/oracle/receive_queue.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kit/oracle/arguments.h"
#include "kit/oracle/scripted_answer.h"

namespace recvinto::kit {
namespace {

/// A call with a shorter timeout may be over before what happens meanwhile has happened.
constexpr std::chrono::milliseconds kLongWait{1000};

bool may_time_out(const std::optional<std::chrono::milliseconds>& timeout) {
  return timeout && timeout->count() != 0;
}

bool is_interrupted(const Script& script) {
  return std::ranges::any_of(script.steps, [](const ScriptStep& step) { return step.signum != 0; });
}

bool may_be_eintr(const Script& script) {
  return std::ranges::any_of(script.steps, [](const ScriptStep& step) {
    const auto* failure = std::get_if<answer::Failure>(&step.answer);
    return failure != nullptr && failure->number == EINTR;
  });
}

bool is_timeout(const Expected& expected) {
  return expected.failure && expected.failure->kind == Failure::Kind::kTimeout;
}

}  // namespace

ReceiveQueue::ReceiveQueue(const SocketKind& kind, const ModelWorld& world) : world_(&world), socket_{.kind = kind} {}

std::optional<Expected> ReceiveQueue::apply(const Step& step) {
  if (std::holds_alternative<step::Finish>(step)) return finish();
  if (const auto* call = std::get_if<step::Start>(&step)) {
    start(call->call);
  } else {
    apply_other(step);
  }
  return std::nullopt;
}

// --- the call --------------------------------------------------------------------------------------------------------

void ReceiveQueue::start(const Call& call) {
  if (waiting_ || settled_) throw Unpredictable("two calls at a time");
  open();
  const std::optional<Expected> refusal = refusal_of(call, socket_.kind, *world_);
  if (script_) {
    if (refusal) throw Unpredictable("a script for a call that is refused");
    settled_ = by_script(call, arguments_of(call, *world_));
    return;
  }
  const ModelReceive receive = arguments_of(call, *world_);
  const bool may_wait = is_blocking(call) || may_time_out(call.timeout);
  // MSG_DONTWAIT with a timeout ends at once, or by the timeout; and who waits elsewhere may not even see it.
  const bool is_in_two_minds = (receive.flags & MSG_DONTWAIT) != 0 &&
                               (may_time_out(call.timeout) || (!call.timeout && !world_->waits_in_system_call));
  const bool finds = refusal ? !is_timeout(*refusal) : !finds_nothing(socket_, receive);
  if (is_in_two_minds && !finds) throw Unpredictable("MSG_DONTWAIT where something else says whether to wait");
  if (refusal && waits_for_readiness_first(call, *refusal)) {
    throw Unpredictable("a refused call, which may wait for something to receive first");
  }
  if (refusal) {
    settled_ = refusal;
    return;
  }
  if (finds) {
    settled_ = received(socket_, receive, *world_);
  } else if (may_wait) {
    waiting_ = {receive, call.timeout};
  } else {
    settled_ = failing(would_block());
  }
}

Expected ReceiveQueue::finish() {
  if (const auto waiting = std::exchange(waiting_, {})) {
    if (waiting->timeout) return failing(timed_out());
    throw Unpredictable("nothing ends the wait of the call");
  }
  if (!settled_) throw Unpredictable("no call was started");
  return *std::exchange(settled_, {});
}

bool ReceiveQueue::waits_for_readiness_first(const Call& call, const Expected& refusal) const {
  const bool waits_elsewhere = !world_->waits_in_system_call;
  // An argument is checked before the wait, unless the implementation waits beside the call that checks it.
  const bool is_argument = refusal.failure->kind == Failure::Kind::kRefusedArgument;
  if (is_argument ? !waits_elsewhere : !is_refused_by_the_system(refusal)) return false;
  const bool may_wait = may_time_out(call.timeout) || (waits_elsewhere && is_blocking(call));
  const ModelReceive plain{.capacity = 1, .flags = MSG_DONTWAIT};
  return may_wait && finds_nothing(socket_, plain);
}

bool ReceiveQueue::would_wait(const Call& call) const {
  if (const std::optional<Expected> refusal = refusal_of(call, socket_.kind, *world_)) {
    return waits_for_readiness_first(call, *refusal);
  }
  return is_blocking(call) && finds_nothing(socket_, arguments_of(call, *world_));
}

/// Before a step that changes what a call finds: it must not be able to come before or after.
void ReceiveQueue::disturb(bool while_waiting_too) {
  if (settled_) throw Unpredictable("what happens between a call and its end may come before or after it");
  if (waiting_ && !while_waiting_too) throw Unpredictable("something happens to the socket while a call waits");
  open();
}

/// After a step that may end the wait of a call.
void ReceiveQueue::wake() {
  if (!waiting_ || finds_nothing(socket_, waiting_->receive)) return;
  if (waiting_->timeout && *waiting_->timeout < kLongWait) throw Unpredictable("the call may have timed out already");
  settled_ = received(socket_, std::exchange(waiting_, {})->receive, *world_);
}

Expected ReceiveQueue::by_script(const Call& call, const ModelReceive& receive) {
  const Script script = *std::exchange(script_, {});
  if (may_time_out(call.timeout) && *call.timeout < kLongWait && is_interrupted(script)) {
    throw Unpredictable("a call that may time out before it is tried again");
  }
  if (!world_->retries_without_waiting && !is_blocking(call) && !may_time_out(call.timeout) && may_be_eintr(script)) {
    throw Unpredictable("an interruption of a call that does not wait");
  }
  if (script.readable && !std::exchange(is_primed_, true)) enqueue(0, "?");
  const auto is_handled = [this](int signum) { return std::ranges::find(handled_, signum) != handled_.end(); };
  ScriptedAnswer answer = scripted_answer(script, receive, *world_, files_sent_, is_handled);
  files_sent_ += answer.planted;
  if (!answer.expected) {
    if (!finds_nothing(socket_, receive)) {
      answer.expected = received(socket_, receive, *world_);
    } else if (is_blocking(call) || may_time_out(call.timeout)) {
      throw Unpredictable("a script lets a call through that waits");
    } else {
      answer.expected = failing(would_block());
    }
  }
  answer.expected->unused_steps = answer.unused_steps;
  return std::move(*answer.expected);
}

// --- what is left ----------------------------------------------------------------------------------------------------

std::size_t ReceiveQueue::bytes() const {
  std::size_t bytes = 0;
  for (const SentMessage& message : socket_.queue) bytes += message.left();
  return bytes;
}

std::size_t ReceiveQueue::files() const {
  std::size_t files = 0;
  for (const SentMessage& message : socket_.queue) files += message.files.size();
  return files;
}

std::vector<Expected> predict(const Scenario& scenario, const ModelWorld& world) {
  ReceiveQueue queue(scenario.kind, world);
  std::vector<Expected> expected;
  for (const Step& step : scenario.steps) {
    if (std::optional<Expected> of_call = queue.apply(step)) expected.push_back(std::move(*of_call));
  }
  return expected;
}

}  // namespace recvinto::kit
