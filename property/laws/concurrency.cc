// Two receives at a time, on threads of their own: on sockets of their own, and on one.

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "kit/oracle/receive_queue.h"
#include "property/framework/answers.h"
#include "property/generators/buffers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::Call;
using kit::Capability;
using kit::Scenario;
using kit::Step;
namespace step = kit::step;

constexpr std::size_t kMostData = 300;
/// Far longer than the suite leaves a call without its data.
constexpr std::chrono::milliseconds kLong{10'000};

Call any_concurrent_call(std::size_t data, Source& source, const World& world) {
  Call call{.buffers = buffers_for(data, source, world), .concurrent = true};
  // Whether a call without room waits at all is another question.
  const bool has_room = kit::capacity(call.buffers) != 0 && call.buffers.size() <= kit::kIovMax;
  if (!has_room || overlap(call.buffers)) call.buffers = {kit::room(source.between(1, 40))};
  if (world.can(Capability::kAncbufsize)) call.ancbufsize = source.once_in(3) ? any_room(source) : kPlenty;
  if (world.can(Capability::kFlags)) call.flags = source.pick({0, 0, int{MSG_CMSG_CLOEXEC}, int{MSG_TRUNC}});
  if (world.can(Capability::kTimeout) && source.once_in(4)) call.timeout = kLong;
  return call;
}

kit::Bytes any_bytes(std::size_t length, Source& source) {
  kit::Bytes bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>(source.next());
  return bytes;
}

step::Send any_send(const kit::SocketKind& kind, std::size_t senders, Source& source, const World& world) {
  step::Send send{.data = any_data(source, kMostData)};
  if (send.data.empty()) send.data.assign(1, '?');
  if (senders > 1) send.sender = source.below(senders);
  const bool has_files = kind.is_unix() && world.can(Capability::kRights);
  if (has_files && source.once_in(2)) send.files = source.between(1, 3);
  return send;
}

/// Calls that wait, each for a message of its own: the other one of the two is on its way meanwhile.
Scenario any_waiting_calls(Source& source, const World& world) {
  Scenario scenario{any_kind(kit::kEveryKind, source, world), {}};
  const kit::SocketKind& kind = scenario.kind;
  std::size_t senders = 1;
  if ((kind.is_udp() || kit::kUnixDatagram == kind) && source.once_in(2)) {
    senders = 2;
    for (std::size_t i = 0; i < senders; ++i) scenario.steps.emplace_back(step::AddSender{});
  }
  if (kind.is_unix() && world.reports(kCredentialsItem) && source.once_in(3)) {
    scenario.steps.emplace_back(step::SetOption{SOL_SOCKET, SO_PASSCRED, 1});
  }
  std::size_t left = 0;  // of a stream: a call that finds it does not wait
  for (std::size_t calls = source.between(1, 3); calls != 0 && left == 0; --calls) {
    step::Send send = any_send(kind, senders, source, world);
    Call call = any_concurrent_call(send.data.size(), source, world);
    if (kind.is_stream()) left = send.data.size() - std::min(send.data.size(), kit::capacity(call.buffers));
    scenario.steps.emplace_back(step::Start{std::move(call)});
    scenario.steps.emplace_back(std::move(send));
    scenario.steps.emplace_back(step::Finish{});
  }
  return scenario;
}

/// Of another message in another list of buffers, with other room and other flags.
Scenario another(const Scenario& scenario) {
  Scenario other = with_calls(scenario, [](Call& call, std::size_t) {
    call.buffers = {kit::room(1), kit::room(kit::capacity(call.buffers) + 3)};
    if (call.ancbufsize) call.ancbufsize = *call.ancbufsize == kPlenty ? 0 : kPlenty;
    if (call.flags) *call.flags ^= MSG_CMSG_CLOEXEC;
  });
  for (Step& step : other.steps) {
    auto* send = std::get_if<step::Send>(&step);
    if (send == nullptr) continue;
    for (char& byte : send->data) byte = static_cast<char>(~byte);
    std::ranges::reverse(send->data);
  }
  return other;
}

Scenario with_one_buffer(const Scenario& scenario) {
  return with_calls(scenario, [](Call& call, std::size_t) { call.buffers = {kit::room(kit::capacity(call.buffers))}; });
}

std::vector<Scenario> two_at_a_time(const Scenario& scenario) {
  const auto calls = calls_of(scenario);
  const bool is_narrow = std::ranges::all_of(calls, [](const Call& call) { return call.buffers.size() == 1; });
  return {scenario, is_narrow ? with_one_buffer(another(scenario)) : another(scenario)};
}

Violation each_is_as_it_is_alone(std::span<const Performance> performances, const World& world) {
  for (const Performance& performance : performances) {
    if (Violation violation = unlike_the_model(performance, world)) {
      const bool is_first = &performance == performances.data();
      return kit::located(*std::move(violation), is_first ? "beside another call" : "in the call beside it");
    }
  }
  return std::nullopt;
}

/// Each call begins before its message is sent, and ends behind it.
bool is_of_waiting_calls(const Scenario& scenario) {
  bool is_called = false;
  bool is_sent = false;
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<step::Start>(&step)) {
      const bool fits = start->call.concurrent && is_plain(start->call) && kit::capacity(start->call.buffers) != 0 &&
                        !overlap(start->call.buffers) && start->call.timeout.value_or(kLong) == kLong && !is_called;
      if (!fits) return false;
      is_called = true;
      is_sent = false;
    } else if (const auto* send = std::get_if<step::Send>(&step)) {
      if (!is_called || is_sent || send->data.empty() || send->data.size() > kMostData || !send->control.empty())
        return false;
      is_sent = true;
    } else if (std::holds_alternative<step::Finish>(step)) {
      if (!is_sent || !std::exchange(is_called, false)) return false;
    } else if (!std::holds_alternative<step::AddSender>(step) && !std::holds_alternative<step::SetOption>(step)) {
      return false;
    }
  }
  return !is_called && !calls_of(scenario).empty();
}

