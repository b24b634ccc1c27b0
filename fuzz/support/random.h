#pragma once

#include <cstddef>

#include "kit/values/split_mix.h"

namespace recvinto::fuzz {

/// Random choices of mutators.
class Random : public kit::SplitMix64 {
 public:
  using SplitMix64::SplitMix64;

  /// From 0 to `limit` - 1, of which there has to be one.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }

  bool once_in(std::size_t times) { return below(times) == 0; }
};

}  // namespace recvinto::fuzz
