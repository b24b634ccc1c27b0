#include "property/framework/performing.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>
#include <variant>

#include "kit/host/sockets.h"
#include "kit/performing/perform.h"
#include "property/framework/answers.h"

namespace recvinto::property {
namespace {

bool is_scripted(const std::vector<kit::Scenario>& variants) {
  return std::ranges::any_of(variants, [](const kit::Scenario& scenario) { return kit::is_scripted(scenario); });
}

/// Some wait is answered by a script, which takes a process that is supervised.
bool has_scripted_waits(const std::vector<kit::Scenario>& variants) {
  return std::ranges::any_of(variants, [](const kit::Scenario& scenario) {
    return std::ranges::any_of(scenario.steps, [](const kit::Step& step) {
      const auto* play = std::get_if<kit::step::Play>(&step);
      return play != nullptr && !play->script.waits.empty();
    });
  });
}

bool is_sent_nothing(const kit::Scenario& scenario) {
  return std::ranges::none_of(scenario.steps,
                              [](const kit::Step& step) { return std::holds_alternative<kit::step::Send>(step); });
}

/// To be performed at once: more than one, of concurrent calls alone.
bool are_concurrent(const std::vector<kit::Scenario>& variants) {
  return variants.size() > 1 && std::ranges::all_of(variants, [](const kit::Scenario& scenario) {
           return std::ranges::all_of(scenario.steps, [](const kit::Step& step) {
             const auto* start = std::get_if<kit::step::Start>(&step);
             return start == nullptr || start->call.concurrent;
           });
         });
}

/// The implementation's process cannot be used any more.
bool is_of_the_process(kit::Cause cause) {
  return cause == kit::Cause::kEnded || cause == kit::Cause::kTimedOut || cause == kit::Cause::kMalformedReply;
}

std::vector<const kit::Call*> calls_in(const kit::Scenario& scenario) {
  std::vector<const kit::Call*> calls;
  for (const kit::Step& step : scenario.steps) {
    if (const auto* start = std::get_if<kit::step::Start>(&step)) calls.push_back(&start->call);
  }
  return calls;
}

/// Nothing of the case is left for another round.
bool is_through(const Performed& performed, const std::vector<kit::Scenario>& variants) {
  return performed.ended || performed.performances.size() == variants.size();
}

bool ends_the_run(kit::Cause cause) {
  return cause == kit::Cause::kInterrupted || cause == kit::Cause::kCannotStart;
}

}  // namespace

/// The stages of one implementation, on which cases are on their way at the same time.
class Performer::Slots {
 public:
  Slots(kit::Implementation& implementation, std::size_t count, const kit::ModelWorld& model)
      : implementation_(implementation),
        model_(model),
        slots_(count),
        generation_(implementation.sockets().generation()) {}

  [[nodiscard]] std::size_t count() const { return slots_.size(); }

  /// As many cases as there are slots, at most. Those that did not end because another one failed stay
  /// as they are in `done`, for another round. `at_once`: they are the variants of one case, of concurrent calls.
  void perform(const std::vector<const std::vector<kit::Scenario>*>& cases, const std::vector<Performed*>& done,
               bool is_given, bool at_once = false) {
    is_given_ = is_given;
    share_a_socket_ = at_once && std::ranges::all_of(cases.begin() + 1, cases.end(), [](const auto* variants) {
                        return is_sent_nothing(variants->front());
                      });
    if (share_a_socket_) renew();
    prepare();
    if (std::exchange(generation_, implementation_.sockets().generation()) != generation_) renew();
    waiting_.clear();
    last_ = nullptr;
    for (std::size_t i = 0; i < cases.size(); ++i) slots_[i].begin(*cases[i], *done[i]);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (share_a_socket_ && i != 0 && !is_begun(slots_.front())) break;  // data are sent behind the first
      go_on(slots_[i]);
    }
    while (!waiting_.empty()) {
      Slot& slot = next_waiting();
      go_on(slot);
      if (slot.done->ended && is_of_the_process(slot.done->ended->cause)) return;
    }
    if (std::exchange(share_a_socket_, false)) renew();
    conclude();
  }