// On one socket: the scenario's call, behind which all is sent, and another one beside it.

/// More than either call takes: there is something for both.
constexpr std::size_t kMoreRoom = 4;

Call beside(const Call& call) {
  Call other = call;
  const std::size_t capacity = kit::capacity(call.buffers);
  other.buffers = {kit::room(capacity + kMoreRoom)};
  if (call.buffers.size() > 1) other.buffers = {kit::room(capacity), kit::room(kMoreRoom)};
  return other;
}

Scenario any_shared_socket(Source& source, const World& world) {
  Scenario scenario{any_kind(kit::kEveryKind, source, world), {}};
  const std::size_t length = source.between(1, kMostData);
  Call call = any_concurrent_call(length, source, world);
  call.flags.reset();
  if (kit::capacity(call.buffers) > kMostData) call.buffers = {kit::room(length)};
  const std::size_t capacity = kit::capacity(call.buffers);
  scenario.steps.emplace_back(step::Start{std::move(call)});
  if (scenario.kind.is_stream()) {
    scenario.steps.emplace_back(step::Send{.data = any_bytes(capacity + kMoreRoom + source.between(1, 20), source)});
  } else {
    for (int i = 0; i < 2; ++i)
      scenario.steps.emplace_back(step::Send{.data = any_bytes(source.between(1, kMostData), source)});
  }
  scenario.steps.emplace_back(step::Finish{});
  return scenario;
}

std::vector<kit::Bytes> sent_in(const Scenario& scenario) {
  std::vector<kit::Bytes> messages;
  for (const Step& step : scenario.steps) {
    if (const auto* send = std::get_if<step::Send>(&step)) messages.push_back(send->data);
  }
  return messages;
}

