#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "property/framework/law.h"
#include "property/generators/sizes.h"

namespace recvinto::property {

/// What sizes scenarios have: so that it can be seen, and asserted, what a law is tried on.
class Statistics {
 public:
  enum class Quantity { kSentData, kScriptedData, kBuffer, kRoomForData, kRoomForItems, kBuffers };
  static constexpr std::array kQuantities{Quantity::kSentData,    Quantity::kScriptedData, Quantity::kBuffer,
                                          Quantity::kRoomForData, Quantity::kRoomForItems, Quantity::kBuffers};

  void add(const kit::Scenario& scenario);

  /// How many there were of the class: an index into kSizeClasses, of Quantity::kBuffers into kCountClasses.
  [[nodiscard]] std::uint64_t count(Quantity quantity, std::size_t size_class) const;
  [[nodiscard]] std::uint64_t total(Quantity quantity) const;
  /// A table: a line for each class of each quantity, with its number and its share.
  [[nodiscard]] std::string text() const;

 private:
  void note(Quantity quantity, std::size_t size);

  std::array<std::array<std::uint64_t, kSizeClasses.size()>, kQuantities.size()> counts_ = {};
};
static_assert(kCountClasses.size() <= kSizeClasses.size());

/// "data of a send".
std::string_view name(Statistics::Quantity quantity);

/// Of the first `cases` cases of each law with this seed, as a campaign generates them.
Statistics statistics_of(const std::vector<const Law*>& laws, std::uint64_t seed, std::uint64_t cases,
                         const World& world);

}  // namespace recvinto::property