 private:
  struct Slot {
    std::optional<kit::Stage> stage = {};
    const std::vector<kit::Scenario>* variants = nullptr;
    Performed* done = nullptr;
    std::size_t step = 0;
    std::vector<kit::Observation> observations = {};
    std::vector<kit::Observation> by_the_suite = {};

    void begin(const std::vector<kit::Scenario>& variants_to_perform, Performed& result) {
      variants = &variants_to_perform;
      done = &result;
      done->performances.clear();
      begin_variant();
    }
    void begin_variant() {
      step = 0;
      observations.clear();
      by_the_suite.clear();
    }
    [[nodiscard]] const kit::Scenario* scenario() const {
      const std::size_t next = done->performances.size();
      return next < variants->size() ? &(*variants)[next] : nullptr;
    }
  };

  static bool is_begun(const Slot& slot) { return !slot.done->ended && slot.step != 0; }

  /// Of concurrent calls the last one ends first, while those before it wait. On one socket the first, behind which
  /// data are sent.
  Slot& next_waiting() {
    const kit::Scenario& scenario = *waiting_.back()->scenario();
    const auto* start = std::get_if<kit::step::Start>(&scenario.steps[waiting_.back()->step - 1]);
    const bool is_concurrent = start != nullptr && start->call.concurrent && !share_a_socket_;
    Slot& slot = is_concurrent ? *waiting_.back() : *waiting_.front();
    is_concurrent ? waiting_.pop_back() : waiting_.pop_front();
    return slot;
  }

  void renew() {
    for (Slot& slot : slots_) slot.stage.reset();
  }

  /// Until the slot has a call on its way, or is through.
  void go_on(Slot& slot) {
    try {
      while (const kit::Scenario* scenario = slot.scenario()) {
        if (slot.step == 0) set(slot, *scenario);
        if (slot.step == 0 && share_a_socket_ && &slot != slots_.data())
          slot.stage->share_socket_of(*slots_.front().stage);
        last_ = &slot;
        while (slot.step < scenario->steps.size()) {
          const kit::Step& step = scenario->steps[slot.step++];
          if (const auto* by_the_suite = std::get_if<kit::step::ReceiveByTheSuite>(&step)) {
            slot.by_the_suite.push_back(slot.stage->receive_by_the_suite(by_the_suite->call));
            continue;
          }
          kit::perform(*slot.stage, step, slot.observations);
          if (std::holds_alternative<kit::step::Start>(step)) {
            waiting_.push_back(&slot);
            return;
          }
        }
        finish(slot, *scenario);
      }
    } catch (const kit::NoSocketLeft&) {
      implementation_.sockets().mark_sockets_exhausted();  // this case is for the next round
      slot.begin(*slot.variants, *slot.done);
    } catch (...) {
      end(slot, kit::outcome_of_current_exception(
                    {.is_given = is_given_, .shares_descriptors = implementation_.process().shares_descriptors()}));
      if (ends_the_run(slot.done->ended->cause)) throw;
    }
  }

  /// An end behind the last reply of these cases is that of the case which had it.
  void conclude() {
    if (last_ == nullptr) return;
    try {
      implementation_.conclude();
    } catch (...) {
      kit::Outcome outcome = kit::outcome_of_current_exception(
          {.is_given = is_given_, .shares_descriptors = implementation_.process().shares_descriptors()});
      if (ends_the_run(outcome.cause)) throw;
      implementation_.mark_untrusted();
      Performed& done = *last_->done;
      if (done.ended && done.ended->is_failure()) return;
      if (!done.ended && !done.performances.empty()) {
        for (const Answer& answer : done.performances.back().answers) outcome.history.emplace_back(answer.seen);
      }
      done.ended = std::move(outcome);
    }
  }

