// How much room there is for ancillary data.

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "property/framework/answers.h"
#include "property/generators/scenarios.h"
#include "property/laws/laws.h"

namespace recvinto::property {
namespace {

using kit::AncillaryItem;
using kit::Call;
using kit::Scenario;

constexpr std::array kKindsWithItems{kit::kUnixStream, kit::kUnixDatagram, kit::kUnixSeqpacket, kit::kUdp4, kit::kUdp6};

constexpr Family kWithItems{
    .kinds = kKindsWithItems, .least_sends = 1, .peeks = false, .ends = false, .refusals = false};

std::vector<Scenario> and_with_plenty_of_room(const Scenario& scenario) {
  return {scenario, with_calls(scenario, [](Call& call, std::size_t) { call.ancbufsize = kPlenty; })};
}

bool is_cut_of(const AncillaryItem& shorter, const AncillaryItem& item) {
  return shorter.level == item.level && shorter.type == item.type && item.data.starts_with(shorter.data);
}

bool is_prefix(const std::vector<AncillaryItem>& shorter, const std::vector<AncillaryItem>& items) {
  if (shorter.size() > items.size()) return false;
  if (shorter.empty()) return true;
  return std::equal(shorter.begin(), shorter.end() - 1, items.begin()) &&
         is_cut_of(shorter.back(), items[shorter.size() - 1]);
}

Violation prefix_violation(const Answer& narrow, const Answer& plenty, const World& world) {
  if (narrow.seen.error || plenty.seen.error) {
    return narrow.seen.error.has_value() == plenty.seen.error.has_value()
               ? std::nullopt
               : Violation(difference("error", "the same with every size of the control buffer", "only with one"));
  }
  if (received_bytes(narrow) != received_bytes(plenty)) {
    return difference("data", kit::readable(received_bytes(plenty)), kit::readable(received_bytes(narrow)));
  }
  if (!narrow.seen.ancdata || !plenty.seen.ancdata) return std::nullopt;
  std::vector<AncillaryItem> narrow_items = *narrow.seen.ancdata;
  std::vector<AncillaryItem> all_items = *plenty.seen.ancdata;
  forget_ports(narrow_items);
  forget_ports(all_items);
  if (!is_prefix(narrow_items, all_items)) {
    kit::Expected all = same_as(plenty, world);
    all.nbytes.reset();
    all.msg_flags.reset();
    return kit::located(kit::differences_in(kit::compare(narrow.call, narrow.seen, all)),
                        "with a shorter control buffer, of which what fits is expected");
  }
  const bool is_cut = narrow_items != all_items;
  const bool is_reported = ((narrow.seen.msg_flags.value_or(0) & MSG_CTRUNC) != 0);
  if (narrow.seen.msg_flags && is_cut && !is_reported) {
    return difference("msg_flags", "MSG_CTRUNC, for items are missing or cut", "without MSG_CTRUNC");
  }
  if (narrow.seen.stray_descriptors != 0) {
    return difference("left open, unreported", "0 descriptors",
                      fmt::format("{} descriptors", narrow.seen.stray_descriptors));
  }
  return std::nullopt;
}

Violation sees_a_prefix(std::span<const Performance> performances, const World& world) {
  for (std::size_t i = 0; i < performances[0].answers.size(); ++i) {
    if (Violation violation = prefix_violation(performances[0].answers[i], performances[1].answers[i], world)) {
      return in_call(i, *violation);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Law> control_laws() {
  using enum kit::Capability;
  return {
      {.name = "ShorterControlBufferReceivesAPrefix",
       .sentence = "With a smaller control buffer the data is the same, and the items are a prefix, the last one cut.",
       .needs = {kAncillary, kAncbufsize},
       .generate = [](Source& source, const World& world) { return any_scenario(kWithItems, source, world); },
       .variants = and_with_plenty_of_room,
       .judge = sees_a_prefix,
       .accepts = [](const Scenario& scenario) { return is_of(kWithItems, scenario); },
       .must_show = {"items", "cut items", "descriptors"}},
  };
}

}  // namespace recvinto::property
