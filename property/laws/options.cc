// Socket options that make items, several at once. What no model can predict, as times, is compared with what the
// suite's own recvmsg(2) sees of the same message.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <variant>
#include <vector>

#include "kit/values/abi.h"
#include "kit/values/verdict.h"
#include "property/framework/answers.h"
#include "property/framework/options_of_times.h"
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

constexpr std::array kOptionKinds{kit::kUdp4, kit::kUdp6, kit::kUnixDatagram, kit::kUnixSeqpacket};
constexpr std::size_t kMostDataOfOptions = 300;
constexpr Family kPlainMessages{.kinds = kOptionKinds,
                                .descriptors = false,
                                .several_senders = false,
                                .peeks = false,
                                .ends = false,
                                .finds_nothing = false,
                                .overlaps = false,
                                .refusals = false};

/// No call that finds a message takes as long.
constexpr std::chrono::milliseconds kFarAway{1000};

Step any_option(const kit::SocketKind& kind, Source& source) {
  if (source.once_in(2)) return any_option_of_times(source);
  if (kind.is_udp()) return any_packet_option(kind, source);
  return step::SetOption{SOL_SOCKET, SO_PASSCRED, source.once_in(8) ? 0 : 1};
}

Call any_call_for(std::size_t data, Source& source, const World& world) {
  Call call{.buffers = buffers_for(data, source, world), .ancbufsize = source.once_in(4) ? any_room(source) : kPlenty};
  // Whether a call without room receives at all is another question.
  const bool has_room = kit::capacity(call.buffers) != 0 && call.buffers.size() <= kit::kIovMax;
  if (!has_room || overlap(call.buffers)) call.buffers = {kit::room(source.between(1, 40))};
  if (world.can(Capability::kFlags)) call.flags = source.pick({0, 0, int{MSG_TRUNC}, int{MSG_CMSG_CLOEXEC}});
  call.timeout = any_timeout(source, world);
  return call;
}

Scenario with_several_options(Source& source, const World& world) {
  if (world.model.abi != kit::kNativeAbi)
    throw kit::EnvironmentLacks("the suite's own recvmsg(2) lays out items for programs of another word size");
  Scenario scenario{any_kind(kOptionKinds, source, world), {}};
  for (std::size_t count = source.between(1, 4); count != 0; --count)
    scenario.steps.push_back(any_option(scenario.kind, source));
  for (std::size_t count = source.between(1, 3); count != 0; --count) {
    step::Send send{.data = any_data(source, kMostDataOfOptions)};
    Call call = any_call_for(send.data.size(), source, world);
    scenario.steps.emplace_back(std::move(send));
    add_call(scenario, std::move(call));
  }
  return scenario;
}

bool has_options_and_messages(const Scenario& scenario) {
  Scenario plain = scenario;
  std::erase_if(plain.steps, [](const Step& step) { return is_option_of_times(step); });
  return is_of(kPlainMessages, plain) && std::ranges::all_of(calls_of(scenario), [](const Call& call) {
           return call.ancbufsize && kit::capacity(call.buffers) != 0 && call.timeout.value_or(kFarAway) >= kFarAway;
         });
}

/// Before each call the suite peeks, with the same arguments.
std::vector<Scenario> and_peeked_at(const Scenario& scenario) {
  Scenario peeked{scenario.kind, {}};
  for (const Step& step : scenario.steps) {
    if (const auto* start = std::get_if<step::Start>(&step)) {
      Call peek = start->call;
      peek.flags = peek.flags.value_or(0) | MSG_PEEK | MSG_DONTWAIT;
      peek.timeout.reset();
      peeked.steps.emplace_back(step::ReceiveByTheSuite{std::move(peek)});
    }
    peeked.steps.push_back(step);
  }
  return {scenario, peeked};
}

Violation the_suite_saw_the_same(std::span<const Performance> performances, const World& world) {
  const Performance& performance = performances[1];
  std::vector<kit::Expected> expected;
  for (std::size_t i = 0; i < performance.answers.size(); ++i) {
    const Answer peeked{.call = performance.answers[i].call, .seen = performance.by_the_suite[i]};
    expected.push_back(same_as(peeked, world));
    if (!peeked.seen.error) expected.back().data = received_bytes(peeked);
  }
  return unlike(performance.answers, expected);
}

}  // namespace

std::vector<Law> option_laws() {
  using enum kit::Capability;
  return {
      {.name = "ItemsMatchThoseThatRecvmsgSees",
       .sentence =
           "Whatever options are set at once, a call reports the items that recvmsg(2) sees when it peeks at the same "
           "message, times among them.",
       .needs = {kAncillary, kAllItems, kAncbufsize},
       .is_comparable = false,
       .generate = with_several_options,
       .variants = and_peeked_at,
       .judge = the_suite_saw_the_same,
       .accepts = has_options_and_messages,
       .must_show = {"items", "cut items", "credentials", "several calls", "several buffers", "cut data"}},
  };
}

}  // namespace recvinto::property
