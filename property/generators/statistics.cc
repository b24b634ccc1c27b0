#include "property/generators/statistics.h"

#include <fmt/format.h>

#include <numeric>
#include <span>
#include <variant>

#include "property/framework/campaign.h"
#include "property/framework/subject.h"

namespace recvinto::property {
namespace {

std::span<const SizeClass> classes_of(Statistics::Quantity quantity) {
  if (quantity == Statistics::Quantity::kBuffers) return kCountClasses;
  return kSizeClasses;
}

std::size_t length_of(const kit::Buffer& buffer) {
  return buffer.to.value_or(buffer.size) - buffer.from;
}

}  // namespace

void Statistics::note(Quantity quantity, std::size_t size) {
  const std::size_t size_class = quantity == Quantity::kBuffers ? class_of_count(size) : class_of_size(size);
  ++counts_[static_cast<std::size_t>(quantity)][size_class];
}

void Statistics::add(const kit::Scenario& scenario) {
  for (const kit::Step& step : scenario.steps) {
    if (const auto* send = std::get_if<kit::step::Send>(&step)) note(Quantity::kSentData, send->data.size());
    if (const auto* play = std::get_if<kit::step::Play>(&step)) {
      for (const kit::ScriptStep& one : play->script.steps) {
        const auto* result = std::get_if<kit::answer::Result>(&one.answer);
        if (result != nullptr) note(Quantity::kScriptedData, result->data.size());
      }
    }
    const auto* start = std::get_if<kit::step::Start>(&step);
    if (start == nullptr) continue;
    const kit::Call& call = start->call;
    for (const kit::Buffer& buffer : call.buffers) note(Quantity::kBuffer, length_of(buffer));
    note(Quantity::kRoomForData, kit::capacity(call.buffers));
    note(Quantity::kBuffers, call.buffers.size());
    if (call.ancbufsize && *call.ancbufsize >= 0) {
      note(Quantity::kRoomForItems, static_cast<std::size_t>(*call.ancbufsize));
    }
  }
}

std::uint64_t Statistics::count(Quantity quantity, std::size_t size_class) const {
  return counts_[static_cast<std::size_t>(quantity)][size_class];
}

std::uint64_t Statistics::total(Quantity quantity) const {
  const auto& counts = counts_[static_cast<std::size_t>(quantity)];
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::string Statistics::text() const {
  std::string lines;
  for (const Quantity quantity : kQuantities) {
    const std::uint64_t all = total(quantity);
    lines += fmt::format("{} ({})\n", name(quantity), all);
    const std::span<const SizeClass> classes = classes_of(quantity);
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const double share = all == 0 ? 0 : 100 * static_cast<double>(count(quantity, i)) / static_cast<double>(all);
      lines += fmt::format("  {:16} {:9}  {:7.3f} %\n", classes[i].name, count(quantity, i), share);
    }
  }
  return lines;
}

std::string_view name(Statistics::Quantity quantity) {
  using enum Statistics::Quantity;
  switch (quantity) {
    case kSentData:
      return "bytes of data in a send";
    case kScriptedData:
      return "bytes of data in an answer of a script";
    case kBuffer:
      return "bytes of room in a buffer";
    case kRoomForData:
      return "bytes of room in all buffers of a call";
    case kRoomForItems:
      return "ancbufsize of a call";
    case kBuffers:
      return "buffers of a call";
  }
  return "";
}

Statistics statistics_of(const std::vector<const Law*>& laws, std::uint64_t seed, std::uint64_t cases,
                         const World& world) {
  Statistics statistics;
  for (const Law* law : laws) {
    if (!why_not(*law, world).empty()) continue;
    for (std::uint64_t number = 0; number < cases; ++number) {
      statistics.add(generated(*law, seed_of(seed, *law, number), world));
    }
  }
  return statistics;
}

}  // namespace recvinto::property