bool is_of_a_shared_socket(const Scenario& scenario) {
  const auto is_plain_send = [](const Step& step) {
    const auto* send = std::get_if<step::Send>(&step);
    return send != nullptr && *send == step::Send{.data = send->data} && !send->data.empty();
  };
  const std::vector<Call> calls = calls_of(scenario);
  const std::vector<kit::Bytes> sent = sent_in(scenario);
  if (calls.size() != 1 || sent.empty() || scenario.steps.size() != sent.size() + 2) return false;
  const Call& call = calls[0];
  const std::size_t capacity = kit::capacity(call.buffers);
  const bool is_for_both =
      scenario.kind.is_stream() ? sent.size() == 1 && sent[0].size() > capacity + kMoreRoom : sent.size() == 2;
  return is_for_both && call.concurrent && is_plain(call) && capacity != 0 && !call.flags &&
         call.buffers.size() <= kit::kIovMax && !overlap(call.buffers) && call.timeout.value_or(kLong) == kLong &&
         std::holds_alternative<step::Start>(scenario.steps.front()) &&
         std::holds_alternative<step::Finish>(scenario.steps.back()) &&
         std::all_of(scenario.steps.begin() + 1, scenario.steps.end() - 1, is_plain_send);
}

std::vector<Scenario> two_on_a_socket(const Scenario& scenario) {
  return {scenario, {scenario.kind, {step::Start{beside(calls_of(scenario)[0])}, step::Finish{}}}};
}

/// Whether it received that, or as much of it as its buffers have room for.
bool received(const Answer& answer, const kit::Bytes& data) {
  return kit::agrees(answer.call, answer.seen, {.data = data.substr(0, kit::capacity(answer.call.buffers))});
}

Violation each_byte_is_received_once(std::span<const Performance> performances, const World& /*world*/) {
  const Answer& one = performances[0].answers[0];
  const Answer& other = performances[1].answers[0];
  const std::vector<kit::Bytes> sent = sent_in(performances[0].scenario);
  const auto share = [&](const Answer& first, const Answer& second) {
    if (sent.size() == 2) return received(first, sent[0]) && received(second, sent[1]);
    const std::size_t taken = std::min(sent[0].size(), kit::capacity(first.call.buffers));
    return received(first, sent[0]) && received(second, sent[0].substr(taken));
  };
  if (share(one, other) || share(other, one)) return std::nullopt;
  return difference("what two calls received of " + kit::readable(sent[0]) +
                        (sent.size() == 2 ? " and " + kit::readable(sent[1]) : ""),
                    "each its part",
                    kit::readable(received_bytes(one)) + " and " + kit::readable(received_bytes(other)));
}

}  // namespace

std::vector<Law> concurrency_laws() {
  using enum kit::Capability;
  return {
      {.name = "CallsAtATimeAreIndependent",
       .sentence =
           "Of two calls that wait at a time, on threads and sockets of their own, each returns what it returns "
           "alone.",
       .needs = {kConcurrent},
       .generate =
           [](Source& source, const World& world) {
             const Scenario scenario = any_waiting_calls(source, world);
             return world.can(kScatter) ? scenario : with_one_buffer(scenario);
           },
       .variants = two_at_a_time,
       .judge = each_is_as_it_is_alone,
       .accepts = is_of_waiting_calls,
       .must_show = {"several calls", "several buffers", "descriptors", "credentials", "cut data", "several senders"}},
      {.name = "CallsOnASocketShareItsData",
       .sentence =
           "Of two calls that wait on one socket at a time, one receives what comes first and the other one what comes "
           "behind it, each byte and each message once.",
       .needs = {kConcurrent},
       .is_comparable = false,
       .generate =
           [](Source& source, const World& world) {
             const Scenario scenario = any_shared_socket(source, world);
             return world.can(kScatter) ? scenario : with_one_buffer(scenario);
           },
       .variants = two_on_a_socket,
       .judge = each_byte_is_received_once,
       .accepts = is_of_a_shared_socket,
       .must_show = {"several sends", "several buffers", "cut data"}},
  };
}

}  // namespace recvinto::property
