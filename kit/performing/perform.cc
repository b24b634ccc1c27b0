#include "kit/performing/perform.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include "kit/host/sockets.h"
#include "kit/host/wait_until.h"

namespace recvinto::kit {
namespace {

/// The suite itself has no deadline.
void require_something_to_receive(Stage& stage, const Call& call) {
  const int socket = stage.receiver();
  const bool waits = !call.timeout && (call.flags.value_or(0) & MSG_DONTWAIT) == 0;
  if (waits && !wait_until([socket] { return is_ready(socket, POLLIN | POLLERR | POLLHUP); })) {
    throw std::runtime_error("there is nothing that the suite itself could receive");
  }
}

/// For an error of the implementation's own; room that is too large is a question of the platform.
bool has_impossible_argument(const Call& call) {
  return call.ancbufsize.value_or(0) < 0 || !std::in_range<int>(call.flags.value_or(0));
}

}  // namespace

void perform(Stage& stage, const Step& step, std::vector<Observation>& observations) {
  if (const auto* by_the_suite = std::get_if<step::ReceiveByTheSuite>(&step)) {
    require_something_to_receive(stage, by_the_suite->call);
  }
  if (std::optional<Observation> seen = stage.act(step)) observations.push_back(*std::move(seen));
}

std::vector<Observation> perform(Stage& stage, const Scenario& scenario) {
  if (stage.kind() != scenario.kind) {
    throw std::invalid_argument(
        fmt::format("a scenario of {} cannot be performed on {}", scenario.kind.name, stage.kind().name));
  }
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    try {
      perform(stage, scenario.steps[i], observations);
    } catch (const Ended&) {
      throw;
    } catch (const std::exception& error) {
      throw CannotPerform(i, fmt::format("step {} ({}): {}", i + 1, describe(scenario.steps[i]), error.what()));
    }
  }
  return observations;
}

Capabilities needed_for(const Scenario& scenario) {
  const auto interrupts = [](const ScriptStep& step) {
    const auto* failure = std::get_if<answer::Failure>(&step.answer);
    return step.signum != 0 || (failure != nullptr && failure->number == EINTR);
  };
  Capabilities needed;
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<step::Start>(&step)) {
      needed = needed | needed_for(start->call);
      if (has_impossible_argument(start->call)) needed.insert(Capability::kArguments);
    }
    // What does not know signals does not go on after one either.
    const auto* play = std::get_if<step::Play>(&step);
    if (play != nullptr && std::ranges::any_of(play->script.steps, interrupts)) needed.insert(Capability::kSignals);
    if (std::holds_alternative<step::AskCmsgSizes>(step)) needed.insert(Capability::kCmsgSizes);
    if (const auto* handler = std::get_if<step::InstallHandler>(&step)) {
      needed.insert(handler->action == HandlerAction::kRaise ? Capability::kRaisingHandler : Capability::kSignals);
    }
  }
  return needed;
}

bool is_scripted(const Scenario& scenario) {
  return std::ranges::any_of(scenario.steps, [](const Step& step) { return std::holds_alternative<step::Play>(step); });
}

}  // namespace recvinto::kit
