#include "property/framework/performing.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <system_error>
#include <utility>
#include <variant>

#include "fixtures/stage/perform.h"
#include "fixtures/stage/sockets.h"
#include "property/framework/answers.h"

namespace recvinto::property {
namespace {

constexpr std::size_t kLanes = 12;

bool is_scripted(const std::vector<kit::Scenario>& variants) {
  return std::ranges::any_of(variants, [](const kit::Scenario& scenario) { return kit::is_scripted(scenario); });
}

/// Whether this host runs out of something that no call of an implementation's uses up.
bool is_the_hosts(const std::system_error& error) {
  constexpr std::array kOfTheHost{EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, ENFILE, ENOBUFS, ENOMEM, ENOSPC};
  return std::ranges::find(kOfTheHost, error.code().value()) != kOfTheHost.end();
}

}  // namespace

/// The stages of one implementation, on which cases are on their way at the same time.
class Performer::Lanes {
 public:
  Lanes(kit::Implementation& implementation, std::size_t count, const kit::ModelWorld& model)
      : implementation_(implementation), model_(model), lanes_(count), lives_(implementation.lives()) {}

  [[nodiscard]] std::size_t count() const { return lanes_.size(); }

  /// As many cases as there are lanes, at most. Those that did not come to an end because another one failed stay
  /// as they are in `done`, for another round.
  void perform(const std::vector<const std::vector<kit::Scenario>*>& cases, const std::vector<Performed*>& done) {
    implementation_.prepare();
    if (std::exchange(lives_, implementation_.lives()) != lives_) renew();
    waiting_.clear();
    for (std::size_t i = 0; i < cases.size(); ++i) lanes_[i].begin(*cases[i], *done[i]);
    for (std::size_t i = 0; i < cases.size(); ++i) go_on(lanes_[i]);
    while (!waiting_.empty()) {
      Lane& lane = *waiting_.front();
      waiting_.pop_front();
      go_on(lane);
      if (lane.done->failure) return;
    }
  }

 private:
  struct Lane {
    std::optional<kit::Stage> stage = {};
    const std::vector<kit::Scenario>* variants = nullptr;
    Performed* done = nullptr;
    std::size_t step = 0;
    std::vector<kit::Observation> observations = {};

    void begin(const std::vector<kit::Scenario>& variants_to_perform, Performed& result) {
      variants = &variants_to_perform;
      done = &result;
      done->performances.clear();
      begin_variant();
    }
    void begin_variant() {
      step = 0;
      observations.clear();
    }
    [[nodiscard]] const kit::Scenario* scenario() const {
      const std::size_t next = done->performances.size();
      return next < variants->size() ? &(*variants)[next] : nullptr;
    }
  };

  void renew() {
    for (Lane& lane : lanes_) lane.stage.reset();
  }

  /// Until the lane has a call on its way, or is through.
  void go_on(Lane& lane) {
    try {
      while (const kit::Scenario* scenario = lane.scenario()) {
        if (lane.step == 0) set(lane, *scenario);
        while (lane.step < scenario->steps.size()) {
          const kit::Step& step = scenario->steps[lane.step++];
          kit::perform(*lane.stage, step, lane.observations);
          if (std::holds_alternative<kit::step::Start>(step)) {
            waiting_.push_back(&lane);
            return;
          }
        }
        finish(lane, *scenario);
      }
    } catch (const kit::ImplementationFailure& failure) {
      if (failure.verdict() == kit::Verdict::kNotRun) throw;
      lane.done->failure = failure;
      implementation_.give_up();
    } catch (const kit::NoSocketLeft&) {
      implementation_.wear_out();  // this case is for the next round
      lane.begin(*lane.variants, *lane.done);
    } catch (const kit::EnvironmentLacks& lack) {
      lane.done->skipped = lack.what();
      lane.stage.reset();
    } catch (const std::system_error& error) {
      if (!implementation_.shares_descriptors() || is_the_hosts(error)) throw;
      // What was set up a moment ago cannot be gone but by its doing.
      lane.done->failure = kit::ImplementationFailure(kit::Verdict::kProtocol,
                                                      std::string("breaks the suite's own sockets: ") + error.what());
      lane.stage.reset();
    } catch (const kit::TookMore& error) {
      lane.done->failure = kit::ImplementationFailure(kit::Verdict::kProtocol,
                                                      std::string("breaks the suite's own sockets: ") + error.what());
      lane.stage.reset();
    } catch (const kit::Unsupported& unsupported) {
      lane.done->failure = kit::ImplementationFailure(kit::Verdict::kProtocol,
                                                      std::string("declares and then refuses: ") + unsupported.what());
      lane.stage.reset();
    }
  }

