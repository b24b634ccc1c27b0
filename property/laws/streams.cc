// Bytes without boundaries.

#include <algorithm>

#include "property/framework/answers.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"
#include "property/generators/sizes.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Scenario;
using kit::Step;

/// All sends, and then calls with room for a part each.
Scenario sent_and_then_received(Source& source, const World& world) {
  Scenario scenario{any_kind(kit::kStreamKinds, source, world), {}};
  const std::size_t most = longest_message(scenario.kind);
  std::size_t sent = 0;
  for (std::size_t count = source.between(1, 5); count != 0; --count) {
    kit::Bytes data = any_data(source, most - std::min(sent, most));
    if (data.empty()) data.assign(1, '?');
    sent += data.size();
    scenario.steps.emplace_back(kit::step::Send{.data = std::move(data)});
  }
  for (std::size_t count = source.between(1, 5); count != 0; --count) {
    const bool is_large = sent > 255 && source.once_in(2);
    const std::size_t room = is_large ? size_at_an_edge(source, sent) : source.between(1, 30);
    Call call{.buffers = partition_of(room, source, world, 8), .timeout = std::chrono::milliseconds(0)};
    add_call(scenario, std::move(call));
  }
  return scenario;
}

std::vector<Scenario> and_received_at_once(const Scenario& scenario) {
  Scenario at_once{scenario.kind, {}};
  std::size_t room = 0;
  for (const Step& step : scenario.steps) {
    if (std::holds_alternative<kit::step::Send>(step)) at_once.steps.push_back(step);
  }
  for (const Call& call : calls_of(scenario)) room += kit::capacity(call.buffers);
  add_call(at_once, {.buffers = {kit::room(room)}, .timeout = std::chrono::milliseconds(0)});
  return {scenario, at_once};
}

Violation parts_are_the_whole(std::span<const Performance> performances, const World& /*world*/) {
  kit::Bytes parts;
  for (const Answer& answer : performances[0].answers) parts += received_bytes(answer);
  const kit::Bytes whole = received_bytes(performances[1].answers[0]);
  if (parts == whole) return std::nullopt;
  return difference("data", kit::readable(whole), kit::readable(parts));
}

constexpr Family kPlainBytes{.kinds = kit::kStreamKinds,
                             .descriptors = false,
                             .credentials = false,
                             .several_senders = false,
                             .peeks = false,
                             .ends = false,
                             .refusals = false};

/// Nothing but sends, followed by nothing but calls. Flags may discard what is received (tcp(7), MSG_TRUNC).
bool is_sent_and_then_received(const Scenario& scenario) {
  if (!is_of(kPlainBytes, scenario)) return false;
  const std::vector<Call> calls = calls_of(scenario);
  if (std::ranges::any_of(calls, [](const Call& call) { return call.flags.value_or(0) != 0; })) return false;
  bool received = false;
  for (const Step& step : scenario.steps) {
    const auto* send = std::get_if<kit::step::Send>(&step);
    if (send != nullptr && (received || send->data.empty())) return false;
    if (send == nullptr) received = true;
  }
  return !scenario.steps.empty() && std::holds_alternative<kit::step::Send>(scenario.steps.front());
}

}  // namespace

std::vector<Law> stream_laws() {
  using enum kit::Capability;
  return {
      {.name = "ReceivingInPartsEqualsReceivingOnce",
       .sentence = "What several calls receive of a stream is what one call with their room together receives.",
       .needs = {kNonblocking},
       .generate = sent_and_then_received,
       .variants = and_received_at_once,
       .judge = parts_are_the_whole,
       .accepts = is_sent_and_then_received,
       .must_show = {"several calls", "several sends"}},
  };
}

}  // namespace recvinto::property