  void end(Slot& slot, kit::Outcome outcome) {
    const kit::Scenario* scenario = slot.scenario();
    const bool is_of_the_step = outcome.cause == kit::Cause::kCannotPerform || outcome.is_suite_fault();
    if (is_of_the_step && scenario != nullptr && slot.step > 0) {
      outcome.reason =
          fmt::format("step {} ({}): {}", slot.step, kit::describe(scenario->steps[slot.step - 1]), outcome.reason);
    }
    for (const kit::Observation& seen : slot.observations) outcome.history.emplace_back(seen);
    const bool waits = std::ranges::count_if(outcome_steps(slot), [](const kit::Step& step) {
                         return std::holds_alternative<kit::step::Start>(step);
                       }) > std::ssize(slot.observations);
    // An answer that is still to come must not be taken for that of another case.
    if (waits || is_of_the_process(outcome.cause)) implementation_.mark_untrusted();
    slot.done->ended = std::move(outcome);
    slot.stage.reset();
  }

  /// Those that were performed, or begun.
  static std::span<const kit::Step> outcome_steps(const Slot& slot) {
    const kit::Scenario* scenario = slot.scenario();
    return scenario == nullptr ? std::span<const kit::Step>() : std::span(scenario->steps).first(slot.step);
  }

  /// A start that fails is tried again until the implementation says that it is enough.
  void prepare() {
    for (;;) {
      try {
        return implementation_.prepare();
      } catch (const kit::ImplementationFailure& failure) {
        if (ends_the_run(failure.cause())) throw;
        implementation_.mark_untrusted();
      }
    }
  }

  void set(Slot& slot, const kit::Scenario& scenario) {
    if (!slot.stage) {
      slot.stage.emplace(implementation_, scenario.kind, implementation_.handshake().capabilities);
      slot.stage->keep_no_record();
    } else if (slot.stage->kind() != scenario.kind || !slot.stage->is_fresh()) {
      slot.stage->begin_again(scenario.kind);
    }
    if (slots_.size() == 1 && !implementation_.sockets().has_few_sockets()) prepare();
  }

  void finish(Slot& slot, const kit::Scenario& scenario) {
    Performance performance{
        .scenario = scenario, .world = model_, .by_the_suite = std::exchange(slot.by_the_suite, {})};
    std::size_t senders = 0;  // that were added; beside them there may be the peer
    auto observation = slot.observations.begin();
    for (const kit::Step& step : scenario.steps) {
      if (std::holds_alternative<kit::step::AddSender>(step)) ++senders;
      const auto* start = std::get_if<kit::step::Start>(&step);
      if (start == nullptr || observation == slot.observations.end()) continue;
      forget_numbers(*observation);
      performance.answers.push_back({start->call, std::move(*observation++)});
    }
    kit::ModelWorld& world = performance.world;
    world.knows_addresses = true;
    for (std::size_t i = 0; i <= senders; ++i) world.senders.push_back(slot.stage->address_of(i));
    if (scenario.kind.is_inet()) world.receiver = kit::observed(kit::local_address(slot.stage->receiver()));
    slot.done->performances.push_back(std::move(performance));
    // Names that were bound are free for the next performance elsewhere; a shared socket is still another's.
    if (!share_a_socket_) slot.stage->begin_again(scenario.kind);
    slot.begin_variant();
  }

  kit::Implementation& implementation_;
  const kit::ModelWorld& model_;
  std::vector<Slot> slots_;
  std::deque<Slot*> waiting_;  // with a call on its way, in the order of their requests
  Slot* last_ = nullptr;       // that performed a step, in this round
  unsigned generation_;
  bool is_given_ = false;
  bool share_a_socket_ = false;
};

Performer::Performer(kit::Implementation& plain, std::function<kit::Implementation&()> scripted, kit::ModelWorld model)
    : plain_(plain), scripted_(std::move(scripted)), model_(std::move(model)) {}
Performer::~Performer() = default;

