#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace recvinto::property {

/// Random choices for generators: cheap (SplitMix64), and the same for the same seed everywhere. RapidCheck's own
/// Random seeds one for each case; drawn from directly it would cost more than the system calls that are tried.
class Source {
 public:
  explicit Source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
    return z ^ (z >> 31U);
  }

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

 private:
  std::uint64_t state_;
};

}  // namespace recvinto::property
