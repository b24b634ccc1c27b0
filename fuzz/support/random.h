#pragma once

#include <cstddef>
#include <cstdint>

namespace recvinto::fuzz {

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere for the same seed, unlike the standard
/// library's distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /// From 0 to `limit` - 1, of which there has to be one.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }

  bool once_in(std::size_t times) { return below(times) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace recvinto::fuzz