Performer::Slots& Performer::slots_for(const std::vector<kit::Scenario>& variants) {
  if (!has_scripted_waits(variants) && (plain_.process().shares_descriptors() || !is_scripted(variants))) {
    const bool is_pipelined = !plain_.process().shares_descriptors() &&
                              plain_.handshake().capabilities.contains(kit::Capability::kPipelining);
    if (!plain_slots_) plain_slots_ = std::make_unique<Slots>(plain_, is_pipelined ? kMostAtOnce : 1, model_);
    return *plain_slots_;
  }
  if (!scripted_slots_) scripted_slots_ = std::make_unique<Slots>(scripted_(), 1, model_);
  return *scripted_slots_;
}

Performer::Slots* Performer::slots_or_end(const std::vector<kit::Scenario>& variants, Performed& performed) {
  try {
    return &slots_for(variants);
  } catch (...) {
    performed.ended = kit::outcome_of_current_exception();
    if (ends_the_run(performed.ended->cause)) throw;
    return nullptr;
  }
}

Performed Performer::perform_one(const std::vector<kit::Scenario>& variants, bool is_given) {
  return std::move(perform(std::span(&variants, 1), is_given).front());
}

Performed Performer::perform_at_once(const std::vector<kit::Scenario>& variants, bool is_given) {
  if (!concurrent_slots_) concurrent_slots_ = std::make_unique<Slots>(plain_, variants.size(), model_);
  std::vector<std::vector<kit::Scenario>> alone;
  for (const kit::Scenario& variant : variants) alone.push_back({variant});
  std::vector<Performed> parts(variants.size());
  std::vector<const std::vector<kit::Scenario>*> cases;
  std::vector<Performed*> done;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    cases.push_back(&alone[i]);
    done.push_back(&parts[i]);
  }
  concurrent_slots_->perform(cases, done, is_given, /*at_once=*/true);
  Performed whole;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    Performed& part = parts[i];
    if (part.ended) {
      whole.ended = std::move(part.ended);
      return whole;
    }
    if (part.performances.empty()) return whole;
    const Performance& performance = part.performances.front();
    Performance& kept = whole.performances.emplace_back(
        Performance{.scenario = variants[i], .world = performance.world, .by_the_suite = performance.by_the_suite});
    const std::vector<const kit::Call*> calls = calls_in(variants[i]);
    for (std::size_t j = 0; j < performance.answers.size(); ++j)
      kept.answers.push_back({*calls[j], performance.answers[j].seen});
  }
  return whole;
}

std::vector<Performed> Performer::perform(std::span<const std::vector<kit::Scenario>> cases, bool is_given,
                                          const std::function<void()>& goes_on) {
  std::vector<Performed> all(cases.size());
  std::deque<std::size_t> waiting;
  for (std::size_t i = 0; i < cases.size(); ++i) waiting.push_back(i);
  while (!waiting.empty()) {
    if (are_concurrent(cases[waiting.front()])) {
      const std::vector<kit::Scenario>& variants = cases[waiting.front()];
      Performed& performed = all[waiting.front()];
      performed = perform_at_once(variants, is_given);
      if (is_through(performed, variants)) waiting.pop_front();
      if (goes_on) goes_on();
      continue;
    }
    std::vector<const std::vector<kit::Scenario>*> round;
    std::vector<Performed*> done;
    std::vector<std::size_t> numbers;
    Slots* const slots = slots_or_end(cases[waiting.front()], all[waiting.front()]);
    if (slots == nullptr) {
      waiting.pop_front();
      continue;
    }
    while (!waiting.empty() && round.size() < slots->count() && !are_concurrent(cases[waiting.front()]) &&
           slots_or_end(cases[waiting.front()], all[waiting.front()]) == slots) {
      numbers.push_back(waiting.front());
      round.push_back(&cases[waiting.front()]);
      done.push_back(&all[waiting.front()]);
      waiting.pop_front();
    }
    slots->perform(round, done, is_given);
    if (goes_on) goes_on();
    for (std::size_t i = numbers.size(); i-- > 0;) {
      if (!is_through(*done[i], *round[i])) waiting.push_front(numbers[i]);
    }
  }
  return all;
}

}  // namespace recvinto::property