  void set(Lane& lane, const kit::Scenario& scenario) {
    if (!lane.stage) {
      lane.stage.emplace(implementation_, scenario.kind, implementation_.handshake().capabilities);
      lane.stage->keep_no_record();
    } else if (lane.stage->kind() != scenario.kind || !lane.stage->is_fresh()) {
      lane.stage->begin_again(scenario.kind);
    }
    if (lanes_.size() == 1 && !implementation_.has_few_sockets()) implementation_.prepare();
  }

  void finish(Lane& lane, const kit::Scenario& scenario) {
    Performance performance{.scenario = scenario, .world = model_};
    std::size_t senders = 0;
    auto observation = lane.observations.begin();
    for (const kit::Step& step : scenario.steps) {
      if (std::holds_alternative<kit::step::AddSender>(step)) ++senders;
      const auto* start = std::get_if<kit::step::Start>(&step);
      if (start == nullptr || observation == lane.observations.end()) continue;
      forget_numbers(*observation);
      performance.answers.push_back({start->call, std::move(*observation++)});
    }
    kit::ModelWorld& world = performance.world;
    world.knows_addresses = true;
    for (std::size_t i = 0; i < std::max<std::size_t>(senders, 1); ++i) {
      world.senders.push_back(lane.stage->address_of(i));
    }
    if (scenario.kind.is_inet()) world.receiver = kit::observed(kit::local_address(lane.stage->receiver()));
    lane.done->performances.push_back(std::move(performance));
    lane.stage->begin_again(scenario.kind);  // names that were bound are free for whoever performs the same elsewhere
    lane.begin_variant();
  }

  kit::Implementation& implementation_;
  const kit::ModelWorld& model_;
  std::vector<Lane> lanes_;
  std::deque<Lane*> waiting_;  // with a call on its way, in the order of their requests
  unsigned lives_;
};

Performer::Performer(kit::Implementation& plain, std::function<kit::Implementation&()> scripted, kit::ModelWorld model)
    : plain_(plain), scripted_(std::move(scripted)), model_(std::move(model)) {}
Performer::~Performer() = default;

Performer::Lanes& Performer::lanes_for(const std::vector<kit::Scenario>& variants) {
  if (plain_.shares_descriptors() || !is_scripted(variants)) {
    const bool is_pipelined =
        !plain_.shares_descriptors() && plain_.handshake().capabilities.contains(kit::Capability::kPipelining);
    if (!plain_lanes_) plain_lanes_ = std::make_unique<Lanes>(plain_, is_pipelined ? kLanes : 1, model_);
    return *plain_lanes_;
  }
  if (!scripted_lanes_) scripted_lanes_ = std::make_unique<Lanes>(scripted_(), 1, model_);
  return *scripted_lanes_;
}

Performed Performer::perform_one(const std::vector<kit::Scenario>& variants) {
  return std::move(perform(std::span(&variants, 1)).front());
}

std::vector<Performed> Performer::perform(std::span<const std::vector<kit::Scenario>> cases) {
  std::vector<Performed> all(cases.size());
  std::deque<std::size_t> waiting;
  for (std::size_t i = 0; i < cases.size(); ++i) waiting.push_back(i);
  while (!waiting.empty()) {
    std::vector<const std::vector<kit::Scenario>*> round;
    std::vector<Performed*> done;
    std::vector<std::size_t> numbers;
    Lanes& lanes = lanes_for(cases[waiting.front()]);
    while (!waiting.empty() && round.size() < lanes.count() && &lanes_for(cases[waiting.front()]) == &lanes) {
      numbers.push_back(waiting.front());
      round.push_back(&cases[waiting.front()]);
      done.push_back(&all[waiting.front()]);
      waiting.pop_front();
    }
    lanes.perform(round, done);
    for (std::size_t i = numbers.size(); i-- > 0;) {
      const bool is_through =
          done[i]->failure || !done[i]->skipped.empty() || done[i]->performances.size() == round[i]->size();
      if (!is_through) waiting.push_front(numbers[i]);
    }
  }
  return all;
}

}  // namespace recvinto::property
