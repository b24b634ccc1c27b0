#pragma once

#include <cstdint>

namespace recvinto::kit {

/// Random numbers (SplitMix64 of Steele, Lea and Flood, 2014): cheap, and the same for the same seed everywhere, unlike
/// the distributions of the standard library.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace recvinto::kit
