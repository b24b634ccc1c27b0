// The mutator of addresses: two bytes of length, then a family that is known and bytes that fit it, more or less.

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "fuzz/support/byte_mutator.h"
#include "fuzz/support/random.h"

namespace recvinto::fuzz {
namespace {

constexpr std::size_t kPrefix = 2;
constexpr std::size_t kSizeMost = kPrefix + sizeof(sockaddr_storage) + 8;

std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  Random random(seed);
  if (max_size < kPrefix + sizeof(sa_family_t) || random.once_in(4)) {
    return mutate_bytes(data, size, max_size, random);
  }
  const std::size_t most = std::min(max_size, kSizeMost);
  size = std::min(size, most);
  const auto fill = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) data[i] = static_cast<std::uint8_t>(random.next());
  };
  constexpr std::size_t kLengths[] = {2, 8, 16, 28, 110, 111, sizeof(sockaddr_storage)};
  switch (size <= kPrefix ? 0 : random.below(5)) {
    case 0:  // another address, of a length that some family has, or near it
      size = std::min(kPrefix + kLengths[random.below(std::size(kLengths))] + random.below(3), most);
      fill(0, size);
      [[fallthrough]];
    case 1: {
      constexpr sa_family_t kFamilies[] = {AF_UNIX, AF_INET, AF_INET6, AF_PACKET};
      const sa_family_t family = kFamilies[random.below(std::size(kFamilies))];
      if (size >= kPrefix + sizeof family) std::memcpy(data + kPrefix, &family, sizeof family);
      [[fallthrough]];
    }
    case 2:  // the length that the kernel claims: that of the bytes, or any
      data[0] = static_cast<std::uint8_t>(random.once_in(2) ? 0 : random.next());
      data[1] = static_cast<std::uint8_t>(random.once_in(4) ? 1 : 0);
      break;
    case 3:  // a NUL, or none
      data[kPrefix + random.below(size - kPrefix)] = static_cast<std::uint8_t>(random.below(2));
      break;
    default: {
      const std::size_t longer = kPrefix + random.below(most - kPrefix + 1);
      if (longer > size) fill(size, longer);
      size = longer;
    }
  }
  return size;
}

}  // namespace
}  // namespace recvinto::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return recvinto::fuzz::mutate(data, size, max_size, seed);
}

// The front of the one, the rest of the other.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t out_max, unsigned seed) {
  recvinto::fuzz::Random random(seed);
  const std::size_t front = std::min(random.below(one_size + 1), out_max);
  const std::size_t rest = other_size > front ? std::min(other_size, out_max) - front : 0;
  if (front != 0) std::memcpy(out, one, front);
  if (rest != 0) std::memcpy(out + front, other + front, rest);
  return front + rest;
}
