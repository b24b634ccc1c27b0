// A target's own mutator as a library for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY): the four functions that it asks for
// (docs/custom_mutators.md of AFL++), on those that libFuzzer asks for.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "fuzz/support/random.h"

extern "C" {

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);
std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size, const std::uint8_t* other,
                                      std::size_t other_size, std::uint8_t* out, std::size_t out_max, unsigned seed);

namespace {

struct State {
  recvinto::fuzz::Random random;
  std::vector<std::uint8_t> out;
};

}  // namespace

__attribute__((visibility("default"))) void* afl_custom_init(void* /*afl*/, unsigned seed) {
  return new State{recvinto::fuzz::Random(seed), {}};
}

__attribute__((visibility("default"))) std::size_t afl_custom_fuzz(void* data, std::uint8_t* input, std::size_t size,
                                                                   std::uint8_t** out, std::uint8_t* other,
                                                                   std::size_t other_size, std::size_t max_size) {
  State& state = *static_cast<State*>(data);
  state.out.resize(max_size);
  *out = state.out.data();
  const auto seed = static_cast<unsigned>(state.random.next());
  if (other != nullptr && other_size != 0 && state.random.once_in(4)) {
    return LLVMFuzzerCustomCrossOver(input, size, other, other_size, *out, max_size, seed);
  }
  if (size > max_size) size = max_size;
  if (size != 0) std::memcpy(*out, input, size);
  return LLVMFuzzerCustomMutator(*out, size, max_size, seed);
}

__attribute__((visibility("default"))) void afl_custom_deinit(void* data) {
  delete static_cast<State*>(data);
}
}
