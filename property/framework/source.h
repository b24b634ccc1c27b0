#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>

#include "kit/values/split_mix.h"

namespace recvinto::property {

/// Random choices for generators. RapidCheck's own Random seeds one for each case; drawn from directly it would cost
/// more than the system calls that are tried.
class Source : public kit::SplitMix64 {
 public:
  using SplitMix64::SplitMix64;

  /// From 0 to `bound` - 1; 0 where there is nothing to choose from.
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// Both included.
  std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
  /// True once in `times` times.
  bool once_in(std::size_t times) { return below(times) == 0; }

  template <typename Choices>
  auto pick(const Choices& choices) {
    return *std::next(choices.begin(), static_cast<std::ptrdiff_t>(below(choices.size())));
  }
  template <typename Value>
  Value pick(std::initializer_list<Value> choices) {
    return choices.begin()[below(choices.size())];
  }
};

}  // namespace recvinto::property
