#include "kit/tests/predicted_performance.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "kit/host/sockets.h"
#include "kit/oracle/receive_queue.h"
#include "kit/performing/perform.h"
#include "kit/performing/stage.h"

namespace recvinto::kit {
namespace {

/// As the model has them: their numbers are not promised.
void forget_descriptor_numbers(Observation& seen) {
  if (!seen.ancdata) return;
  for (AncillaryItem& item : *seen.ancdata) {
    if (item.level == SOL_SOCKET && item.type == SCM_RIGHTS) item.data.assign(item.data.size(), '\xff');
  }
}

}  // namespace

Performance perform_and_predict(Implementation& implementation, const Scenario& scenario, ModelWorld world) {
  implementation.prepare();
  Stage stage(implementation, scenario.kind, {kEveryCapability.begin(), kEveryCapability.end()});
  std::vector<Observation> seen = perform(stage, scenario);
  Performance performance;
  std::size_t senders = 0;
  for (const Step& step : scenario.steps) {
    if (std::holds_alternative<step::AddSender>(step)) ++senders;
    const auto* begun = std::get_if<step::Start>(&step);
    if (begun == nullptr) continue;
    performance.answers.push_back({begun->call, std::move(seen.at(performance.answers.size()))});
  }
  for (Answer& answer : performance.answers) forget_descriptor_numbers(answer.seen);
  const int receiver = stage.receiver();
  for (std::size_t i = 0; i < std::max<std::size_t>(senders, 1); ++i) world.senders.push_back(stage.address_of(i));
  if (scenario.kind.is_inet()) world.receiver = observed(local_address(receiver));
  world.knows_addresses = true;
  performance.expected = predict(scenario, world);
  return performance;
}

}  // namespace recvinto::kit
